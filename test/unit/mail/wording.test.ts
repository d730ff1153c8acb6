/** Labels in a mail: those that all alerts share once, below the device; the others with their alert. */

import assert from "node:assert/strict";
import { test } from "node:test";
import PostalMime from "postal-mime";
import { sharedLabels } from "#src/mail/document-section.js";
import { createRenderer } from "#src/mail/render.js";
import { labelsLine } from "#src/mail/wording.js";
import type { MailContent } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { digest, listed } from "./digest.js";
import { fleet } from "./fleet.js";

const renderer = createRenderer({ from: mailboxOf("alerts@mail.example.com"), locale: "en", timezone: "Asia/Seoul" });

async function bodiesOf(content: MailContent): Promise<{ readonly text: string; readonly html: string }> {
  const { text = "", html = "" } = await PostalMime.parse(renderer.render(content, everybody("kim@ops.test")).raw);
  return { text: text.replaceAll("\r\n", "\n"), html: html.replaceAll("\r\n", "\n") };
}

test("what all alerts share stands in one line below the device, the rest with its alert", async () => {
  const { text, html } = await bodiesOf(
    digest({
      listed: [
        listed(1, { message: "first", labels: { site: "busan-2", rack: "4" } }),
        listed(2, { message: "second", labels: { site: "busan-2", rack: "5", unit: "B" } }),
      ],
    }),
  );
  assert.match(text, /^.*since.*\nfreezer-3\nsite=busan-2\n\n2 alerts/);
  assert.match(text, /^ {3}first\n {3}rack=4\n2\. .*\n {3}second\n {3}rack=5, unit=B\n/m);
  assert.match(html, /freezer-3<\/h1>\n<p [^>]*>site=busan-2<\/p><\/td>/);
  assert.match(html, /first<\/span><br>\n<span [^>]*>rack=4<\/span><\/td>/);
  for (const body of [text, html]) assert.equal(body.split("site=").length, 2, "once");
});

test("the labels of a single alert are those of the mail; without labels no line is there", async () => {
  const one = await bodiesOf(digest({ listed: [listed(1, { labels: { site: "busan-2", rack: "4" } })] }));
  assert.match(one.text, /\nfreezer-3\nsite=busan-2, rack=4\n\n/);
  assert.equal(one.text.split("rack=").length, 2);
  const none = await bodiesOf(digest({ listed: [listed(1), listed(2, { labels: {} })] }));
  assert.match(none.text, /\nfreezer-3\n\n/);
  assert.doesNotMatch(none.html, /<\/h1>\n<p/);
});

test("in a fleet mail a device has those of its own, and the mail those of all devices", async () => {
  const at = (deviceId: string, labels: Record<string, string>) =>
    digest({ deviceId, listed: [listed(1, { labels }), listed(2, { labels })] });
  const mail = fleet([at("a", { site: "busan", hall: "1" }), at("b", { site: "busan", hall: "2" })]);
  const told = mail.devices.map((one, index) => ({
    ...one,
    digest: { ...one.digest, listed: at("", { site: "busan", hall: String(index + 1) }).listed },
  }));
  const { text, html } = await bodiesOf({ ...mail, devices: told });
  assert.match(text, /and 1 other device\nsite=busan\n\n2 devices/);
  assert.match(text, /^1\. a - .*\n.*\n {3}hall=1\n/m);
  assert.match(text, /^2\. b - .*\n.*\n {3}hall=2\n/m);
  assert.match(html, />hall=2<\/span>/);
});

test("only what is the same everywhere is shared, whatever names labels have", () => {
  assert.deepEqual(sharedLabels([]), {});
  assert.deepEqual(sharedLabels([{ a: "1" }, {}]), {});
  assert.deepEqual(
    sharedLabels([
      { a: "1", b: "2" },
      { b: "2", a: "3" },
    ]),
    { b: "2" },
  );
  assert.deepEqual(sharedLabels([{ constructor: "x" }, {}]), {});
  const proto = JSON.parse('{"__proto__":"x"}');
  assert.deepEqual(Object.entries(sharedLabels([proto, proto])), [["__proto__", "x"]]);
});

test("a line stays short: it says how many labels it leaves out, and cuts one that is longer than all of it", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`label${index}`, "x".repeat(10)]));
  assert.equal(labelsLine(many, 40), "label0=xxxxxxxxxx, label1=xxxxxxxxxx, +28");
  assert.equal(labelsLine({ note: "y".repeat(100), site: "a" }, 20), `note=${"y".repeat(15)}…, +1`);
  assert.equal(labelsLine({ site: "a", rack: "4" }, 40, { site: "a" }), "rack=4");
  assert.equal(labelsLine({ site: "a" }, 40, { site: "a" }), "");
});

test("a label that is a link, or that would forge a line or a tag, is text", async () => {
  const labels = { runbook: "https://wiki.test/hot", evil: 'x\r\n2. forged "><a href="javascript:alert(1)">y</a>' };
  const { text, html } = await bodiesOf(digest({ listed: [listed(1, { message: "see http://a.test/", labels })] }));
  assert.doesNotMatch(html, /<a[\s>]/i);
  assert.match(html, /runbook=https:\/\/wiki\.test\/hot, evil=x {2}2\. forged &#34;&gt;&lt;a href/);
  assert.doesNotMatch(text, /^2\. /m);
});
