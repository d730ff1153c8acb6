import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLetter } from "#src/commands/dead-letters/letter.js";
import type { Redrivable } from "#src/commands/dead-letters/plan.js";
import { withUnlisted } from "#src/commands/dead-letters/unlisted.js";
import type { WindowDocument } from "#src/commands/dead-letters/window-document.js";
import type { RecordRange, StoredRecord } from "#src/kafka/command-client.js";

const record = (partition: number, offset: number): StoredRecord => ({
  topic: "alerts",
  partition,
  offset,
  timestampMs: offset,
  key: null,
  value: Buffer.alloc(100),
  headers: new Map(),
  rawHeaders: {},
});

const windowOf = (partition: number, ...unlisted: readonly [number, number][]): Redrivable => {
  const headers = Object.entries({
    ...{ kind: "window", stage: "smtp", reason: "too-large", topic: "alerts", group: "g", offset: "0", timestamp: "0" },
    partition: String(partition),
  });
  const parsed = parseLetter({
    ...record(0, 0),
    headers: new Map(headers.map(([name, value]) => [`dead-letter.${name}`, value])),
  });
  assert.ok(parsed.ok);
  return {
    kind: "window",
    letter: parsed.letter,
    redrives: 0,
    document: {} as WindowDocument,
    unlisted,
    onlyTo: undefined,
  };
};

/** Two partitions of 1,000 alerts, of which the first 10 are gone. */
const ENDS = new Map([0, 1].map((partition) => [partition, { start: 10, end: 1_000 }]));

const look = async (decisions: readonly Redrivable[], limits?: { alerts: number; bytes: number }) => {
  const read: RecordRange[][] = [];
  let kept = 0;
  const client = {
    async read(ranges: readonly RecordRange[], onRecord: (record: StoredRecord) => void) {
      read.push([...ranges]);
      const offsets = new Map<number, Set<number>>();
      for (const { partition, from, to } of ranges)
        for (let offset = from; offset < to; offset++)
          offsets.set(partition, (offsets.get(partition) ?? new Set()).add(offset));
      let most = 0;
      for (const [partition, wanted] of offsets)
        for (const offset of [...wanted].sort((a, b) => a - b)) {
          onRecord(record(partition, offset));
          kept = Math.max(kept, ++most);
        }
    },
  };
  const found: (readonly number[] | undefined)[] = [];
  for await (const { decision, unlisted } of withUnlisted(client, "alerts", decisions, ENDS, limits)) {
    assert.equal(decision, decisions[found.length]);
    found.push(unlisted?.map(({ offset }) => offset));
  }
  return { found, read, kept };
};

test("each window gets the alerts that its document does not list, also where letters name the same ones; what is gone from the log is left out", async () => {
  const { found, read } = await look([windowOf(0, [8, 11], [20, 21]), windowOf(1, [20, 20]), windowOf(0, [21, 23])]);
  assert.deepEqual(found, [[10, 11, 20, 21], [20], [21, 22, 23]]);
  assert.equal(read.length, 1, "all at once");
});

test("a letter that names a whole log is told of, and takes no more memory than others; the letters beside it are read by themselves", async () => {
  const all = windowOf(0, [0, Number.MAX_SAFE_INTEGER]);
  const limits = { alerts: 5_000, bytes: 10 * 300 };
  const beside = [windowOf(0, [20, 21]), windowOf(1, [30, 31])];
  const { found, kept } = await look([beside[0] as Redrivable, all, beside[1] as Redrivable], limits);
  assert.deepEqual(found, [[20, 21], undefined, [30, 31]]);
  assert.ok(kept <= 10, `${kept} records were kept at once`);
});

test("many windows are read in parts of a limited number of alerts", async () => {
  const windows = [0, 1, 2].map((at) => windowOf(0, [100 * at + 10, 100 * at + 69]));
  const { found, read } = await look(windows, { alerts: 120, bytes: 1e9 });
  assert.deepEqual(
    found.map((offsets) => offsets?.length),
    [60, 60, 60],
  );
  assert.deepEqual(
    read.map((ranges) => ranges.length),
    [2, 1],
  );
});
