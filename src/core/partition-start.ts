import type { Buckets } from "./buckets.js";
import type { CommitFrontier, HoldId } from "./commit-frontier.js";
import { grouped, type Recipients } from "./delivered.js";
import type { DueMails } from "./due-mails.js";
import type { EarlyParts } from "./early-parts.js";
import type { Faults } from "./faults.js";
import type { PartitionStart } from "./partition-types.js";
import type { Replay } from "./replay.js";
import type { Watermark } from "./watermark.js";

/** What a restart at the frontier has to know, of the parts of a partition that know it. */
export const startingPointOf = (
  parts: {
    readonly frontier: CommitFrontier;
    readonly watermark: Watermark;
    readonly due: DueMails;
    readonly early: EarlyParts;
    readonly faults: Faults;
    readonly buckets: Buckets;
    readonly delivered: ReadonlyMap<HoldId, Recipients>;
  },
  replay: Replay | undefined,
): PartitionStart => {
  const { watermark } = parts;
  const { position, frontier, holds, timeBeforeFrontier } = parts.frontier;
  const { settled, delivered } = parts.frontier.runs(parts.delivered);
  replay?.addUnread(position, settled, delivered);
  // A replay that ends halfway says what it was told.
  const readTo = parts.due.holdsBack ? Math.max(replay?.readTo ?? 0, position) : position;
  const early = parts.early.facts(parts.buckets, position);
  const faults = parts.faults.facts(position, frontier);
  return {
    position: frontier,
    time: holds > 0 ? timeBeforeFrontier : watermark.knownTime,
    marks: watermark.marksAbove(frontier),
    settled,
    ...(delivered.length === 0 ? {} : { delivered: grouped(delivered) }),
    ...(early.length === 0 ? {} : { early }),
    ...(readTo > frontier ? { readTo } : {}),
    ...(faults === undefined ? {} : { faults }),
  };
};
