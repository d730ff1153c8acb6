import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseWindowDocument, unlistedRuns } from "#src/commands/dead-letters/window-document.js";

const alert = (offset: number) => ({ offset, timestamp: 1, late: false, deviceId: "boiler", message: "hot" });
const document = (more: object = {}) => ({
  deviceId: "boiler",
  topic: "alerts",
  partition: 0,
  offsets: [
    [3, 5],
    [8, 8],
  ],
  count: 4,
  alerts: [alert(3), alert(5)],
  ...more,
});
const parse = (json: unknown) => parseWindowDocument(Buffer.from(JSON.stringify(json)));

test("a document is read; fields that are not known are kept with the alert and ignored elsewhere", () => {
  const parsed = parse(document({ later: 1, alerts: [{ ...alert(3), vendor: "x" }] }));
  assert.ok(parsed.ok);
  assert.equal(parsed.document.alerts[0]?.["vendor"], "x");
});

test("a document that is damaged is a problem in one line, never an exception", () => {
  for (const [json, problem] of [
    [null, /the document: /],
    [[], /the document: /],
    [document({ alerts: [{ ...alert(3), offset: "3" }] }), /alerts\.0\.offset: /],
    [document({ offsets: [[5, 3]] }), /offsets: not ascending runs/],
    [
      document({
        offsets: [
          [3, 5],
          [5, 6],
        ],
      }),
      /offsets: not ascending runs/,
    ],
    [document({ partition: -1 }), /partition: /],
    [document({ alerts: [{ ...alert(3), deviceId: "pump" }] }), /another device/],
  ] as const) {
    const parsed = parse(json);
    assert.equal(parsed.ok, false, JSON.stringify(json));
    assert.match(parsed.ok ? "" : parsed.problem, problem);
    assert.doesNotMatch(parsed.ok ? "" : parsed.problem, /\n/);
  }
  assert.equal(parseWindowDocument(Buffer.from("{")).ok, false);
});

test("what the document does not list is the rest of the offsets", () => {
  const parsed = parse(document());
  assert.deepEqual(parsed.ok && unlistedRuns(parsed.document), [
    [4, 4],
    [8, 8],
  ]);
});

test("listed and unlisted offsets together are the window's, each once", () => {
  const gaps = fc.array(fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 0, max: 9 })), { maxLength: 8 });
  fc.assert(
    fc.property(gaps, fc.infiniteStream(fc.boolean()), (shape, isListed) => {
      let at = 0;
      const offsets = shape.map(([gap, length]): [number, number] => {
        const first = at + gap;
        at = first + length;
        return [first, at];
      });
      const expand = (runs: readonly (readonly [number, number])[]): number[] =>
        runs.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
      const all = expand(offsets);
      const alerts = all.filter(() => isListed.next().value === true).map(alert);
      const unlisted = expand(unlistedRuns({ ...document(), offsets, alerts } as Parameters<typeof unlistedRuns>[0]));
      assert.deepEqual(
        [...unlisted, ...alerts.map(({ offset }) => offset)].sort((a, b) => a - b),
        all,
      );
    }),
  );
});
