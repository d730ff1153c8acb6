import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { eventTime } from "#src/core/time.js";
import { CSV_COLUMNS } from "#src/mail/csv.js";
import { csvFilename } from "#src/mail/csv-attachment.js";
import { createLocalTime } from "#src/mail/language.js";
import { createRenderer } from "#src/mail/render.js";
import type { Attachment, AttachmentOutcome, Digest } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { parseCsv } from "#test/support/parse-csv.js";
import { digest, listed, START } from "#test/unit/mail/digest.js";

const SEOUL = createLocalTime("Asia/Seoul");
const TO = everybody("kim@ops.test");
const alerts = Array.from({ length: 50 }, (_, i) => listed(100 + i, { message: `alert ${i}, ${"x".repeat(100)}` }));
const whole: Attachment = { alerts, unread: 0, beyond: 0 };
const folded = digest({
  listed: alerts.slice(0, 5),
  count: 50,
  folded: foldedAlerts({ count: 45, bySeverity: { info: 0, warning: 45, critical: 0 }, byType: new Map([["", 45]]) }),
});

async function mailOf(
  attachment: Attachment | undefined,
  { maxBytes = 1e9, locale = "en" as "en" | "ko", of = folded as Digest } = {},
) {
  const outcomes: AttachmentOutcome[] = [];
  const onAttachment = (outcome: AttachmentOutcome) => outcomes.push(outcome);
  const renderer = createRenderer({
    from: mailboxOf("a@b.test"),
    locale,
    timezone: "Asia/Seoul",
    maxBytes,
    onAttachment,
  });
  const { raw } = renderer.render(of, TO, attachment);
  const email = await PostalMime.parse(raw);
  const [file] = email.attachments;
  const rows = file === undefined ? undefined : parseCsv(new Uint8Array(file.content as ArrayBuffer));
  return { raw, email, file, rows, outcomes, bodies: [email.text ?? "", email.html ?? ""] };
}

const offsets = (rows: string[][] | undefined) =>
  rows?.slice(1).flatMap(([offset]) => (offset === "" ? [] : [Number(offset)]));

test("a large mail is made in several turns of the event loop, and has the same bytes", async () => {
  const renderer = createRenderer({ from: mailboxOf("a@b.test"), locale: "en", timezone: "Asia/Seoul", maxBytes: 3e6 });
  const many = Array.from({ length: 20_000 }, (_, i) => ({ ...(alerts[i % 50] as (typeof alerts)[0]), offset: i }));
  const attachment = { alerts: many, unread: 0, beyond: 0 };
  // Waits before the mail does: it has its turn between two pieces, however many there are on a fast machine.
  let others = 0;
  const other = setImmediate(() => others++);
  const later = renderer.renderInTurns?.(folded, TO, attachment);
  assert.ok(later instanceof Promise);
  assert.equal(others, 0);
  const { raw } = await later;
  clearImmediate(other);
  assert.equal(others, 1, "the whole mail was made before others had their turn");
  assert.ok(raw.equals(renderer.render(folded, TO, attachment).raw));
});

test("the whole window is in the file, and both bodies say so in both languages", async () => {
  const { file, rows, bodies, outcomes } = await mailOf(whole);
  assert.equal(file?.filename, "alerts-freezer-3-20261121T090000+0900.csv");
  assert.deepEqual(
    offsets(rows),
    alerts.map(({ offset }) => offset),
  );
  for (const body of bodies) assert.match(body, /All 50 alerts are in the attached CSV file\./);
  assert.deepEqual(outcomes, ["whole"]);
  const korean = await mailOf(whole, { locale: "ko" });
  for (const body of korean.bodies) assert.match(body, /알림 50건 전체를 CSV 파일로 첨부했습니다\./);
});

