import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { createRenderer } from "#src/mail/render.js";
import type { TemplateFailure, TemplateFiles } from "#src/mail/template-part.js";
import { createTemplateReport } from "#src/mail/template-report.js";
import { createTemplates } from "#src/mail/templates.js";
import type { MailContent } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { VirtualClock } from "#test/support/virtual-clock.js";
import { alert, digest, listed } from "./digest.js";
import { fleet } from "./fleet.js";

const TO = everybody("kim@ops.test");
const LOOK = { from: mailboxOf("alerts@example.com"), locale: "en", timezone: "UTC" } as const;

interface Setup {
  readonly maxBytes?: number;
}

const rendererOf = (texts: { readonly [part in keyof TemplateFiles]?: string }, setup: Setup = {}) => {
  const failures: (TemplateFailure & { readonly device: string })[] = [];
  const file = (part: keyof TemplateFiles) => {
    const text = texts[part];
    return text === undefined ? undefined : { path: `/etc/${part}.eta`, text };
  };
  const templates = createTemplates({
    files: { subject: file("subject"), text: file("text"), html: file("html") },
    maxBytes: setup.maxBytes ?? 1_000_000,
    onFailure: (failure, device) => failures.push({ ...failure, device }),
  });
  const renderer = createRenderer({ ...LOOK, templates });
  const parsed = async (content: MailContent) => {
    const mail = renderer.render(content, TO);
    return { mail, ...(await PostalMime.parse(mail.raw)) };
  };
  return { failures, parsed, renderer };
};

const builtIn = createRenderer(LOOK);
const plain = await PostalMime.parse(builtIn.render(digest(), TO).raw);

test("each part comes from its template, the others are built in", async () => {
  const { parsed, failures } = rendererOf({
    subject: "<%= it.device.name %> has <%= it.count %>\n",
    html: "<p><%= it.alerts[0].message %></p>",
  });
  const email = await parsed(digest({ deviceName: "A & B", listed: [listed(1042, { message: "<hot>" })] }));
  assert.equal(email.subject, "A & B has 1");
  assert.equal(email.mail.subject, "A & B has 1");
  assert.equal(email.html?.trim(), "<p>&lt;hot&gt;</p>");
  assert.match(email.text ?? "", /<hot>/);
  assert.deepEqual(failures, []);
});

test("the sentence is the built-in mail's first line, of a fleet too, where the first device is over and another is not", async () => {
  const over = digest({
    deviceId: "a",
    listed: [listed(1, { severity: "critical", status: "resolved", type: "HOT" })],
  });
  const warm = digest({ deviceId: "b", listed: [listed(2, { severity: "warning", type: "WARM" })] });
  for (const content of [over, warm, fleet([over, warm]), fleet([warm])]) {
    const built = await PostalMime.parse(builtIn.render(content, TO).raw);
    const { parsed } = rendererOf({
      text: "<%= it.sentence %>\n<%= it.device.name %>\n<%= it.summary.headline.type %>",
    });
    const [sentence, name, type] = ((await parsed(content)).text ?? "").split(/\r?\n/);
    assert.deepEqual([sentence, name], (built.text ?? "").split(/\r?\n/).slice(0, 2));
    assert.ok(sentence?.endsWith(`(${type})`), sentence);
  }
});

test("what the built-in first line is made of is there part by part, and the sentence is made of it", async () => {
  const hot = { type: "HOT", value: 36.2, threshold: 35, unit: "°C" };
  const goesOn = digest({ deviceId: "a", listed: [listed(1, hot)] });
  const bare = digest({ deviceId: "b", listed: [listed(2, { severity: "info" })] });
  const over = digest({ deviceId: "c", listed: [listed(3, hot), listed(9, { ...hot, status: "resolved" })] });
  const parts =
    "<%= it.sentence %>\n<%= it.status %>\n<%= it.quote %>\n<%= it.what %>\n<%= it.measurement %>\n<%= it.device.name %>\n|";
  for (const content of [goesOn, bare, over, fleet([over, goesOn])]) {
    const [sentence, status = "", quote, what, measurement, name] = (
      (await rendererOf({ text: parts }).parsed(content)).text ?? ""
    ).split(/\r?\n/);
    const about = "devices" in content ? `${name}: ` : "";
    assert.equal(sentence, `${about}${status}: ${quote}${what === "" ? "" : ` (${what}, ${measurement})`}`);
    assert.ok(status.includes(content === over ? "resolved" : "still firing"), status);
  }
});

