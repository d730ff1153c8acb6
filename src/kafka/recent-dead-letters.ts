/**
 * The dead letters that the group wrote before this process began, for the page: without them a restart would say that there are none. The newest
 * first, within bounds, without joining a group: READ on the dead-letter topic is all it takes.
 */

import { type WallTime, wallTime } from "../core/time.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import {
  DEAD_LETTER_REASONS,
  type DeadLetterStage,
  type EarlierDeadLetters,
  type RecentDeadLetter,
} from "../runtime/ports.js";
import { rootCause } from "./client.js";
import type { PlainFetch, PlainRecord } from "./plain-fetch.js";

export interface RecentDeadLettersDeps {
  readonly fetches: PlainFetch;
  readonly topic: string;
  readonly group: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly isOver: () => boolean;
}

/** Of the hour before `until`. Never rejects; undefined where nothing could be read, which the log says. */
export const readRecentDeadLetters = async (
  deps: RecentDeadLettersDeps,
  until: WallTime,
): Promise<EarlierDeadLetters | undefined> => {
  const { clock, log, topic, isOver } = deps;
  for (let attempt = 1; !isOver(); attempt++) {
    try {
      return await readOnce(deps, until);
    } catch (error) {
      const { message, retriable } = rootCause(error) as Error & { retriable?: boolean };
      if (isOver()) break;
      if (retriable !== true || attempt === ATTEMPTS) {
        const advice = "the page shows dead letters from the start of this process on; grant READ on the topic";
        log.warn({ topic, error: message, advice }, "earlier dead letters could not be read");
        break;
      }
      await new Promise<void>((resolve) => void clock.after(AGAIN_AFTER_MS, resolve));
    }
  }
  return undefined;
};

const readOnce = async (
  { fetches, group, isOver }: RecentDeadLettersDeps,
  until: WallTime,
): Promise<EarlierDeadLetters> => {
  await fetches.locate();
  const partitions = fetches.partitions();
  const each = Math.max(1, Math.floor(RECORDS_MAX / Math.max(1, partitions.length)));
  const letters: RecentDeadLetter[] = [];
  let since: number = until - HOUR_MS;
  let bytes = 0;
  for (const partition of partitions) {
    const first = await fetches.firstSince(partition, until - HOUR_MS);
    if (first === undefined) continue;
    const end = await fetches.end(partition);
    let next = Math.max(first, end - each);
    let isCut = next > first;
    while (next < end && !isOver()) {
      // What is left over lies nearest to now: of it only this process's own letters are known.
      if (bytes > BYTES_MAX) {
        since = until;
        break;
      }
      const fetched = await fetches.fetch(partition, next, { maxBytes: FETCH_BYTES, waitMs: FETCH_WAIT_MS });
      for (const record of fetched.records) {
        bytes += RECORD_OVERHEAD + (record.key?.length ?? 0) + (record.value?.length ?? 0);
        if (isCut) since = Math.max(since, record.timestampMs);
        isCut = false;
        const letter = record.offset < end ? letterOf(record, partition, group) : undefined;
        if (letter !== undefined && letter.at < until && letter.at >= until - HOUR_MS) letters.push(letter);
      }
      next = Math.max(next + 1, fetched.next);
    }
  }
  letters.sort((a, b) => a.at - b.at);
  return { letters: letters.slice(-KEPT), count: letters.length, since: wallTime(Math.min(since, until)) };
};

/** Whoever may write to the topic wrote it: what is no letter of this group is passed over. */
const letterOf = (record: PlainRecord, partition: number, group: string): RecentDeadLetter | undefined => {
  const header = (name: string): string => {
    const value = record.headers[`dead-letter.${name}`];
    return String((Array.isArray(value) ? value.at(-1) : value) ?? "");
  };
  const [kind, stage, at] = [header("kind"), header("stage"), Date.parse(header("failed-at"))];
  const [source, offset] = [Number(header("partition")), Number(header("offset"))];
  if ((kind !== "record" && kind !== "window") || !isStage(stage) || header("group") !== group) return undefined;
  if (!Number.isSafeInteger(source) || !Number.isSafeInteger(offset) || Number.isNaN(at)) return undefined;
  return {
    at: wallTime(at),
    kind,
    stage,
    reason: header("reason"),
    deviceId: header("device") || (record.key === null ? undefined : record.key.subarray(0, KEY_BYTES_MAX).toString()),
    partition: source,
    offset,
    detail: header("detail"),
    position: { partition, offset: record.offset },
  };
};

const isStage = (stage: string): stage is DeadLetterStage => Object.hasOwn(DEAD_LETTER_REASONS, stage);

const HOUR_MS = 60 * 60_000;
const ATTEMPTS = 5;
const AGAIN_AFTER_MS = 2_000;
/** Of all partitions together. */
const RECORDS_MAX = 2_000;
const BYTES_MAX = 16 * 1024 * 1024;
const FETCH_BYTES = 1024 * 1024;
const FETCH_WAIT_MS = 500;
const RECORD_OVERHEAD = 300;
const KEY_BYTES_MAX = 1_024;
/** A list of the page has no more. */
const KEPT = 20;
