/** A record can say anything; nothing of it becomes a header, a line of the mail that is not its own, or HTML. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pastWindow, startLine } from "#test/support/line.js";

const CONTROLS = "\r\nBcc: victim@example.com\r\nX-Injected: yes\r\n\r\n\u0000\u0007\u001b[31m\u0085\u2028\u2029\u007f";
const HTML = `<script>alert(1)</script><img src=x onerror=alert(2)>"'&</td></table><!--`;
const BIDI = "\u202egnp.exe\u2066";
const LONE = "\ud800 half a character";

const HEADERS = [
  "from",
  "to",
  "subject",
  "date",
  "message-id",
  "in-reply-to",
  "references",
  "thread-topic",
  "thread-index",
  "list-id",
  "auto-submitted",
  "x-auto-response-suppress",
  "x-alert-digest-device",
  "x-alert-digest-window",
  "x-alert-digest-severity",
  "x-alert-digest-source",
  "x-alert-digest-state",
  "x-alert-digest-count",
  "mime-version",
  "content-language",
  "content-type",
].sort();

const CASES = Object.entries({ CONTROLS, HTML, BIDI, LONE });

// biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
const UNSAFE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

// They mostly wait.
describe("hostile fields", { concurrency: 2 }, () => {
  for (const locale of ["en", "ko"] as const) {
    test(`control characters, line breaks and HTML in every field: mails (${locale}) with their own headers and harmless text`, async (t) => {
      const line = await startLine(t, { env: { MAIL_LOCALE: locale } });
      await line.produce(
        CASES.map(([name, poison]) => ({
          device: `device ${name} ${poison}`,
          at: pastWindow(3),
          // A key has to be UTF-8, a string in JSON can be half a character.
          key: name !== "LONE",
          fields: {
            message: `message of ${name} ${poison} end`,
            deviceName: `name ${poison}`,
            type: `type ${poison}`,
            unit: `unit ${poison}`,
            value: 12.5,
            threshold: 10,
            alertId: `id ${poison}`,
            labels: { [`label ${poison}`]: `value ${poison}` },
            unknown: { [poison]: [poison] },
          },
        })),
      );
      await line.start();
      await line.allMailed();
      await line.allCommitted();
      assert.deepEqual(await line.deadLetters(), []);
      const mails = await line.mails();
      assert.equal(mails.length, CASES.length);
      for (const message of line.smtp.messages) {
        const { headers } = await message.parsed();
        assert.deepEqual(headers.map(({ key }) => key).sort(), HEADERS);
        const head = message.raw.toString("latin1").split("\r\n\r\n", 1)[0] ?? "";
        for (const row of head.split("\r\n")) assert.match(row, /^[\x20-\x7e]{1,998}$/);
        assert.deepEqual(message.to, ["operators@example.com"]);
      }
      for (const [name] of CASES) {
        const mail = mails.find(({ text }) => text.includes(`message of ${name}`));
        assert.ok(mail, name);
        const html = mail.html.replaceAll("\r\n", "\n");
        for (const text of [mail.text, html, mail.subject]) assert.doesNotMatch(text, UNSAFE);
        assert.doesNotMatch(html, /<script|<img|<!--/);
        assert.equal(html.match(/<table/g)?.length, 1);
        assert.equal(html.match(/<\/table>/g)?.length, 1);
        assert.match(mail.text, new RegExp(`message of ${name} .*end`));
        assert.doesNotMatch(mail.text, /^\s*X-Injected/m);
      }
    });
  }
});