test("alerts that could not be had are counted, in the bodies and in the file's last line", async () => {
  const { rows, bodies, outcomes } = await mailOf({ alerts: alerts.slice(10), unread: 10, beyond: 0 });
  const said = "The attached CSV file has only 40 of 50 alerts: 10 could not be read from Kafka again.";
  for (const body of bodies) assert.ok(body.includes(said));
  assert.equal(rows?.at(-1)?.[CSV_COLUMNS.indexOf("message")], said);
  assert.equal(offsets(rows)?.length, 40);
  assert.deepEqual(outcomes, ["missing"]);
  const korean = await mailOf({ alerts: alerts.slice(10), unread: 10, beyond: 0 }, { locale: "ko" });
  for (const body of korean.bodies)
    assert.ok(
      body.includes("첨부한 CSV 파일에는 알림 50건 중 40건만 들어 있습니다. 10건은 Kafka에서 다시 읽지 못했습니다."),
    );
});

test("where nothing could be had there is no file, and the mail says so", async () => {
  const { file, bodies, outcomes } = await mailOf({ alerts: [], unread: 50, beyond: 0 });
  assert.equal(file, undefined);
  for (const body of bodies)
    assert.match(body, /No CSV file is attached for the 50 alerts: 50 could not be read from Kafka again\./);
  assert.deepEqual(outcomes, ["missing"]);
});

test("the message never exceeds its limit for the file's sake: the file is cut, then left out, and the mail says so", async () => {
  const bare = (await mailOf(undefined)).raw.length;
  const full = (await mailOf(whole)).raw.length;
  const seen = new Set<number>();
  for (let maxBytes = bare + 500; maxBytes < full + 1_500; maxBytes += 197) {
    const { raw, rows, bodies, outcomes } = await mailOf(whole, { maxBytes });
    assert.ok(raw.length <= maxBytes, `${raw.length} of ${maxBytes}`);
    const held = offsets(rows)?.length ?? 0;
    seen.add(held);
    assert.deepEqual(
      offsets(rows) ?? [],
      alerts.slice(0, held).map(({ offset }) => offset),
    );
    const said =
      held === 0
        ? "No CSV file is attached for the 50 alerts: 50 were left out because of the email size limit."
        : held < 50
          ? `The attached CSV file has only ${held} of 50 alerts: ${50 - held} ${held === 49 ? "was" : "were"} left out because of the email size limit.`
          : "All 50 alerts are in the attached CSV file.";
    for (const body of bodies) assert.ok(body.includes(said), body);
    assert.deepEqual(outcomes, [held < 50 ? "cut" : "whole"]);
  }
  assert.ok(seen.has(0) && seen.has(50) && seen.size > 30);
});

test("a mail without attachment is what it always was, and the same input gives the same bytes", async () => {
  assert.match((await mailOf(undefined)).raw.toString(), /\r\nContent-Type: multipart\/alternative;\r\n /);
  assert.ok((await mailOf(whole)).raw.equals((await mailOf(whole)).raw));
});

test("the file name tells device and window, and holds nothing that a file system or a shell minds", () => {
  const nameOf = (deviceId: string) => csvFilename(digest({ deviceId, windowStart: eventTime(START) }), SEOUL);
  assert.equal(nameOf("냉동고-3호"), "alerts-냉동고-3호-20261121T090000+0900.csv");
  assert.equal(nameOf("../../etc/passwd"), "alerts-.._.._etc_passwd-20261121T090000+0900.csv");
  assert.equal(nameOf("a\r\nb\u202e;$(c)|d"), "alerts-a_b_c_d-20261121T090000+0900.csv");
  fc.assert(
    fc.property(anyText({ minLength: 1, maxLength: 256 }), (deviceId) => {
      const name = nameOf(deviceId);
      assert.match(name, /^alerts-[\p{L}\p{N}\p{M}._-]+-20261121T090000\+0900\.csv$/u);
      assert.ok([...name].length <= 92);
    }),
  );
});

test("hostile devices and alerts get a file that is read back whole", async () => {
  const text = fc.oneof(
    anyText({ minLength: 1, maxLength: 100 }),
    fc.constantFrom("--=_mixed_", "\r\n.\r\n", "\ud800"),
  );
  await fc.assert(
    fc.asyncProperty(text, text, async (deviceId, message) => {
      const { file, rows } = await mailOf(
        { alerts: [listed(1, { message }), listed(2)], unread: 0, beyond: 0 },
        { of: digest({ deviceId }) },
      );
      assert.equal(file?.filename, csvFilename(digest({ deviceId }), SEOUL));
      assert.deepEqual(offsets(rows), [1, 2]);
    }),
  );
});