test("the subject by severity that comes as a template names what fires, and not what is over beside it", async () => {
  const subject = readFileSync(new URL("../../../templates/severity-subject.eta", import.meta.url), "utf8");
  const { parsed } = rendererOf({ subject });
  const over = digest({ listed: [listed(1, { status: "resolved", type: "DOOR_OPEN" })] });
  const beside = { types: 1, worst: "critical", since: undefined } as const;
  assert.match((await parsed(over)).subject ?? "", / - DOOR_OPEN$/);
  assert.match(
    (await parsed({ ...over, beside })).subject ?? "",
    /^\[(심각|Critical)\] freezer-3 - (다른 유형 1개 발생 중|1 other type still firing)$/,
  );
});

test("until when it went on is known once it is over, also where the last alert is not listed", async () => {
  const text =
    "<%= it.summary.state %> <%= it.summary.since %> <%= it.summary.until %> <%= it.summary.untilAt %> <%= it.status %>";
  const over = digest({ listed: [listed(1, { type: "HOT" }), listed(4, { type: "HOT", status: "resolved" })] });
  const seen = over.listed.map(({ eventTime }) => new Date(eventTime).toISOString());
  const [since = "", until = ""] = seen.map((at) => at.slice(0, 19).replace("T", " "));
  const said = (state: string, end: string, status: string) =>
    `${state} ${since} ${end} ${end.replace(" ", "T")}.000Z ${status}`;
  const told = ((await rendererOf({ text }).parsed(over)).text ?? "").trim();
  assert.equal(told, said("resolved", until, `Warning, resolved at ${until.slice(11)}, began at ${since.slice(11)}`));
  const last = over.windowEnd - 1_000;
  const folded = foldedAlerts(
    { count: 3, bySeverity: { critical: 0, warning: 3, info: 0 }, byType: new Map([["HOT", 3]]), otherTypes: 0 },
    last,
  );
  const goesOn = digest({ listed: over.listed.slice(0, 1), count: 4, folded });
  const end = new Date(last).toISOString().slice(0, 19).replace("T", " ");
  assert.equal(
    ((await rendererOf({ text }).parsed(goesOn)).text ?? "").trim(),
    said("firing", end, `Warning, still firing since ${since.slice(11)}`),
  );
});

test("without templates nothing changes", () => {
  const { renderer } = rendererOf({});
  assert.ok(renderer.render(digest(), TO).raw.equals(builtIn.render(digest(), TO).raw));
});

for (const [name, text, reason] of [
  ["it throws", "<% throw new Error('no') %>", /^Error: no$/],
  ["it returns no text", "<% return 1 %>", /^it returns number, not a string$/],
  ["it returns nothing", "<% %>\n \n", /^it returns an empty/],
  ["it returns too much", "<%= 'x'.repeat(100_000) %>", /half of MAIL_MAX_SIZE/],
  ["what it returns is too much as it is encoded", "<%= '가'.repeat(20_000) %>", /half of MAIL_MAX_SIZE/],
] as const) {
  test(`a part whose template fails is the built-in one, the mail is whole: ${name}`, async () => {
    for (const part of ["subject", "text", "html"] as const) {
      if (part === "subject" && name.includes("encoded")) continue;
      const { parsed, failures } = rendererOf({ [part]: text }, { maxBytes: 100_000 });
      const email = await parsed(digest());
      assert.deepEqual([email.subject, email.text, email.html], [plain.subject, plain.text, plain.html]);
      assert.equal(failures.length, 1);
      const [failure] = failures;
      assert.match(failure?.reason ?? "", reason);
      assert.deepEqual([failure?.part, failure?.path, failure?.device], [part, `/etc/${part}.eta`, "freezer-3"]);
    }
  });
}

