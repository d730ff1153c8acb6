import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { typeWord } from "#src/core/faults.js";
import { bytesOf, wholeOf } from "#src/core/partition-types.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { decodedOf } from "#src/formats/decoded.js";
import { readPlainJson } from "#src/formats/plain-json.js";
import { DEFAULT_RULES, readAlert } from "#src/formats/read-alert.js";
import { keyOf } from "#src/formats/record-key.js";
import { AlertScanner } from "#src/formats/scan.js";
import type { Decoded } from "#src/runtime/ports.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:volume -- formats/scan.property";

/** What `JSON.parse` and `readAlert` make of it. */
const slowly = (key: Buffer | null, value: Buffer) => {
  const json = readPlainJson(value);
  return json.ok ? toldOf(decodedOf(readAlert(json.value, keyOf(key), DEFAULT_RULES), value)) : json;
};

const toldOf = (decoded: Decoded) => {
  if (decoded.kind !== "alert") return decoded;
  const { kind, deviceId, device, severity, status, type, occurredAt, repairs, bytes } = decoded;
  return { kind, deviceId, device: Buffer.from(bytesOf(device)), severity, status, type, occurredAt, repairs, bytes };
};

/** As a fetch brings it: other bytes lie around it. */
const inFetch = (value: Buffer, before: Buffer, after: Buffer): Buffer =>
  Buffer.concat([before, value, after]).subarray(before.length, before.length + value.length);

const { parse } = createAlertCodec();
const scanner = new AlertScanner();
const scan = (key: Buffer | null, value: Buffer) => scanner.scan(key && wholeOf(key), wholeOf(value));

let known = 0;
let keptShorter = 0;
const holds = (key: Buffer | null, value: Buffer): void => {
  const scanned = scan(key, value);
  if (scanned === undefined) return;
  known++;
  assert.deepEqual(toldOf(scanned), slowly(key, value));
  assert.equal(scanned.typeWord, typeWord(scanned.type));
  const { written, deviceId, bytes } = scanned;
  assert.ok(written !== undefined);
  if (written.to - written.from < bytes.length) keptShorter++;
  assert.deepEqual(parse(written.memory.slice(written.from, written.to), deviceId), parse(bytes));
};

const blanks = fc.oneof({ weight: 30, arbitrary: fc.constantFrom("", "", " ", "\n", "\t\r ") }, fc.constant("\u00a0"));
const words = fc.constantFrom(
  "a",
  "a b",
  "펌프-3",
  "é",
  " ",
  "",
  "\u200b",
  "\ufeffx",
  "\u00a0",
  "\ud83d\ude00",
  "\\",
  '"',
  "\u007f",
);
const text = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("a", "Too hot", "펌프-3", "é", "°C", "\ud83d\ude00") },
  words,
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
);
const number = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.constantFrom(
    "-0",
    "0",
    "01",
    "1.",
    ".5",
    "1e5",
    "-1.5E-3",
    "1e400",
    "9".repeat(400),
    "+1",
    "-",
    "NaN",
    "0x1",
    "1.2.3",
  ),
);
const instant = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc
    .tuple(
      fc.constantFrom(
        "2026-11-21",
        "2026-02-29",
        "2024-02-29",
        "2026-04-31",
        "1999-01-01",
        "2026-13-01",
        "2026-00-10",
        "2026-1-1",
      ),
      fc.constantFrom("T08:30:00", "T24:00:00", "T23:59:60", " 08:30:00", "t08:30:00", "T08:30", "T8:30:00", ""),
      fc.constantFrom("", ".1", ".123456789", ".1234567890", ",5", "."),
      fc.constantFrom("Z", "+09:00", "-03:30", "+0900", "+09", "+24:00", "+09:60", "z", ""),
    )
    .map((parts) => parts.join("")),
);
/** JSON of one text, its characters partly as escapes. */
const quoted = (of: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(of, fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 2)).map(([plain, escapes]) => {
    const json = JSON.stringify(plain);
    const hex = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
    if (escapes === 1) return json.replace(/[^\0-\x7f]/g, hex);
    return escapes === 2 ? `"${[...json.slice(1, -1)].map((c) => (/[a-z]/.test(c) ? hex(c) : c)).join("")}"` : json;
  });
const anything = fc.oneof(
  fc.json(),
  number,
  quoted(text),
  fc.constantFrom("null", "true", "nul", "{}", "[]", "[1,]", "{,}"),
);
const labels = fc
  .array(fc.tuple(quoted(text), fc.oneof({ weight: 6, arbitrary: quoted(text) }, anything)), { maxLength: 3 })
  .map((pairs) => `{${pairs.map(([name, value]) => `${name}:${value}`).join(",")}}`);
const usual = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 30, arbitrary: value }, fc.constant("null"), anything);
const fieldOf = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.oneof({ weight: 9, arbitrary: fc.constant(`"${name}"`) }, quoted(fc.constant(name))),
      blanks,
      blanks,
      usual(value),
    )
    .map(([key, one, two, json]) => `${key}${one}:${two}${json}`);
