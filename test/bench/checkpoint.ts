/** (e) How large the checkpoint is, and how much of what is settled it can say. Nothing is timed against anything: sizes are the same everywhere. */

import { recipientTag } from "#src/core/delivered.js";
import { eventTime } from "#src/core/time.js";
import { CHECKPOINT_MAX_CHARS } from "#src/runtime/commit-metadata.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { Random } from "../support/random.js";
import type { BenchContext, PartReport } from "./report.js";

const DEVICES = 10_000;
const OFFSETS = [1_000, 10_000, 100_000, 1_000_000];
const STUCK = [1, 10, 1_000];

export async function benchCheckpoint({ say }: BenchContext): Promise<PartReport> {
  const rows = OFFSETS.flatMap((offsets) =>
    STUCK.map((stuck) => {
      say(`checkpoint: ${offsets} offsets, ${stuck} of ${DEVICES} devices stuck`);
      return { name: `${offsets} offsets, ${stuck} stuck`, figures: measure(offsets, stuck) };
    }),
  );
  return {
    part: "e",
    title: "size of the checkpoint",
    how: `Alerts of ${DEVICES} devices in random order; the first is of a stuck device, and all of the stuck ones are unsettled; all of it was read. Half-delivered: all of the unsettled ones, which one of two recipients has. At most ${CHECKPOINT_MAX_CHARS} characters.`,
    rows,
    ratios: [],
    raw: rows,
  };
}

function measure(offsets: number, stuck: number): Record<string, number> {
  const random = new Random(1);
  const settled: [number, number][] = [];
  // As a run of half-delivered alerts is told: over what is settled.
  const unsettled: [number, number][] = [[0, 0]];
  for (let offset = 1; offset < offsets; offset++) {
    const device = random.between(0, DEVICES - 1);
    if (device < stuck) {
      (unsettled[0] as [number, number])[1] = offset;
      continue;
    }
    const run = settled.at(-1);
    if (run?.[1] === offset - 1) run[1] = offset;
    else settled.push([offset, offset]);
  }
  const start = { position: 0, time: eventTime(1_790_000_000_000), marks: [], settled, readTo: offsets };
  const startedAt = performance.now();
  const { metadata } = encodeCheckpoint(start);
  const milliseconds = performance.now() - startedAt;
  const count = (runs: readonly (readonly [number, number])[]): number =>
    runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const kept = count(decodeCheckpoint(metadata, 0)?.settled ?? []) / Math.max(1, count(settled));
  const recipients = [recipientTag("oncall@example.com")];
  const half = encodeCheckpoint({ ...start, delivered: [{ recipients, runs: unsettled }] });
  const known = decodeCheckpoint(half.metadata, 0)?.delivered?.[0]?.runs ?? [];
  return {
    characters: metadata.length,
    "settled offsets kept %": kept * 100,
    "half-delivered alerts kept %": (count(known) / count(unsettled)) * 100,
    "characters with them": half.metadata.length,
    "encoding ms": milliseconds,
  };
}