test("a template that fails on one device's mail is there for the next", async () => {
  const { parsed, failures } = rendererOf({ subject: "<%= it.alerts[0].labels.site.trim() %>" });
  assert.equal((await parsed(digest())).subject, plain.subject);
  assert.equal((await parsed(digest({ listed: [listed(1, { labels: { site: "busan" } })] }))).subject, "busan");
  assert.equal(failures.length, 1);
});

const HOSTILE = fc.oneof(
  anyText({ minLength: 1, maxLength: 400 }),
  fc.constantFrom(
    "a\r\nBcc: evil@x.test\r\n\r\nbody",
    "\u202egnp",
    "\ud800",
    "=?UTF-8?Q?x?=",
    "\0",
    "x".repeat(5_000),
    "\u2028",
  ),
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;

test("whatever a subject template returns is one harmless line, and no header more", async () => {
  const names = plain.headers.map(({ key }) => key);
  await fc.assert(
    fc.asyncProperty(HOSTILE, async (text) => {
      const { parsed } = rendererOf({
        subject: "<%= it.alerts[0].raw %>".replace("it.alerts[0].raw", JSON.stringify(`s${text}`)),
      });
      const email = await parsed(digest());
      assert.deepEqual(
        email.headers.map(({ key }) => key),
        names,
      );
      assert.equal(email.subject, email.mail.subject);
      assert.ok((email.subject ?? "").length <= 251);
      assert.doesNotMatch(email.mail.subject, UNSAFE);
      assert.ok(
        email.mail.raw
          .toString("latin1")
          .split("\r\n")
          .every((line) => line.length <= 998),
      );
    }),
    { numRuns: 100 },
  );
});

test("what records say cannot leave its place in an HTML template", async () => {
  const evil = `</p><script>alert(1)</script>"' onload='x'`;
  const { parsed } = rendererOf({ html: `<p title="<%= it.device.name %>"><%= it.alerts[0].message %></p>` });
  const { html = "" } = await parsed(digest({ deviceName: evil, listed: [listed(1, { message: evil })] }));
  assert.equal(html.match(/</g)?.length, 2);
  assert.equal(html.match(/"/g)?.length, 2);
});

test("a failure is always counted, and told once a minute for each line", async () => {
  const counted: string[] = [];
  const lines: object[] = [];
  const clock = new VirtualClock(0);
  const report = createTemplateReport({
    metrics: { templateFailed: (part) => counted.push(part) },
    log: { warn: (fields) => lines.push(fields) },
    clock,
  });
  const failure = { part: "text", path: "/etc/t.eta", line: 3, reason: "Error: no" } as const;
  for (let i = 0; i < 5; i++) report(failure, `device-${i}`);
  report({ ...failure, line: 4 }, "other");
  await clock.advance(60_000);
  report(failure, "later");
  assert.equal(counted.length, 7);
  const told = { part: "text", path: "/etc/t.eta", line: 3, reason: "Error: no" };
  assert.deepEqual(lines, [
    { ...told, device: "device-0" },
    { ...told, line: 4, device: "other" },
    { ...told, device: "later", suppressed: 4 },
  ]);
});

test("a template sees what is in the mail and nothing that could change it", () => {
  assert.equal(alert().status, "firing");
  const { renderer, failures } = rendererOf({ subject: "<% it.alerts.push(1) %>x", text: "<%= it.alerts.length %>" });
  renderer.render(digest(), TO);
  assert.deepEqual(
    failures.map(({ part, reason }) => [part, /not extensible/.test(reason)]),
    [["subject", true]],
  );
});
