/**
 * The topic that says which letters were redriven. Kafka deletes no single record, so a letter stays where it is; a note about it in a topic of its own
 * keeps the dead-letter topic what its readers expect. A note is written in the same transaction as the alerts.
 */

import * as z from "zod";
import type { StoredRecord } from "../../kafka/record-reader.js";
import { type Letter, nameOf } from "./letter.js";

export const journalTopicOf = (deadLetterTopic: string): string => `${deadLetterTopic}.redriven`;

/** Never deleted: a note weighs some 100 bytes and must outlive its letter. */
export const JOURNAL_CONFIG = { "cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1" } as const;

const note = z.object({
  /** Of the letter's record: after the dead-letter topic was created anew, the same position is another letter. */
  timestamp: z.int(),
  redrivenAt: z.string(),
  /** `sourceOf` the letter, and how many alerts it is about. */
  source: z.string(),
  alerts: z.int(),
});

export interface Note {
  readonly key: string;
  readonly value: string;
}

/** `alerts`: how many the letter is about. */
export const noteOf = (letter: Letter, alerts: number, now: number, onlyTo?: string): Note => ({
  key: nameOf(letter),
  value: JSON.stringify({
    timestamp: letter.timestampMs,
    redrivenAt: new Date(now).toISOString(),
    source: sourceOf(letter, onlyTo),
    alerts,
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

/** Which letters were redriven, and when last. */
export class Journal {
  readonly #letters = new Map<string, string>();
  readonly #sources = new Map<string, { alerts: number; at: string }>();

  /** Returns whether it is a note. */
  add({ key, value }: StoredRecord): boolean {
    let parsed: z.infer<typeof note>;
    try {
      parsed = note.parse(JSON.parse(value?.toString("utf8") ?? ""));
    } catch {
      return false;
    }
    const { timestamp, redrivenAt: at, source, alerts } = parsed;
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
}
