/** Of a long record only what is kept of it is made: how many values it has costs a walk over its bytes, and nothing else. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MAX_VALUE_BYTES } from "#src/core/alert.js";
import { briefJson, LABELS_MAX } from "#src/formats/brief-json.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { CUT_NOTE } from "#src/formats/cut-note.js";
import { readBriefJson, readPlainJson } from "#src/formats/plain-json.js";
import { DEFAULT_RULES, readAlert } from "#src/formats/read-alert.js";

const FIELDS = [
  ...["deviceId", "message", "deviceName", "severity", "status", "type", "value", "threshold"],
  ...["unit", "occurredAt", "alertId", "labels", CUT_NOTE],
];

/** A megabyte of this, in whatever stands around it. */
const filled = (head: string, part: (index: number) => string, tail: string): string => {
  const parts: string[] = [];
  let length = head.length + tail.length + 10;
  for (let index = 0; ; index++) {
    const next = part(index);
    length += next.length + 1;
    if (length > MAX_VALUE_BYTES) return head + parts.join() + tail;
    parts.push(next);
  }
};

const HEAD = '{"deviceId":"d","message":"m"';
const labelled = (value: string): string => filled(`${HEAD},"labels":{`, (index) => `"l${index}":${value}`, "}}");
const listed = (value: string): string => filled(`${HEAD},"raw":[`, () => value, "]}");
const LONG: Readonly<Record<string, string>> = {
  "texts as labels": labelled('"v"'),
  "empty labels": labelled('""'),
  "numbers as labels": labelled("1.5"),
  "objects as labels": labelled("{}"),
  "lists as labels": labelled("[[1]]"),
  "nulls as labels": labelled("null"),
  "labels of one name": filled(`${HEAD},"labels":{`, () => '"l":"v"', "}}"),
  "fields that nobody knows": filled(`${HEAD},`, (index) => `"f${index}":"v"`, "}"),
  "a field again and again": filled(`${HEAD},`, () => '"labels":{"a":"b"}', "}"),
  objects: listed("{}"),
  lists: listed("[[],[]]"),
  "numbers that no number holds": listed("12345678901234567890"),
  "numbers that are none": listed("NaN,-Infinity"),
  "deep lists": listed(`${"[".repeat(70)}${"]".repeat(70)}`),
  "a list as the message": filled('{"deviceId":"d","type":"t","message":[', () => "{}", "]}"),
  "a list as the device": filled('{"message":"m","deviceId":[', () => "{}", "]}"),
  "a list as its labels": filled(`${HEAD},"labels":[`, () => "{}", "]}"),
  "a note of what was cut": filled(`${HEAD},"${CUT_NOTE}":{`, (index) => `"c${index}":1`, "}}"),
};

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
const objectOf = (members: readonly (readonly [string, string])[]): string =>
  `{${members.map(([name, value]) => ` "${name}" :${value}`).join()} }`;

/** Of a JSON text: values, and values in values. */
const valuesIn = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? Object.values(value).reduce((sum: number, one) => sum + valuesIn(one), 1)
    : 1;

