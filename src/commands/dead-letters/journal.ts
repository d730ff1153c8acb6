/**
 * The topic that says which letters were redriven. Kafka deletes no single record, so a letter stays where it is; a note about it in a topic of its own
 * keeps the dead-letter topic what its readers expect. A note is written in the same transaction as the alerts.
 */

import * as z from "zod";
import type { StoredRecord, WrittenRun } from "../../kafka/command-client.js";
import { type Letter, nameOf } from "./letter.js";

export const journalTopicOf = (deadLetterTopic: string): string => `${deadLetterTopic}.redriven`;

/** Never deleted: a note weighs some 100 bytes and must outlive its letter. */
export const JOURNAL_CONFIG = { "cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1" } as const;

const offset = z.int().nonnegative();

const note = z.object({
  /** Of the letter's record: after the dead-letter topic was created anew, the same position is another letter. */
  timestamp: z.int(),
  redrivenAt: z.string(),
  /** `sourceOf` the letter, and how many alerts it is about. */
  source: z.string(),
  alerts: z.int(),
  /** The records that were written, and how often they came back with it. Earlier versions did not note it. */
  written: z.optional(
    z.object({
      topic: z.string(),
      redrives: z.int().positive(),
      /** Partition, first and last offset. */
      runs: z.array(z.tuple([offset, offset, offset])),
    }),
  ),
});

export interface Note {
  readonly key: string;
  readonly value: string;
}

export interface Redriven {
  /** How many the letter is about. */
  readonly alerts: number;
  /** What its records say of themselves. */
  readonly redrives: number;
  readonly onlyTo?: string | undefined;
  /** Where they are now. */
  readonly runs: readonly WrittenRun[];
}

export const noteOf = (letter: Letter, { alerts, redrives, onlyTo, runs }: Redriven, now: number): Note => ({
  key: nameOf(letter),
  value: JSON.stringify({
    timestamp: letter.timestampMs,
    redrivenAt: new Date(now).toISOString(),
    source: sourceOf(letter, onlyTo),
    alerts,
    written: {
      topic: letter.source.topic,
      redrives,
      runs: runs.map(({ partition, first, last }) => [partition, first, last]),
    },
  }),
});

/**
 * What a letter is about, by its first alert. A crash before the commit, or an acknowledgement that was lost, leaves the same letter in the topic twice;
 * the second may tell of more (windows that waited leave as one), so their numbers of alerts count too. What goes back to some only is something else than
 * the same for others: each may have a letter of their own.
 */
export const sourceOf = ({ kind, source, item }: Letter, onlyTo?: string): string => {
  const record = `${source.topic}/${source.partition}/${source.offset}${item === undefined ? "" : `#${item}`}`;
  return `${kind} ${record}@${source.timestampMs}${onlyTo === undefined ? "" : ` to ${onlyTo}`}`;
};

interface Run {
  readonly first: number;
  readonly last: number;
  readonly redrives: number;
}

/** Inclusive runs of offsets that a letter is about. */
export type OffsetRuns = readonly (readonly [first: number, last: number])[];

/** Which letters were redriven, when last, and where their alerts are now. */
export class Journal {
  readonly #letters = new Map<string, string>();
  readonly #sources = new Map<string, { alerts: number; at: string }>();
  readonly #written = new Map<string, Run[]>();
  #areSorted = true;

  /** Returns whether it is a note. */
  add({ key, value }: StoredRecord): boolean {
    let parsed: z.infer<typeof note>;
    try {
      parsed = note.parse(JSON.parse(value?.toString("utf8") ?? ""));
    } catch {
      return false;
    }
    const { timestamp, redrivenAt: at, source, alerts, written } = parsed;
    for (const [partition, first, last] of written?.runs ?? [])
      this.#add(`${written?.topic}/${partition}`, { first, last, redrives: written?.redrives ?? 0 });
    this.#letters.set(`${key?.toString("utf8")}@${timestamp}`, at);
    if (alerts >= (this.#sources.get(source)?.alerts ?? 0)) this.#sources.set(source, { alerts, at });
    return true;
  }

  /** ISO 8601, or undefined: neither it nor a copy of it was redriven. `alerts`: how many it is about; undefined: not known. */
  redrivenAt(letter: Letter, alerts: number | undefined, onlyTo?: string): string | undefined {
    // What went to everybody went to them as well.
    const sources = onlyTo === undefined ? [sourceOf(letter)] : [sourceOf(letter), sourceOf(letter, onlyTo)];
    const copy = sources
      .flatMap((source) => this.#sources.get(source) ?? [])
      .find((noted) => alerts !== undefined && alerts <= noted.alerts);
    const own = this.#letters.get(`${nameOf(letter)}@${letter.timestampMs}`);
    return own ?? copy?.at;
  }

  /**
   * How often its alerts came back: as often as their header says, but no more often than the notes know of records at its offsets. Whoever may write
   * alerts can write any header, and no note.
   */
  redrivesOf({ source: { topic, partition }, toldRedrives }: Letter, offsets: OffsetRuns): number {
    if (toldRedrives === 0) return 0;
    const runs = this.#sorted().get(`${topic}/${partition}`) ?? [];
    let noted = 0;
    for (const [first, last] of offsets)
      for (let at = countOf(runs, last); at > 0; at--) {
        const run = runs[at - 1];
        if (run === undefined || run.last < first) break;
        noted = Math.max(noted, run.redrives);
      }
    return Math.min(toldRedrives, noted);
  }

  #add(log: string, run: Run): void {
    const runs = this.#written.get(log);
    if (runs === undefined) this.#written.set(log, [run]);
    else runs.push(run);
    this.#areSorted = false;
  }

  /** No two records have the same offset, so the runs of a log are apart. */
  #sorted(): ReadonlyMap<string, readonly Run[]> {
    if (!this.#areSorted) for (const runs of this.#written.values()) runs.sort((a, b) => a.first - b.first);
    this.#areSorted = true;
    return this.#written;
  }
}

/** How many of them begin at or before it. */
const countOf = (runs: readonly { readonly first: number }[], offset: number): number => {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.first ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
};
