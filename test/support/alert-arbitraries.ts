/** What stands in the fields of alerts that are read by a short way: mostly what producers write, and what only the long way may read. */

import fc from "fast-check";

/** Text, or bytes that are none. */
export const texts = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("a", "Too hot", "냉각수 온도 높음", "é", "°C", "\ud83d\ude00", "펌프-3") },
  fc.constantFrom(
    "",
    " ",
    "\u00a0",
    "\u200b",
    "\ufeffx",
    '"',
    'say "no"',
    "C:\\x",
    "\n",
    "a\u0000",
    "\u007f",
    "__proto__",
  ),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
  fc.string({ maxLength: 300, minLength: 60 }),
);
export const bytesOrText: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 40, arbitrary: texts },
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);
export const deviceIds = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("d", "펌프-3", "x".repeat(256), "device-000001") },
  fc.constantFrom("é".repeat(200), "x".repeat(257), 'd"1'),
  texts,
);
export const severities = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("info", "warning", "critical") },
  fc.constantFrom("CRITICAL", "Major", "심각", "p1", "", " ", "firing", "x".repeat(60), 'a"b'),
);
export const statuses = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("firing", "resolved") },
  fc.constantFrom("RESOLVED", "cleared", "?", "", "해제"),
);
export const numbers = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, -1, 41.5, 80.123, -0.05, 92.25, 1e6, 2147483647, -2147483648, 4e9) },
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 53 - 1, 1e300, 1e-7, 0.0001, 123456.789012),
  fc.double(),
  fc.integer().map((whole) => whole / 1_000),
  fc.integer(),
);
export const instantsMs = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2027, 0) }) },
  fc.constantFrom(0, -1, 1, Date.UTC(9999, 11, 31, 23, 59, 59, 999), Date.UTC(10000, 0), 8.64e15, -62_167_219_200_001),
  fc.integer(),
);
export const timeTexts = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("2026-11-21T08:30:00Z", "2026-11-21T08:30:00.123+09:00") },
  fc.constantFrom(
    "",
    "2026-11-21 08:30",
    "1795219212000",
    "2026-02-29T00:00:00Z",
    "24 o'clock",
    "2026-11-21T24:00:00Z",
  ),
);