const optional = fc.oneof(
  fieldOf("deviceName", quoted(text)),
  fieldOf("severity", quoted(fc.constantFrom("info", "warning", "critical", "CRITICAL", "infos", "alert"))),
  fieldOf("status", quoted(fc.constantFrom("firing", "resolved", "Firing", "ok"))),
  fieldOf("type", quoted(text)),
  fieldOf("value", number),
  fieldOf("threshold", number),
  fieldOf("unit", quoted(text)),
  fieldOf(
    "occurredAt",
    instant.map((at) => JSON.stringify(at)),
  ),
  fieldOf("alertId", quoted(text)),
  fieldOf("labels", labels),
  fieldOf("valu", anything),
  fieldOf("deviceIdx", anything),
  fieldOf("__proto__", anything),
  quoted(text).chain((name) => anything.map((json) => `${name}:${json}`)),
);
const deviceId = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("d", "펌프-3", "x".repeat(256), "é".repeat(200)) },
  text,
);
const alert = fc
  .tuple(
    deviceId,
    quoted(text),
    fc.array(optional, { maxLength: 5 }),
    fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    blanks,
    fc.nat(),
  )
  .chain(([device, message, others, twice, blank, seed]) => {
    const fields = [`"deviceId":${JSON.stringify(device)}`, `"message":${message}`, ...others];
    if (twice === 1) fields.push(fields[seed % fields.length] as string);
    return fc.shuffledSubarray(fields, { minLength: fields.length }).map((shuffled) => ({
      device,
      json: `${blank}{${blank}${shuffled.join(`${blank},${blank}`)}${blank}}${blank}`,
    }));
  });
const around = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc.constantFrom(...["}", " ", '"', "\n", '"}'].map(Buffer.from)),
);

test("an alert is never another one than JSON.parse and readAlert make of it, whatever lies around it in a fetch", () => {
  known = 0;
  let asked = 0;
  checkProperty(
    fc.property(
      alert,
      fc.constantFrom("same", "same", "none", "other"),
      around,
      around,
      ({ device, json }, keys, before, after) => {
        const key = keys === "none" ? null : Buffer.from(keys === "same" ? device : `${device}x`);
        holds(key, inFetch(Buffer.from(json), Buffer.from(before), Buffer.from(after)));
        asked++;
      },
    ),
    { runs: 15_000, rerun },
  );
  assert.ok(known > asked / 12, `only ${known} of ${asked} were known`);
  assert.ok(keptShorter > 10, `only ${keptShorter} were kept without their device`);
});

test("nor is one of which some bytes are others, are gone, or are there twice", () => {
  known = 0;
  let asked = 0;
  const change = fc.tuple(
    fc.nat(),
    fc.nat({ max: 255 }),
    fc.constantFrom("other", "gone", "twice", "cut", "structure"),
  );
  checkProperty(
    fc.property(alert, fc.array(change, { minLength: 1, maxLength: 3 }), around, ({ device, json }, changes, after) => {
      let value = Buffer.from(json);
      for (const [where, byte, how] of changes) {
        const at = where % (value.length + 1);
        const [left, right] = [value.subarray(0, at), value.subarray(at)];
        if (how === "other") value = Buffer.concat([left, Buffer.from([byte]), right.subarray(1)]);
        else if (how === "gone") value = Buffer.concat([left, right.subarray(1)]);
        else if (how === "twice") value = Buffer.concat([left, right.subarray(0, 1), right]);
        else if (how === "cut") value = Buffer.from(left);
        else value = Buffer.concat([left, Buffer.from('"{}[]:,\\'[byte % 8] as string), right.subarray(1)]);
      }
      holds(byteKey(device), inFetch(value, Buffer.alloc(0), Buffer.from(after)));
      asked++;
    }),
    { runs: 30_000, rerun },
  );
  assert.ok(known > asked / 60, `only ${known} of ${asked} were known`);
});

const byteKey = (device: string): Buffer | null => (device.length % 2 === 0 ? null : Buffer.from(device));

test("the word of a type is that of the type as it is counted, however long it is", () => {
  for (const type of ["T", "x".repeat(100), "x".repeat(101), "온".repeat(34), "온".repeat(100), "온".repeat(101)]) {
    const value = Buffer.from(JSON.stringify({ deviceId: "d", message: "m", type }));
    const scanned = scan(Buffer.from("d"), value) ?? assert.fail("not known");
    assert.equal(scanned.typeWord, typeWord(type), type);
    assert.equal(scanned.typeWord, typeWord(scanned.type), type);
  }
  const bare = scan(Buffer.from("d"), Buffer.from('{"deviceId":"d","message":"m"}'));
  assert.equal(bare?.typeWord, typeWord(undefined));
});
