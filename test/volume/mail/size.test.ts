/** `MAIL_MAX_SIZE`: a mail that would be longer lists less, and says so. */

import assert from "node:assert/strict";
import { test } from "node:test";
import PostalMime from "postal-mime";
import type { Severity } from "#src/core/alert.js";
import { createRenderer } from "#src/mail/render.js";
import type { Addressing, Attachment, Digest, MailContent } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { digest, listed } from "#test/unit/mail/digest.js";
import { fleet } from "#test/unit/mail/fleet.js";

const KB = 1024;
const TO = everybody("kim@ops.test");
const SEVERITY: readonly Severity[] = ["info", "warning", "critical"];

const alerts = Array.from({ length: 400 }, (_, index) =>
  listed(index, {
    message: `alert #${index}# ${"가나다 ".repeat(50)}`,
    type: `TYPE_${index % 3}`,
    severity: SEVERITY[index % 3] ?? "info",
  }),
);
const big = digest({ listed: alerts, count: alerts.length });

async function mailOf(content: MailContent, maxBytes: number, addressing: Addressing = TO, attachment?: Attachment) {
  const renderer = createRenderer({ from: mailboxOf("a@b.test"), locale: "en", timezone: "UTC", maxBytes });
  const { raw } = renderer.render(content, addressing, attachment);
  const email = await PostalMime.parse(raw);
  return { raw, email, text: email.text ?? "", html: email.html ?? "" };
}

test("a mail never exceeds its limit: it lists the worst ones, of those the newest, counts the others and says why", async () => {
  for (const maxBytes of [64 * KB, 100 * KB, 200 * KB, 500 * KB]) {
    const { raw, text, html } = await mailOf(big, maxBytes);
    assert.ok(raw.length <= maxBytes, `${raw.length} of ${maxBytes}`);
    assert.ok(raw.length > maxBytes * 0.9, "as many as there is room for");
    const shown = [...text.matchAll(/^ {3}alert #(\d+)#/gm)].map(([, number]) => Number(number));
    const worstFirst = alerts.toSorted(
      (a, b) => SEVERITY.indexOf(b.alert.severity) - SEVERITY.indexOf(a.alert.severity) || b.offset - a.offset,
    );
    assert.deepEqual(
      shown,
      worstFirst
        .slice(0, shown.length)
        .map(({ offset }) => offset)
        .sort((a, b) => a - b),
    );
    const left = 400 - shown.length;
    const worstLeft = worstFirst[shown.length]?.alert.severity ?? "";
    const counts = worstFirst.slice(shown.length).filter(({ alert }) => alert.severity === worstLeft).length;
    for (const body of [text, html.replaceAll("&#39;", "'")]) {
      assert.match(
        body,
        new RegExp(`${shown.length} alerts are listed individually; the other ${left} are only counted`),
      );
      assert.match(body, new RegExp(`${worstLeft} ${counts}`));
      assert.match(body, /Fewer alerts than usual are listed to keep this email within its size limit/);
      assert.match(body, /400 alerts: critical 133, warning 133, info 134/);
    }
  }
});

test("the same limit gives the same bytes, and one that is not reached changes nothing", async () => {
  assert.ok((await mailOf(big, 90 * KB)).raw.equals((await mailOf(big, 90 * KB)).raw));
  assert.ok((await mailOf(big, 1e9)).raw.equals((await mailOf(big, Number.POSITIVE_INFINITY)).raw));
});

test("whatever devices say and however many are told, 62 KB hold it: a signature fits beside it into the least limit", async () => {
  for (const character of ['"', "가", "&", "😀", "\u202e", "\ud800"]) {
    const long = character.repeat(10_000);
    const byType = new Map(Array.from({ length: 100 }, (_, index) => [`${index}${long}`, 1]));
    const bySeverity = { info: 100, warning: 0, critical: 0 };
    const hostile: Digest = digest({
      deviceId: long.slice(0, 256),
      deviceName: long,
      listed: Array.from({ length: 100 }, (_, index) =>
        listed(
          index,
          { message: long, type: `${index}${long}`, unit: long, value: 1.23456789e-300, threshold: -1e300 },
          true,
        ),
      ),
      folded: foldedAlerts({ count: 100, bySeverity, byType, otherTypes: 9 }),
      windowCount: 9,
      part: "rest",
      toldEarly: 99,
    });
    const many = everybody(...Array.from({ length: 2_000 }, (_, index) => `recipient-${index}@example.com`));
    const { raw } = await mailOf(hostile, 62 * KB, many);
    assert.ok(raw.length <= 62 * KB, `${character}: ${raw.length}`);
    assert.match(raw.toString(), /^To: alert-digest readers:;\r$/m);
  }
});

test("an attached file gets what is left, and is not there when nothing is", async () => {
  const attachment: Attachment = { alerts, unread: 0, beyond: 0 };
  for (const maxBytes of [64 * KB, 300 * KB, 800 * KB, 2_000 * KB]) {
    const { raw, email, text } = await mailOf(big, maxBytes, TO, attachment);
    assert.ok(raw.length <= maxBytes, `${raw.length} of ${maxBytes}`);
    assert.equal(email.attachments.length, /No CSV file/.test(text) ? 0 : 1);
  }
});

test("a mail about many devices leaves out the last ones and counts them", async () => {
  const of = fleet(Array.from({ length: 600 }, (_, index) => digest({ deviceId: `device-${index}`, idOffset: index })));
  const { raw, text } = await mailOf(of, 64 * KB);
  assert.ok(raw.length <= 64 * KB);
  const shown = [...text.matchAll(/^\d+\. device-(\d+) /gm)].map(([, index]) => Number(index));
  assert.deepEqual(
    shown,
    Array.from({ length: shown.length }, (_, index) => index),
  );
  const left = 600 - shown.length;
  assert.ok(shown.length > 20 && left > 0);
  assert.match(
    text,
    new RegExp(`${left} devices \\(${left} alerts: warning ${left}\\) are not listed because of the email size limit`),
  );
  assert.match(text, /^600 devices, 600 alerts: warning 600$/m);
});

test("alerts with as many labels as fit into their records make no mail that is too long for Gmail", async () => {
  const labels = (index: number) =>
    Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`label-${at}`, `${index} ${"v".repeat(100)}`]));
  const labelled = Array.from({ length: 200 }, (_, index) => listed(index, { message: "hot", labels: labels(index) }));
  const { html } = await mailOf(digest({ listed: labelled, count: labelled.length }), 10_000 * KB);
  assert.ok(Buffer.byteLength(html) < 102 * KB, `${Buffer.byteLength(html)} bytes`);
});