describe("of a megabyte that holds a hundred thousand values", () => {
  for (const [name, json] of Object.entries(LONG))
    it(`few are made: ${name}`, () => {
      const brief = briefJson(Buffer.from(json));
      assert.ok(brief.ok);
      const values = valuesIn(JSON.parse(brief.text));
      assert.ok(values <= FIELDS.length + 3 * LABELS_MAX, `${values} values`);
    });

  it("none is made where it is no JSON, and the words say from where on", () => {
    const json = listed("{}");
    const decode = (value: string) => createAlertCodec().decode({ key: null, value: Buffer.from(value) });
    const broken = decode(`${json.slice(0, -2)},]}`);
    assert.ok(broken.kind === "unreadable" && broken.reason === "not-json");
    assert.match(broken.detail, new RegExp(`^no JSON from byte ${json.length - 1} on: "\\]\\}"$`));
    const early = decode(json.slice(0, -1));
    assert.deepEqual(early, { kind: "unreadable", reason: "not-json", detail: "JSON that ends too early" });
  });

  it("what is read is what it says, and what there was no room for is counted", () => {
    const codec = createAlertCodec();
    for (const [name, kept] of [
      ["texts as labels", { l0: "v", l1: "v" }],
      ["objects as labels", { l0: "{}", l1: "{}" }],
      ["numbers as labels", { l0: "1.5", l1: "1.5" }],
      ["lists as labels", { l0: "[[1]]", l1: "[[1]]" }],
    ] as const) {
      const value = Buffer.from(LONG[name] as string);
      const decoded = codec.decode({ key: null, value });
      assert.ok(decoded.kind === "alert");
      const { labels = {}, cut } = codec.parse(decoded.bytes);
      assert.deepEqual({ l0: labels["l0"], l1: labels["l1"] }, kept);
      assert.equal(Object.keys(labels).length, LABELS_MAX);
      const all = JSON.parse(value.toString()) as { readonly labels: object };
      assert.equal(cut?.labels, Object.keys(all.labels).length - LABELS_MAX, name);
    }
    const decoded = codec.decode({ key: null, value: Buffer.from(LONG["a list as the message"] as string) });
    assert.ok(decoded.kind === "alert");
    const { message, cut } = codec.parse(decoded.bytes);
    assert.match(message, /^\[(\{\},)+…$/);
    assert.ok((cut?.message ?? 0) > MAX_VALUE_BYTES * 0.9);
    const nobody = codec.decode({ key: null, value: Buffer.from(LONG["a list as the device"] as string) });
    assert.ok(nobody.kind === "unreadable" && nobody.detail === "deviceId is an array, expected a string");
  });
});

describe("a record of which nothing is left out", () => {
  const word = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: "grapheme", maxLength: 4 }));
  const number = fc.constantFrom("NaN", "-Infinity", "Infinity", "1e999", "-0", "12345678901234567890", "1.50", "2e3");
  const name = fc.oneof(fc.constantFrom(...FIELDS, "__proto__", "7", "device\\u0049d"), word.map(escaped));
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small", maxDepth: 4 },
      word.map((text) => JSON.stringify(text)),
      number,
      fc.constantFrom("true", "null", '"\\u0041\\n"'),
      fc.array(tie("value"), { maxLength: 3 }).map((some) => `[ ${some.join(" ,")}]`),
      fc.array(fc.tuple(name, tie("value") as fc.Arbitrary<string>), { maxLength: 3 }).map(objectOf),
    ),
  }));
  const labels = fc.array(fc.tuple(word.map(escaped), json.value as fc.Arbitrary<string>), { maxLength: 5 });
  const field = fc.oneof(
    fc.tuple(name, json.value as fc.Arbitrary<string>),
    fc.tuple(fc.constant("labels"), labels.map(objectOf)),
  );
  const text = fc.oneof(fc.array(field, { maxLength: 8 }).map(objectOf), json.value as fc.Arbitrary<string>);

  it("is read as the whole of it is read, also in a JSON text, behind a byte order mark, or damaged", () => {
    const written = fc.tuple(text, fc.constantFrom("", "text", "mark"), fc.option(fc.nat(), { freq: 4 }));
    fc.assert(
      fc.property(written, ([json, as, damage]) => {
        const characters = [...json];
        if (damage !== null) characters.splice(damage % Math.max(characters.length, 1), 1);
        const record = characters.join("");
        const bytes = Buffer.from(as === "text" ? JSON.stringify(record) : as === "mark" ? `\ufeff${record}` : record);
        const [whole, brief] = [readPlainJson(bytes), readBriefJson(bytes)];
        assert.equal(brief.ok, whole.ok, record);
        if (!brief.ok || !whole.ok) return;
        assert.deepEqual(alertOf(brief.value), alertOf(whole.value), record);
        assert.equal(brief.labelsLeftOut, 0);
      }),
      { numRuns: 2_000 },
    );
  });

  /** Whatever else it says, it is some alert, so that all of it is compared. */
  const alertOf = (value: unknown) => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return readAlert(isObject ? { ...value, type: "t", deviceId: "d" } : value, undefined, DEFAULT_RULES);
  };
});
