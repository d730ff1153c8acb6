/** Values that are nested deeply are passed over by their bytes: no reader walks them with calls, and none takes something in them for a field. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createAlertCodec } from "#src/formats/codec.js";
import { cloudEventsEnvelope } from "#src/formats/envelopes/cloudevents.js";
import { connectEnvelope } from "#src/formats/envelopes/connect.js";
import { debeziumEnvelope } from "#src/formats/envelopes/debezium.js";
import { JsonCursor } from "#src/formats/json-cursor.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";
import { recordItems } from "#src/formats/record-items.js";
import { shallow } from "#src/formats/shallow.js";
import { createShapedCodec, type Shape } from "#src/formats/shaped-codec.js";
import type { AlertCodec, Decoded } from "#src/runtime/ports.js";
import { mappingOf } from "#test/unit/formats/mapping/mappings.js";

/** JSON that is nested `depth` times, of lists and objects in any order; in its middle something that looks like an alert. */
const nested = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.infiniteStream(fc.constantFrom("[", "{", "[1,", '{"deviceId":"x","a":')))
  .map(([depth, stream]) => {
    let [before, after] = ["", ""];
    for (let level = 0; level < depth; level++) {
      const open = stream.next().value as string;
      before += open === "{" ? '{"message":' : open;
      after = (open.startsWith("[") ? "]" : "}") + after;
    }
    return { depth, json: `${before}{"deviceId":"other","message":"}]\\"[{","severity":"critical"}${after}` };
  });

const ROW = { deviceId: "d1", message: "뜨겁다", severity: "info" };
const withExtra = (object: object, json: string): string => `${JSON.stringify(object).slice(0, -1)},"extra":${json}}`;
const plain: Shape = { registry: undefined, envelope: undefined, mapping: () => undefined };

const fields = mappingOf(`
fields:
  deviceId: /deviceId
  message: /message
  severity: /severity
`);
const listed = mappingOf(`
each: /list
fields:
  deviceId: /deviceId
  message: /message
  severity: /severity
`);

const shaped = (shape: Partial<Shape>): AlertCodec => createShapedCodec({ ...plain, ...shape }, DEFAULT_RULES);
const items = (shape: Partial<Shape>) => ({
  decode: (record: { readonly key: null; readonly value: Buffer }): Decoded | undefined =>
    recordItems({ ...plain, ...shape }, record, DEFAULT_RULES)[0]?.decoded,
});

type Reader = { decode(record: { readonly key: null; readonly value: Buffer }): Decoded | undefined };
const READERS: Readonly<Record<string, readonly [Reader, (json: string) => string]>> = {
  "by the bytes": [createAlertCodec(), (json) => withExtra(ROW, json)],
  "the kind way": [createAlertCodec(), (json) => withExtra({ ...ROW, severity: "INFO" }, json)],
  "the kind way, with exact numbers": [createAlertCodec(), (json) => withExtra({ ...ROW, value: 1 }, `[NaN,${json}]`)],
  "out of a JSON text": [createAlertCodec(), (json) => JSON.stringify(withExtra(ROW, json))],
  connect: [shaped({ envelope: connectEnvelope }), (json) => `{"schema":null,"payload":${withExtra(ROW, json)}}`],
  debezium: [
    shaped({ envelope: debeziumEnvelope }),
    (json) => `{"before":null,"after":${withExtra(ROW, json)},"op":"c","source":{"table":"a"},"x":${json}}`,
  ],
  "debezium's outbox": [shaped({ envelope: debeziumEnvelope }), (json) => JSON.stringify(withExtra(ROW, json))],
  cloudevents: [
    shaped({ envelope: cloudEventsEnvelope }),
    (json) => `{"specversion":"1.0","id":"e","source":"/s","type":"t","data":${withExtra(ROW, json)},"x":${json}}`,
  ],
  "a mapping by the bytes": [shaped({ mapping: () => fields }), (json) => withExtra(ROW, json)],
  "a mapping of the whole": [items({ mapping: () => fields }), (json) => withExtra(ROW, json)],
  "a mapping with a list": [
    items({ mapping: () => listed }),
    (json) => `{"x":${json},"list":[${withExtra(ROW, json)}]}`,
  ],
};

