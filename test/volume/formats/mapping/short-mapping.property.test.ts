import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AlertWords } from "#src/formats/alert-words.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { DEFAULT_RULES, type ReadingRules } from "#src/formats/read-alert.js";
import { createShapedCodec } from "#src/formats/shaped-codec.js";
import type { Decoded } from "#src/runtime/ports.js";
import * as some from "#test/support/alert-arbitraries.js";
import { told } from "#test/support/decoded-facts.js";
import { KeptForms } from "#test/support/kept-forms.js";
import { checkProperty } from "#test/support/property.js";
import { mappingsOf } from "#test/unit/formats/mapping/mappings.js";

const rerun = "npm run test:volume -- mapping/short-mapping";

/** Where something may stand. */
const POINTERS = ["/a", "/b", "/in/c", "/in/d", "/in/deep/e", "/x~1y", "/f", "/list/0", "/g"];
const place = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...POINTERS) },
  fc.constantFrom("#/a", "#/in/d", "/in", "/nowhere", "/a/b"),
);
const places = fc.oneof({ weight: 3, arbitrary: place }, fc.array(place, { minLength: 1, maxLength: 3 }));
const template = fc
  .tuple(fc.constantFrom("", "is ", 'say "', "{{x}} ", "온도 "), place, fc.constantFrom(" of ", ""), place)
  .map(([before, one, between, two]) => `${before}{${one}}${between}{${two}}`);
const text = fc.oneof(
  places,
  template,
  fc.array(fc.oneof(template, place), { minLength: 1, maxLength: 3 }),
  fc.constant({ always: "fixed" }),
);
const scalars = fc.constantFrom("critical", "warning", "info");
const severity = fc.oneof(
  places,
  fc
    .tuple(
      places,
      fc.dictionary(fc.constantFrom("CRITICAL", "1", "p1", "Too hot"), scalars, { minKeys: 1 }),
      fc.option(scalars),
    )
    .map(([from, values, otherwise]) => ({ from, values, ...(otherwise !== null && { otherwise }) })),
  fc.constant({ always: "critical" }),
);
const status = fc.oneof(
  places,
  places.map((from) => ({ from, values: { a: "resolved", "1": "resolved" }, otherwise: "firing" })),
);
const number = fc.oneof(
  places,
  places.map((from) => ({ from, number: true })),
  fc.constant({ always: 80.5 }),
);
const time = fc.oneof(
  places,
  fc
    .tuple(places, fc.constantFrom("epoch-s", "epoch-ms", "epoch-us", "epoch-ns", "iso"))
    .map(([from, to]) => ({ from, time: to })),
);
const labels = fc
  .dictionary(fc.constantFrom("site", "7", "줄", 'a"b'), places, { minKeys: 1 })
  .map((texts) => ({ texts }));
const conditions = fc.dictionary(
  place.filter((text) => text !== "/in"),
  fc.oneof(fc.constantFrom("a", 1, true), fc.constant(["Too hot", "a", 41.5, ""])),
  { minKeys: 1, maxKeys: 2 },
);
const FIELDS = {
  deviceName: text,
  severity,
  status,
  type: text,
  value: number,
  threshold: number,
  unit: text,
  occurredAt: time,
  alertId: text,
  labels,
};
/** Few fields: one that has no short way takes it from all. */
const mappings = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: fc.constant("/device") }, text),
    fc.oneof({ weight: 2, arbitrary: fc.constant({ always: "fixed" }) }, text),
    fc.subarray(Object.keys(FIELDS) as (keyof typeof FIELDS)[], { maxLength: 3 }),
    fc.option(conditions, { freq: 4 }),
  )
  .chain(([deviceId, message, names, only]) =>
    fc.tuple(...names.map((name) => FIELDS[name] as fc.Arbitrary<unknown>)).map((made) => ({
      fields: { deviceId, message, ...Object.fromEntries(names.map((name, i) => [name, made[i]])) },
      ...(only !== null && { only }),
    })),
  );

