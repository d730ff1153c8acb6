import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createLocalTime, createNumbers } from "#src/mail/language.js";

test("a measurement keeps every digit that it had", () => {
  const { format } = createNumbers("ko");
  assert.equal(format(36.2), "36.2");
  assert.equal(format(1e21), "1e+21");
  assert.equal(format(9_999), "9999");
  assert.equal(format(12_345.5), "12,345.5");
  assert.equal(format(-1_234_567), "-1,234,567");
});

test("decimal mark and grouping are the language's", () => {
  const { format } = createNumbers("de");
  assert.equal(format(1.5), "1,5");
  assert.equal(format(12_345.5), "12.345,5");
  assert.equal(format(1.5e-9), "1,5e-9");
});

test("the noise of binary numbers is nobody's: sums in 64 bits, sensors of 32 bits", () => {
  const { format } = createNumbers("en");
  for (const [value, shown] of [
    [31.4 + 0.2, "31.6"],
    [-(0.1 + 0.2), "-0.3"],
    [1.1 * 3e-8, "3.3e-8"],
    [1_234_567.1 + 0.2, "1,234,567.3"],
    [Math.fround(36.2), "36.2"],
    [Math.fround(-0.05), "-0.05"],
    [Math.fround(101_325.33), "101,325.33"],
  ] as const)
    assert.equal(format(value), shown);
});

test("digits that somebody may have written stay", () => {
  const { format } = createNumbers("en");
  for (const text of [
    "0.1234567890123456",
    "123456.8125",
    "0.0009765625",
    "9007199254740991",
    "1.0000001",
    "3.141592653589793",
  ])
    assert.equal(format(Number(text)).replaceAll(",", ""), text);
});

test("any number reads back as itself, or as what it is in 32 bits or fifteen digits", () => {
  const { format } = createNumbers("en");
  const any = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.tuple(fc.integer(), fc.integer()).map(([a, b]) => a / 100 + b / 1_000),
  );
  fc.assert(
    fc.property(any, (value) => {
      const back = Number(format(value).replaceAll(",", ""));
      const isIt = back === value || Math.fround(back) === value || back === Number(value.toPrecision(15));
      assert.ok(isIt, `${value}: ${back}`);
    }),
  );
});

const at = (iso: string) => Date.parse(iso);

test("an instant is shown in the zone, with the zone's name and offset", () => {
  const seoul = createLocalTime("Asia/Seoul");
  assert.equal(seoul.format(at("2026-11-21T15:00:12.345Z")), "2026-11-22 00:00:12");
  assert.equal(seoul.zone(at("2026-11-21T15:00:12Z")), "Asia/Seoul, UTC+09:00");
  assert.equal(createLocalTime("Asia/Kathmandu").zone(0), "Asia/Kathmandu, UTC+05:30");
  assert.equal(createLocalTime("America/St_Johns").zone(at("2026-01-01T00:00:00Z")), "America/St_Johns, UTC-03:30");
});

test("the same instant as a header's date and in a file's name", () => {
  const ms = at("2026-11-20T15:00:05.999Z");
  const seoul = createLocalTime("Asia/Seoul");
  assert.equal(seoul.header(ms), "Sat, 21 Nov 2026 00:00:05 +0900");
  assert.equal(seoul.compact(ms), "20261121T000005+0900");
  for (const zone of ["UTC", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"]) {
    const header = createLocalTime(zone).header(ms);
    assert.equal(Date.parse(header), ms - 999, header);
  }
});

test("the offset follows daylight saving within one renderer", () => {
  const berlin = createLocalTime("Europe/Berlin");
  assert.equal(berlin.format(at("2026-03-29T00:59:59Z")), "2026-03-29 01:59:59");
  assert.equal(berlin.format(at("2026-03-29T01:00:00Z")), "2026-03-29 03:00:00");
  assert.equal(berlin.format(at("2026-03-29T00:59:59Z")), "2026-03-29 01:59:59");
});

test("it agrees with Intl all through a year", () => {
  for (const zone of ["Asia/Seoul", "Europe/London", "America/New_York", "Australia/Lord_Howe"]) {
    const ours = createLocalTime(zone);
    const theirs = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    for (let ms = at("2026-01-01T00:00:00Z"); ms < at("2027-01-01T00:00:00Z"); ms += 11_087_000) {
      assert.equal(ours.format(ms), theirs.format(ms));
    }
  }
});

test("an unknown zone is an error at once", () => {
  assert.throws(() => createLocalTime("Mars/Olympus"), RangeError);
});