describe("a field that nobody knows, nested deeply", () => {
  for (const [name, [reader, written]] of Object.entries(READERS))
    it(`changes nothing of the alert: ${name}`, () => {
      fc.assert(
        fc.property(nested, ({ json }) => {
          const decoded = reader.decode({ key: null, value: Buffer.from(written(json)) });
          assert.ok(decoded?.kind === "alert", JSON.stringify(decoded));
          const { deviceId, message, severity } = createAlertCodec().parse(decoded.bytes);
          assert.deepEqual({ deviceId, message, severity }, ROW);
        }),
        { numRuns: 60 },
      );
    });

  it("is no alert where its brackets do not match, and the words say so", () => {
    for (const json of [
      "[".repeat(200),
      `${"[".repeat(100)}}${"]".repeat(99)}`,
      `${"[".repeat(100)}1,${"]".repeat(100)}`,
    ]) {
      for (const row of [ROW, { ...ROW, severity: "INFO" }]) {
        const decoded = createAlertCodec().decode({ key: null, value: Buffer.from(withExtra(row, json)) });
        assert.ok(decoded.kind === "unreadable" && decoded.reason === "not-json", JSON.stringify(decoded));
      }
    }
  });

  it("is gone from what is kept of a long record", () => {
    const deep = `[${`${"[".repeat(2_000)}${"]".repeat(2_000)},`.repeat(100)}1]`;
    for (const [name, [reader, written]] of Object.entries(READERS)) {
      const decoded = reader.decode({ key: null, value: Buffer.from(written(deep)) });
      assert.ok(decoded?.kind === "alert", `${name}: ${JSON.stringify(decoded)}`);
      if (!name.includes("mapping")) assert.ok(decoded.bytes.length < 4_096, name);
    }
  });
});

describe("a walk over JSON by its bytes", () => {
  const cursor = new JsonCursor();
  const isJson = (text: string): boolean => {
    cursor.open(Buffer.from(text));
    cursor.next();
    return cursor.value() && cursor.isAtEnd();
  };
  const parses = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  it("takes what JSON.parse takes, at any depth, and nothing else", () => {
    const damaged = fc
      .tuple(nested, fc.nat(), fc.constantFrom("", "[", "]", "{", "}", ",", ":", '"', "1", " ", "\\"))
      .map(([{ json }, at, by]) => {
        const place = at % json.length;
        return json.slice(0, place) + by + json.slice(place + 1);
      });
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          nested.map(({ json }) => json),
          fc.json({ maxDepth: 30 }),
        ),
        (text) => {
          assert.equal(isJson(`[${text}]`), parses(`[${text}]`), text);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("JSON without its depths", () => {
  const pruned = (value: unknown, depth = 1): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (depth > 64) return "…";
    return Array.isArray(value)
      ? value.map((one) => pruned(one, depth + 1))
      : Object.fromEntries(Object.entries(value).map(([name, one]) => [name, pruned(one, depth + 1)]));
  };

  it("is the same down to the 64th level, and an ellipsis stands for what is below", () => {
    fc.assert(
      fc.property(nested, fc.array(nested, { maxLength: 3 }), ({ json }, others) => {
        const text = `{"a":[${[json, ...others.map((one) => one.json)].join(" , ")}],"b":"[[{{"}`;
        assert.deepEqual(JSON.parse(shallow(text)), pruned(JSON.parse(text)));
      }),
    );
  });

  it("is the text as it stands where nothing is so deep, or where it is no JSON", () => {
    const wide = JSON.stringify(Array.from({ length: 1_000 }, () => [{ "[": "{" }]));
    for (const text of [wide, "[".repeat(100), `${"[".repeat(100)}${"]".repeat(100)}x`, "", "x"])
      assert.equal(shallow(text), text);
  });
});