const numerals = fc.oneof(
  some.numbers.map(String),
  fc.constantFrom(
    "0",
    "-0",
    "0.0",
    "-0.5",
    "80.0",
    "1.50",
    "0.05",
    "1e3",
    "1E-7",
    "123456789012345",
    "1234567890123456",
  ),
  some.instantsMs.map(String),
  fc.constantFrom("1795219212", "1795219212000", "1795219212000123", "1795219212.345", "NaN", "Infinity", "01", "+1"),
);
const quoted = fc
  .tuple(some.texts, fc.constantFrom(...Array.from({ length: 12 }, () => 0), 1))
  .map(([plain, escapes]) => {
    const json = JSON.stringify(plain);
    return escapes === 0 ? json : json.replace(/[a-z]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  });
const value = fc.oneof(
  { weight: 8, arbitrary: quoted },
  { weight: 5, arbitrary: numerals },
  { weight: 2, arbitrary: numerals.map((number) => JSON.stringify(number)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('" "', '"critical"', '"CRITICAL"', '"firing"', '"resolved"', '"p1"', '"1"', "1", '"a"'),
  },
  { weight: 2, arbitrary: some.timeTexts.map((at) => JSON.stringify(at)) },
  fc.constantFrom("null", "true", "false", "{}", "[]", '{"x":1}', '["y"]', "[1", '"'),
);
const blank = fc.oneof({ weight: 20, arbitrary: fc.constant("") }, fc.constantFrom(" ", "\n\t"));
const field = (name: string, of: fc.Arbitrary<string>) =>
  fc.tuple(blank, blank, of).map(([one, two, json]) => `"${name}"${one}:${two}${json}`);
const object = (fields: readonly fc.Arbitrary<string>[]) =>
  fc
    .tuple(fc.tuple(...fields.map((one) => fc.option(one, { freq: 8 }))), fc.oneof(...fields))
    .chain(([written, another]) => {
      const there = written.filter((one) => one !== null);
      return fc.oneof(
        { weight: 6, arbitrary: fc.constant(there) },
        fc.shuffledSubarray(there),
        fc.constant([...there, another]),
      );
    })
    .map((list) => `{${list.join(",")}}`);
const records = object([
  field("device", fc.oneof({ weight: 12, arbitrary: fc.constantFrom('"d"', '"펌프-3"') }, quoted, value)),
  field("a", value),
  field("b", value),
  field(
    "in",
    fc.oneof(
      {
        weight: 8,
        arbitrary: object([
          field("c", value),
          field("other", value),
          field("d", value),
          field("deep", object([field("e", value)])),
        ]),
      },
      value,
    ),
  ),
  field("x/y", value),
  field("f", value),
  field(
    "list",
    fc.oneof(
      value,
      value.map((one) => `[${one}]`),
    ),
  ),
  field("g", value),
  field("__proto__", value),
]);

const RULES: readonly ReadingRules[] = [
  DEFAULT_RULES,
  DEFAULT_RULES,
  { key: "any", severities: new Map() },
  {
    key: "device",
    severities: new Map([
      ["p1", "critical"],
      ["info", "warning"],
    ]),
  },
];

interface Drawn {
  readonly yaml: object;
  readonly rules: ReadingRules;
  readonly key: Buffer | null;
}

/** By the short way, and as others are read. */
const bothWays = ({ yaml, rules, key }: Drawn) => {
  const { mapping } = mappingsOf(JSON.stringify({ version: 1, ...yaml }));
  assert.ok(mapping);
  const long = { ...mapping, short: undefined };
  const codec = createShapedCodec({ registry: undefined, envelope: undefined, mapping: () => long }, rules);
  const words = new AlertWords(rules);
  const { parse } = createAlertCodec(rules);
  /** True: there was a short way. */
  return (json: string): boolean => {
    const value = Buffer.concat([Buffer.from('{"'), Buffer.from(json), Buffer.from('"}')]).subarray(2, -2);
    const found: Decoded | undefined = mapping.short?.decode({ key, value }, words, forms.room);
    if (found === undefined) return false;
    assert.deepEqual(told(found, parse), told(codec.decode({ key, value }), parse), json);
    forms.keep(found);
    return true;
  };
};
const forms = new KeptForms();

const drawn: fc.Arbitrary<Drawn> = fc.record({
  yaml: mappings,
  rules: fc.constantFrom(...RULES),
  key: fc.constantFrom("d", "d", "펌프-3", undefined).map((keyed) => (keyed === undefined ? null : Buffer.from(keyed))),
});

/** Whatever is drawn, and a good part of it goes the short way: 30 % of it or more. */
const checkBothWays = (of: fc.Arbitrary<Drawn>, lists: fc.Arbitrary<readonly string[]>, runs: number): void => {
  let [short, all] = [0, 0];
  checkProperty(
    fc.property(of, lists, (one, list) => {
      const isShort = bothWays(one);
      for (const json of list) {
        all++;
        if (isShort(json)) short++;
      }
    }),
    { runs, rerun },
  );
  assert.ok(short > all / 10, `${short} of ${all}`);
};

test("what a mapping makes of a record's bytes is what it makes of the record", () => {
  checkBothWays(drawn, fc.array(records, { minLength: 1, maxLength: 4 }), 3_000);
});

/** Records that are written alike: from one to the next a few values change, and the others stay. */
const NAMES = ["device", "a", "b", "x/y", "f", "g", "in"] as const;
const alike = fc
  .tuple(
    fc.shuffledSubarray([...NAMES], { minLength: 4 }),
    fc.tuple(...NAMES.map((name) => (name === "device" ? fc.constantFrom('"d"', '"펌프-3"') : value))),
    fc.array(fc.array(fc.tuple(fc.nat(NAMES.length - 1), value), { maxLength: 2 }), { minLength: 3, maxLength: 8 }),
  )
  .map(([order, first, changes]) => {
    const values: string[] = [...first];
    return changes.map((list) => {
      for (const [index, json] of list) values[index] = json;
      const jsonOf = (name: (typeof NAMES)[number]) => values[NAMES.indexOf(name)] as string;
      const fields = order.map((name) => `"${name}":${name === "in" ? `{"c":${jsonOf(name)},"d":"x"}` : jsonOf(name)}`);
      return `{${fields.join(",")}}`;
    });
  });

test("what it makes of records that are written alike is what it makes of each of them alone", () => {
  checkBothWays(drawn, alike, 3_000);
});

/** As a producer has them, mostly. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  device: ['"d"', '"펌프-3"'],
  text: ['"too hot"', '"so \\"hot\\""', '""', "null"],
  limit: ["80", "80.5", "80.0", '"80"', '"x"'],
  bad: ['"p1"', '"CRITICAL"', '"Warning"', '"odd"', "3"],
  state: ['"firing"', '"RESOLVED"', '"ok"', "null"],
  kind: ['"TEMP"', '"온도"', '"a\\nb"', "null"],
  at: ['"2026-11-21T00:00:00Z"', '"2026-11-21T00:00:01.5+09:00"', '"yesterday"'],
  site: ['"busan"', '" "', "7"],
};
const usualMapping = {
  deviceId: "/device",
  message: ["{/text} (limit {/limit})", "/kind"],
  severity: { from: "/bad", values: { p1: "critical" } },
  status: "/state",
  type: "/kind",
  threshold: { from: "/limit", number: true },
  unit: { always: "°C" },
  occurredAt: "/at",
  labels: { texts: { site: "/site" } },
};
/** Each field has one of its first two values to begin with; from one record to the next at most one changes. */
const usual = fc
  .tuple(
    fc.tuple(...Object.values(USUAL).map((some) => fc.constantFrom(...some.slice(0, 2)))),
    fc.array(fc.tuple(fc.constantFrom(...Object.keys(USUAL)), fc.nat(4)), { minLength: 3, maxLength: 12 }),
  )
  .map(([first, changes]) => {
    const values = new Map(Object.keys(USUAL).map((name, index) => [name, first[index]]));
    return changes.map(([name, index]) => {
      values.set(name, USUAL[name]?.[index] ?? values.get(name));
      return `{${[...values].map(([of, json]) => `"${of}":${json}`).join(",")}}`;
    });
  });

test("fields that are the same in many records say in each what they say in one", () => {
  const of = fc.constantFrom(...RULES).map((rules) => ({ yaml: { fields: usualMapping }, rules, key: null }));
  checkBothWays(of, usual, 1_000);
});
