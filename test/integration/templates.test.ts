/** Templates in the running product: one that fails on some windows costs a mail its looks, nothing else. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pastWindow, startLine } from "#test/support/line.js";

test("a template that fails on some windows: those mails have the built-in part, nothing is lost, it is counted and told", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "alert-digest-templates-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const subject = await file(
    "subject.eta",
    "\n<% if (it.device.id === 'odd') throw 'no subject' %>own subject of <%= it.device.id %>\r\nBcc: victim@example.com\n",
  );
  // Each body still says all that the books look for.
  const text = await file(
    "text.eta",
    "OWN TEXT\n<% for (const [i, { message, type }] of it.alerts.entries()) { %>\n<%= i + 1 %>. of them\n   <%= message %>\n<% if (type === 'BAD') throw new Error('bad type') %>\n<% } %>\n",
  );
  const line = await startLine(t, {
    env: { MAIL_SUBJECT_TEMPLATE: subject, MAIL_TEXT_TEMPLATE: text },
  });
  const at = pastWindow(3);
  const devices = ["good", "bad", "odd"];
  await line.produce(
    devices.flatMap((device) =>
      [0, 1].map((n) => ({ device, at: at + n, fields: device === "bad" && n === 1 ? { type: "BAD" } : {} })),
    ),
  );
  const product = await line.start();
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  assert.deepEqual(await line.deadLetters(), []);
  const bySubject = new Map((await line.mails()).map((mail) => [mail.device, mail]));
  for (const device of ["good", "bad"])
    assert.equal(bySubject.get(device)?.subject, `own subject of ${device} Bcc: victim@example.com`);
  assert.match(bySubject.get("good")?.text ?? "", /^OWN TEXT/);
  assert.doesNotMatch(bySubject.get("bad")?.text ?? "OWN TEXT", /OWN TEXT/);
  for (const message of line.smtp.messages) {
    assert.deepEqual(message.to, ["operators@example.com"]);
    assert.ok(!(await message.parsed()).headers.some(({ key }) => key === "bcc"));
  }
  const metrics = await product.metrics();
  const failures = (stage: string) => metrics.value("alert_digest_mail_template_failures_total", { stage });
  assert.equal(failures("text"), 1, JSON.stringify(product.logs));
  assert.equal(failures("html"), 0);
  assert.equal(failures("subject"), 1);
  const told = product.logs.filter(({ msg }) => String(msg).startsWith("a template failed"));
  const bad = told.find((one) => one["part"] === "text");
  assert.deepEqual(
    [bad?.["device"], bad?.["path"], bad?.["line"], bad?.["reason"]],
    ["bad", text, 5, "Error: bad type"],
  );
  assert.ok(told.some((one) => one["part"] === "subject" && one["device"] === "odd" && one["line"] === 2));
  assert.equal(await product.stop(), 0);
});
