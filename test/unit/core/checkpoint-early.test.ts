import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Checkpoint } from "#src/core/checkpoint.js";
import { encodeEarly } from "#src/core/checkpoint-sections.js";
import type { EarlyFact } from "#src/core/early-parts.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { checkProperty } from "#test/support/property.js";

const EMPTY: Checkpoint = { position: 7, handingOver: 0, time: undefined, marks: [], settled: [] };

const facts = (most: number): fc.Arbitrary<EarlyFact[]> =>
  fc
    .array(
      fc.record({
        gap: fc.oneof(fc.nat(300), fc.nat(2 ** 30)),
        shift: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(1000) }),
        alerts: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
      }),
      { maxLength: most, size: "max" },
    )
    .map((all) => {
      const early: EarlyFact[] = [];
      for (const { gap, shift, alerts } of all)
        early.push({ offset: (early.at(-1)?.offset ?? 6) + gap + 1, shift, alerts });
      return early;
    });

test("early mails that fit come back as they went in, also with the position itself settled", () => {
  checkProperty(
    fc.property(facts(60), (early) => {
      const one: Checkpoint = { ...EMPTY, settled: [[7, 11]], ...(early.length === 0 ? {} : { early }) };
      const { metadata, overflowed } = encodeCheckpoint(one);
      assert.equal(overflowed, false);
      assert.deepEqual(decodeCheckpoint(metadata, 7), one);
    }),
    { runs: 200, rerun: "npm run test:unit -- core/checkpoint-early" },
  );
});

test("where there is no room, those stay that a replay cannot find out; without room for these an overflow is counted", () => {
  const early = Array.from({ length: 100 }, (_, i) => ({ offset: 7 + i, shift: i % 10 === 0 ? 1 : 0, alerts: 3 }));
  const kept = (chars: number) => {
    const { metadata, overflowed } = encodeCheckpoint({ ...EMPTY, early }, chars);
    return { count: decodeCheckpoint(metadata, 7)?.early?.length ?? 0, overflowed };
  };
  assert.deepEqual(kept(4096), { count: 100, overflowed: false });
  assert.deepEqual(kept(200), { count: 10, overflowed: false });
  assert.deepEqual(kept(40), { count: 0, overflowed: true });
});

test("settled offsets come first, early mails next, and half-delivered alerts get what is left", () => {
  const early = Array.from({ length: 40 }, (_, i) => ({ offset: 7 + i, shift: 1, alerts: 3 }));
  const delivered = [{ recipients: [1], runs: [[61, 62]] }] as const;
  const settled: [number, number][] = [[7, 60]];
  const one = { ...EMPTY, settled, early, delivered };
  const { metadata, overflowed } = encodeCheckpoint(one, 200);
  const { early: kept, delivered: left, settled: all } = decodeCheckpoint(metadata, 7) as Checkpoint;
  assert.deepEqual([overflowed, all, kept?.length, left], [true, settled, 40, undefined]);
});

test("an early mail takes its room to the last byte; where it has none, no byte is written, and it is missed only if a replay needs it", () => {
  const written = (shift: number, room: number) => encodeEarly([{ offset: 9, shift, alerts: 3 }], 7, room);
  assert.deepEqual(written(1, 3), { bytes: [2, 1, 3], complete: true });
  assert.deepEqual(written(1, 2), { bytes: [], complete: false });
  assert.deepEqual(written(0, 2), { bytes: [], complete: true });
  assert.deepEqual(written(0, -1), { bytes: [], complete: true }, "with less than none");
});
