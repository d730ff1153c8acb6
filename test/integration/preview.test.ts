/** `alert-digest preview` as its users run it: alerts in, files out, everything that is wrong told with its line. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import PostalMime from "postal-mime";
import { runCli } from "#test/support/run-cli.js";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

const desk = async (t: TestContext) => {
  const folder = await mkdtemp(join(tmpdir(), "alert-digest-preview-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const out = join(folder, "out");
  const file = async (name: string, content: string | readonly object[]): Promise<string> => {
    const text = typeof content === "string" ? content : content.map((line) => JSON.stringify(line)).join("\n");
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  return {
    folder,
    out,
    file,
    read: (name: string) => readFile(join(out, name)),
    preview: (args: readonly string[], env: Record<string, string> = {}) =>
      runCli(["preview", "--out", out, ...args], env),
  };
};

const alert = (deviceId: string, second: number, fields: object = {}) => ({
  deviceId,
  message: `too warm at ${second}`,
  occurredAt: `2026-11-21T00:00:${String(second).padStart(2, "0")}Z`,
  ...fields,
});

describe("alert-digest preview", { concurrency: 3 }, () => {
  test("without any configuration a sample is shown, the files say the same as the message", async (t) => {
    const { preview, read, out } = await desk(t);
    const { code, stdout, stderr } = await preview(["--locale", "en", "--timezone", "America/New_York"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual((await readdir(out)).sort(), ["mail.eml", "mail.html", "mail.txt", "preview.html"]);
    const email = await PostalMime.parse(await read("mail.eml"));
    const normal = (text: string | undefined) => text?.replaceAll("\r\n", "\n").trimEnd();
    assert.equal(normal(email.text), normal(String(await read("mail.txt"))));
    assert.equal(normal(email.html), normal(String(await read("mail.html"))));
    assert.equal(email.from?.address, "alerts@example.com");
    assert.match(stdout, /Subject: \[Alert\] Server room 3F - 5 alerts/);
    assert.ok(stdout.includes(join(out, "preview.html")));
    assert.match(stdout, /Air conditioner 2 does not answer/);
    assert.match(email.text ?? "", /America\/New_York/);
    assert.match(String(await read("preview.html")), /Air conditioner 2 does not answer/);
  });

  test("only its user may read what it writes, also over a file that others could read", async (t) => {
    const { preview, out } = await desk(t);
    await mkdir(out);
    await writeFile(join(out, "mail.eml"), "old", { mode: 0o644 });
    assert.equal((await preview([])).code, 0);
    for (const name of await readdir(out)) assert.equal((await stat(join(out, name))).mode & 0o077, 0, name);
  });

  test("alerts of a file: one mail for each device, numbered in the order they come", async (t) => {
    const { preview, file, read, out } = await desk(t);
    const lines = [alert("pump-2", 1), alert("boiler-7", 2, { deviceName: "Boiler 7" }), alert("pump-2", 31)];
    const { code, stdout } = await preview(["--alerts", await file("a.jsonl", lines)], { MAIL_LOCALE: "en" });
    assert.equal(code, 0);
    assert.equal((await readdir(out)).length, 8);
    const first = await PostalMime.parse(await read("mail-1.eml"));
    assert.match(first.subject ?? "", /pump-2 - 2 alerts/);
    assert.match(first.text ?? "", /too warm at 1\b[\s\S]*too warm at 31\b/);
    assert.match(String(await read("mail-2.txt")), /Boiler 7/);
    assert.match(stdout, /preview-1\.html[\s\S]*preview-2\.html/);
  });

  test("DIGEST_BY=recipient: all devices in one mail, with the templates that come with the product", async (t) => {
    const { preview, file, read, out } = await desk(t);
    const lines = [alert("pump-2", 1), ...[1, 2, 3, 4, 5].map((n) => alert("boiler-7", n, { severity: "critical" }))];
    const shipped = (name: string) => fileURLToPath(new URL(`../../templates/${name}`, import.meta.url));
    const { code, stderr } = await preview(["--alerts", await file("a.jsonl", lines), "--locale", "en"], {
      DIGEST_BY: "recipient",
      MAIL_SUBJECT_TEMPLATE: shipped("steady-subject.eta"),
      MAIL_TEXT_TEMPLATE: shipped("short.txt.eta"),
      MAIL_HTML_TEMPLATE: shipped("branded.html.eta"),
    });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual((await readdir(out)).sort(), ["mail.eml", "mail.html", "mail.txt", "preview.html"]);
    const { subject, text, html } = await PostalMime.parse(await read("mail.eml"));
    assert.equal(subject, "[Alert] boiler-7 and 1 more");
    assert.match(text ?? "", /^boiler-7 and 1 other device: Critical, still firing since 09:00:01\r?\n/);
    assert.match(html ?? "", /boiler-7[\s\S]*2 more, counted only[\s\S]*pump-2/);
  });

  test("with routes each mail is as its readers get it, and says who they are by which route", async (t) => {
    const { preview, file, read, out } = await desk(t);
    const routes = await file(
      "routes.yaml",
      `version: 1
routes:
  - { name: archive, bcc: archive@example.com, continue: true }
  - { match: { device: "pump-*" }, to: jan@example.nl, locale: en, timezone: Europe/Amsterdam, from: Pumps <pumps@example.com> }
`,
    );
    const path = await file("a.jsonl", [alert("pump-2", 1), alert("boiler-7", 2)]);
    const env = { ROUTES_FILE: routes, MAIL_FROM: "Alerts <alerts@example.org>", MAIL_LOCALE: "ko" };
    const { code, stdout, stderr } = await preview(["--alerts", path], env);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal((await readdir(out)).length, 12);
    const [korean, english] = await Promise.all(
      ["mail-1.eml", "mail-2.eml"].map(async (name) => PostalMime.parse(await read(name))),
    );
    assert.match(korean?.text ?? "", /한국 표준시/);
    assert.match(english?.text ?? "", /still firing since 01:00:01[\s\S]*Europe\/Amsterdam/);
    assert.deepEqual([english?.from?.name, english?.from?.address], ["Pumps", "pumps@example.com"]);
    const told = ["en, Europe/Amsterdam, from Pumps <pumps@example.com>", "  to   jan@example.nl  (route 2)"];
    assert.ok(stdout.includes(`Told:\n${told.join("\n")}\n\nSubject: [Alert] pump-2`), stdout);
    assert.equal(stdout.match(/archive@example\.com {2}\(route 1, archive\)/g)?.length, 2);
    const page = String(await read("preview-2.html"));
    assert.ok(page.includes(`${told[0]?.replace("<", "&lt;").replace(">", "&gt;")}\n${told[1]}`));
    assert.match(page, /From Pumps &lt;pumps@example\.com&gt;/);
    await preview(["--alerts", path], { ...env, MAIL_HIDE_RECIPIENTS: "true" });
    assert.doesNotMatch(String(await read("mail-2.eml")), /jan@example/);
  });

  test("routes with mistakes are all told, with those of the configuration, and nothing is written, exit 78", async (t) => {
    const { preview, file, out } = await desk(t);
    const routes = await file("routes.yaml", "version: 1\nroutes:\n  - { to: nobody }\n  - { too: a@example.com }\n");
    const { code, stdout, stderr } = await preview([], { ROUTES_FILE: routes, MAIL_CSV: "often" });
    assert.deepEqual([code, stdout], [78, ""]);
    for (const said of ["MAIL_CSV", `${routes}:3:11`, `${routes}:4:`]) assert.ok(stderr.includes(said), stderr);
    const gone = await preview([], { ROUTES_FILE: join(out, "gone.yaml") });
    assert.equal(gone.code, 78);
    assert.match(gone.stderr, /ROUTES_FILE: file .*gone\.yaml/);
    await assert.rejects(readdir(out), { code: "ENOENT" });
  });

  test("a folded mail has its whole window attached as run would attach it, MAIL_CSV says whether", async (t) => {
    const { preview, file, read } = await desk(t);
    const lines = [1, 2, 3, 4].flatMap((n) => [alert("pump-2", n), alert("boiler-7", n)]);
    const path = await file("a.jsonl", lines);
    const attached = async (env: Record<string, string>) => {
      const { code, stderr } = await preview(["--alerts", path, "--locale", "en"], { MAIL_MAX_ALERTS: "2", ...env });
      assert.deepEqual([code, stderr], [0, ""]);
      const { attachments, text = "" } = await PostalMime.parse(await read("mail-1.eml"));
      return { text, files: attachments.map(({ content }) => new TextDecoder().decode(content as ArrayBuffer)) };
    };
    const { text, files } = await attached({});
    assert.match(text, /All 4 alerts are in the attached CSV file\./);
    assert.match(String(await read("mail-1.txt")), /All 4 alerts are in the attached CSV file\./);
    const rows = (files[0] ?? "").trimEnd().split("\r\n").slice(1);
    assert.deepEqual(
      rows.map((row) => [row.split(",")[0], /too warm at \d/.exec(row)?.[0]]),
      [1, 2, 3, 4].map((n) => [String(2 * n - 1), `too warm at ${n}`]),
    );
    assert.deepEqual((await attached({ MAIL_CSV: "never" })).files, []);
    assert.equal((await attached({ MAIL_CSV: "always", MAIL_MAX_ALERTS: "200" })).files.length, 1);
    assert.deepEqual((await attached({ MAIL_MAX_ALERTS: "200" })).files, []);
  });

  test("alerts from standard input", async (t) => {
    const { out } = await desk(t);
    const { PATH = "" } = process.env;
    const child = spawn(process.execPath, [CLI, "preview", "--alerts", "-", "--out", out], { env: { PATH } });
    child.stdin.end(JSON.stringify(alert("from-stdin", 1)));
    child.stdout.resume();
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 0);
    assert.match(String(await readFile(join(out, "mail.txt"))), /from-stdin/);
  });

  test("lines that are no alerts are told with their number and the decoder's reason, the others are shown, exit 1", async (t) => {
    const { preview, file, read } = await desk(t);
    const path = await file(
      "a.jsonl",
      ['{"deviceId":"x"}', JSON.stringify(alert("pump-2", 1)), "", "not json", '{"deviceId":[7],"message":"x"}'].join(
        "\n",
      ),
    );
    const { code, stderr } = await preview(["--alerts", path]);
    assert.equal(code, 1);
    const told = stderr.trimEnd().split("\n");
    assert.equal(told.length, 3);
    assert.match(told[0] ?? "", /a\.jsonl, line 1: not-an-alert: there is neither a message nor a type/);
    assert.match(told[1] ?? "", /a\.jsonl, line 4: not-json: /);
    assert.match(told[2] ?? "", /a\.jsonl, line 5: not-an-alert: .*deviceId/);
    assert.match(String(await read("mail.txt")), /too warm at 1/);
  });

  test("a file without alerts, or that is not there, is told, exit 1", async (t) => {
    const { preview, file } = await desk(t);
    const empty = await preview(["--alerts", await file("empty.jsonl", "\n \n")]);
    assert.deepEqual([empty.code, empty.stdout], [1, ""]);
    assert.match(empty.stderr, /no alert to show/);
    const missing = await preview(["--alerts", "/nowhere/a.jsonl"]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /\/nowhere\/a\.jsonl cannot be read: ENOENT/);
  });

  test("templates are shown; one that fails on these alerts is told with file, line and reason, exit 1", async (t) => {
    const { preview, file, read } = await desk(t);
    const subject = await file("subject.eta", "<%= it.device.name %> now\n");
    const text = await file("text.eta", "a\nb <% if (it.device.id === 'two') throw new Error('two') %>\n");
    const lines = [alert("one", 1), alert("two", 1), alert("two", 2)];
    const { code, stderr } = await preview(["--alerts", await file("a.jsonl", lines), "--locale", "en"], {
      MAIL_SUBJECT_TEMPLATE: subject,
      MAIL_TEXT_TEMPLATE: text,
    });
    assert.deepEqual([code, stderr], [1, `alert-digest: the text is the built-in one: ${text}, line 2: Error: two\n`]);
    assert.equal(
      String(await read("mail-1.txt")).replaceAll("\r\n", "\n"),
      "a\nb",
      "the last line end is the boundary's",
    );
    assert.match(String(await read("mail-2.txt")), /too warm at 2/);
    assert.match(String(await read("mail-2.eml")), /Subject: two now/);
    assert.match(String(await read("preview-2.html")), /line 2: Error: two/);
  });

  test("a template with a mistake is a wrong configuration, as it is for run: variable, file, line, reason, exit 78", async (t) => {
    const { file, folder } = await desk(t);
    const html = await file("mail.html.eta", "<p>\n<% if (it.count) { %>\n");
    const text = await file("mail.txt.eta", "a\n<%= it.devise.name %>\n");
    const env = { MAIL_HTML_TEMPLATE: html, MAIL_TEXT_TEMPLATE: text };
    const kafka = {
      KAFKA_BROKERS: "127.0.0.1:1",
      SMTP_URL: "smtp://127.0.0.1:1",
      MAIL_FROM: "a@example.com",
      MAIL_TO: "b@example.com",
    };
    for (const [command, more] of [
      ["run", kafka],
      ["preview", {}],
    ] as const) {
      const { code, stderr, stdout } = await runCli([command], { ...env, ...more });
      assert.deepEqual([code, stdout], [78, ""], stderr);
      assert.match(stderr, /The configuration has 2 errors:/);
      assert.match(
        stderr,
        /MAIL_TEXT_TEMPLATE: file ".*mail\.txt\.eta", line 2: TypeError: .*\(reading 'name'\) \(on a /,
      );
      assert.match(stderr, /MAIL_HTML_TEMPLATE: file ".*mail\.html\.eta", line 2: SyntaxError: .* never closed/);
      assert.match(stderr, /expected: an Eta template .*\n {4}example: {2}MAIL_TEXT_TEMPLATE=/);
      assert.ok(!(await readdir(folder)).includes("preview"));
    }
  });

  test("--open opens the page with the system's opener, and says what to do where there is none", async (t) => {
    const { preview, out, folder } = await desk(t);
    const bin = join(folder, "bin");
    await mkdir(bin);
    const none = await preview(["--open"], { PATH: bin });
    assert.equal(none.code, 1);
    assert.equal(none.stderr, `alert-digest: there is no xdg-open here: open ${join(out, "preview.html")} yourself\n`);
    await writeFile(join(bin, "xdg-open"), `#!/bin/sh\nprintf %s "$1" > "${folder}/opened"\n`);
    await chmod(join(bin, "xdg-open"), 0o755);
    assert.equal((await preview(["--open"], { PATH: bin })).code, 0);
    assert.equal(await readFile(join(folder, "opened"), "utf8"), join(out, "preview.html"));
    await writeFile(join(bin, "xdg-open"), "#!/bin/sh\nexit 3\n");
    const failed = await preview(["--open"], { PATH: bin });
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /xdg-open ended with 3: open /);
  });

  test("a wrong value is told of the option that was typed, and a missing file beside what a path looks like, exit 78", async (t) => {
    const { file, preview } = await desk(t);
    const wrong = await preview(["--locale", "xx"]);
    assert.equal(wrong.code, 78);
    assert.match(wrong.stderr, / {2}--locale: "xx" is not one of them\n.*\n {4}example: {2}--locale ko\n/);
    const gone = await preview([
      "--records",
      await file("r.jsonl", [alert("pump-2", 1)]),
      "--mapping",
      "/nowhere/m.yaml",
    ]);
    assert.equal(gone.code, 78);
    assert.match(gone.stderr, / {2}--mapping: file "\/nowhere\/m\.yaml": it does not exist\n/);
    assert.match(gone.stderr, /example: {2}--mapping \/etc\/alert-digest\/mapping\.yaml\n/);
  });

  test("wrong usage is told with the usage, exit 64; help needs nothing", async () => {
    for (const [args, problem] of [
      [["--alerts"], /--alerts needs a value/],
      [["--timezone", "Mars/Base"], /--timezone "Mars\/Base": expected an IANA time zone name/],
      [["--colour"], /unknown option "--colour"/],
      [["alerts.jsonl"], /preview takes no argument, but/],
    ] as const) {
      const { code, stderr } = await runCli(["preview", ...args], {});
      assert.equal(code, 64);
      assert.match(stderr, problem);
      assert.match(stderr, /usage: alert-digest preview/);
    }
    const help = await runCli(["preview", "--help"], {});
    assert.equal(help.code, 0);
    assert.match(help.stdout, /--alerts FILE/);
  });
});
