/** Every kind of mail, in every language, as the spam filters of Debian see it at their defaults: rspamd and SpamAssassin. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { mailLinks } from "#src/config/links.js";
import { ReportSums } from "#src/core/report.js";
import { createRenderer } from "#src/mail/render.js";
import { createReportRenderer } from "#src/mail/report.js";
import type { TemplateFiles } from "#src/mail/template-part.js";
import { templateSamples } from "#src/mail/template-samples.js";
import { createTemplates, type Templates } from "#src/mail/templates.js";
import {
  type Digest,
  type Hiding,
  hidden,
  type MailContent,
  type MailLink,
  type RenderedMail,
} from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { type SpamFilters, startSpamFilters } from "#test/support/spam-filters.js";

/** Spam begins at 5 (SpamAssassin) and 6 (rspamd, a header) points. */
const POINTS_MAX = 0.5;

const TO = ["kim@ops.example", "lee@ops.example"];
const FROM = { name: "경보 알림", address: "alerts@example.com" };
const LANGUAGES = [
  { locale: "ko", timezone: "Asia/Seoul" },
  { locale: "en", timezone: "UTC" },
] as const;

const skip = whyNoDebianRoot();
let filters: SpamFilters | undefined;
before(async () => {
  if (skip === undefined) filters = await startSpamFilters();
});
after(() => filters?.close());

const FOLDED = templateSamples().find(({ name }) => name === "a folded mail")?.content as Digest;

/** `MAIL_LINKS`: a board, a ticket in Hangul, and whatever a producer names. */
const LINKS = parsedLinks(
  "Dashboard=https://grafana.example.com/d/device?var-device={deviceId}&from={windowStart}&to={windowEnd};" +
    "작업 요청=https://desk.example.com/new?title={type}&severity={severity};Runbook={labels.runbook};Camera={labels.camera}",
);

function parsedLinks(text: string): readonly MailLink[] {
  const links = mailLinks.parse(text);
  assert.ok(links.ok, "MAIL_LINKS");
  return links.value;
}

/** Each alert with many labels, some of its own. */
function labelled(content: MailContent): MailContent {
  if ("devices" in content)
    return {
      ...content,
      devices: content.devices.map(({ digest, summary }) => ({ digest: labelledDigest(digest), summary })),
    };
  return labelledDigest(content);
}

const labelledDigest = (digest: Digest): Digest => ({
  ...digest,
  listed: digest.listed.map((one, index) => ({ ...one, alert: { ...one.alert, labels: labelsOf(index) } })),
});

const labelsOf = (index: number): Readonly<Record<string, string>> => ({
  site: "busan-2",
  건물: "2공장",
  floor: "B1",
  owner: "heating@ops.example",
  runbook: `https://wiki.example.com/runbooks/${index % 3}?lang=ko`,
  camera: `https://camera-${index % 4}.example.com:8443/live`,
  slot: String(index),
});

const shipped = async (name: string) => {
  const path = `templates/${name}.eta`;
  return { path, text: await readFile(path, "utf8") };
};

const templatesOf = (files: TemplateFiles): Templates | undefined =>
  createTemplates({
    files,
    maxBytes: 1_000_000,
    onFailure: ({ path, reason }) => assert.fail(`${path}: ${reason}`),
  });

/** One line of 300 octets. */
const ASCII = "Call the plant before you drive there. ".repeat(8).trim();

const OWN_TEMPLATES: Readonly<Record<string, () => Promise<Templates | undefined>>> = {
  "with the subject and the HTML that come as templates": async () =>
    templatesOf({
      subject: await shipped("steady-subject"),
      text: undefined,
      html: await shipped("branded.html"),
    }),
  "by templates in ASCII": async () =>
    templatesOf({
      subject: undefined,
      text: {
        path: "text.eta",
        text: `Alerts: <%= it.count %>\n\n${ASCII}\n`,
      },
      html: { path: "html.eta", text: `<p class="x">Alerts: <b><%= it.count %></b></p>\n<p>${ASCII}</p>\n` },
    }),
};

for (const language of LANGUAGES) {
  const renderer = (templates?: Templates) => createRenderer({ from: FROM, ...language, templates });

  for (const { name, content } of templateSamples()) {
    passes(`${language.locale}: ${name}`, () => renderer().render(content, everybody(...TO)));
    passes(`${language.locale}: ${name}, to hidden recipients`, () =>
      renderer().render(content, hidden(everybody(...TO))),
    );
    if (!/everything|folded|fleet/.test(name)) continue;
    for (const [made, of] of Object.entries(OWN_TEMPLATES))
      passes(`${language.locale}: ${name}, ${made}`, async () =>
        renderer(await of()).render(content, everybody(...TO)),
      );
  }

  for (const { name, content } of templateSamples().filter(({ name }) => /everything|folded|fleet/.test(name)))
    passes(`${language.locale}: ${name}, with labels, links and the live page`, () => {
      const because = [{ kind: "route", number: 2, name: "보일러실" }] as const;
      const linked = createRenderer({ from: FROM, ...language, links: LINKS, livePage: "https://alerts.example.com/" });
      return linked.render(labelled(content), { ...everybody(...TO), because });
    });

  passes(`${language.locale}: a folded mail with the short templates that come with it`, async () => {
    const short = { text: await shipped("short.txt"), html: await shipped("short.html") };
    return renderer(templatesOf({ subject: undefined, ...short })).render(FOLDED, everybody(...TO));
  });

  passes(`${language.locale}: a folded mail with its CSV file`, () => {
    return renderer().render(FOLDED, everybody(...TO), { alerts: FOLDED.listed, unread: 120, beyond: 0 });
  });

  for (const hideRecipients of ["never", "always"] as const)
    passes(`${language.locale}: the daily report${hideRecipients === "always" ? " to hidden recipients" : ""}`, () =>
      report(language, hideRecipients),
    );
}

function report({ locale, timezone }: (typeof LANGUAGES)[number], hideRecipients: Hiding): RenderedMail {
  const sums = new ReportSums();
  const mail = { deviceName: undefined, critical: 0, accepted: true, deadLettered: false, devices: 1, seconds: 2 };
  sums.mail({ ...mail, deviceId: "boiler", deviceName: "Boiler 1", alerts: 12, critical: 3 });
  sums.mail({ ...mail, deviceId: "펌프", alerts: 1, accepted: false, deadLettered: true });
  const toMs = Date.parse("2026-11-21T00:00:00Z");
  return createReportRenderer({
    from: FROM,
    replyTo: undefined,
    envelopeFrom: undefined,
    hideRecipients,
    locale,
    timezone,
    group: "alert-digest",
  }).render(sums.report({ day: "2026-11-21", fromMs: toMs - 86_400_000, toMs }), TO);
}

function passes(what: string, render: () => RenderedMail | Promise<RenderedMail>): void {
  test(`not taken for spam: ${what}`, { skip }, async () => {
    assert.ok(filters);
    const { raw, from } = await render();
    const arrived = asArrived(raw);
    const verdicts = {
      rspamd: await filters.rspamd(arrived, { from, to: TO }),
      spamAssassin: await filters.spamAssassin(arrived),
    };
    for (const [filter, { score, rules }] of Object.entries(verdicts))
      assert.ok(score <= POINTS_MAX, `${filter} gives ${score}: ${rules.join(", ")}\n${arrived}`);
  });
}

/** As it comes to the recipients' server: sent a moment ago, by one relay. */
function asArrived(raw: Buffer): Buffer {
  const now = new Date().toUTCString().replace("GMT", "+0000");
  const received = `Received: from mail.example.com (mail.example.com [93.184.216.34])\r\n\tby mx.ops.example (Postfix) with ESMTPS id 4T2B1X0Z;\r\n\t${now}\r\n`;
  return Buffer.from(received + raw.toString("latin1").replace(/^Date: .*$/m, `Date: ${now}`), "latin1");
}

test("each filter finds spam in what is spam", { skip }, async () => {
  assert.ok(filters);
  const gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
  const spam = asArrived(
    Buffer.from(`From: <a@example.com>\r\nTo: <b@example.com>\r\nDate: x\r\nSubject: x\r\n\r\n${gtube}\r\n`),
  );
  assert.ok((await filters.spamAssassin(spam)).score >= 5);
  assert.ok((await filters.rspamd(spam, { from: "a@example.com", to: TO })).score >= 5);
});
