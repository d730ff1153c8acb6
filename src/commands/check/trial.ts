/** What became of records that were read on trial, in one line. Pure. */

import { cutWithin } from "../../core/at-most.js";
import type { Decoded } from "../../runtime/ports.js";
import { printable } from "../printable.js";
import { type Finding, fine, wrong } from "./findings.js";

export interface TriedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly decoded: Decoded;
}

/** `unfound`: what the mapping found in none of them, a text for each field. */
export const trialOf = (topic: string, tried: readonly TriedRecord[], unfound: readonly string[]): Finding => {
  if (tried.length === 0) return fine(SUBJECT, `${topic} has none yet, so nothing could be tried`);
  const alerts = tried.flatMap(({ decoded }) => (decoded.kind === "alert" ? decoded : []));
  const ignored = tried.flatMap(({ decoded }) => (decoded.kind === "ignored" ? decoded.detail : []));
  const faults = tried.flatMap(({ decoded, ...at }) => (decoded.kind === "unreadable" ? { ...decoded, ...at } : []));
  const repairs = commonest(alerts.flatMap((alert) => alert.repairs));
  const [first] = faults;
  const parts = [
    `of the newest ${tried.length} of ${topic} ${alerts.length} can be read as alerts`,
    ...(ignored.length === 0
      ? []
      : [`${ignored.length} ${ignored.length === 1 ? "is" : "are"} ignored (${commonest(ignored)})`]),
    ...(first === undefined
      ? []
      : [
          `${faults.length} cannot be read (${commonest(faults.map(({ reason }) => reason))}), such as ${first.partition}/${first.offset}: ${first.detail}`,
        ]),
    ...(repairs === "" ? [] : [`not as documented, and read kindly: ${repairs}`]),
    ...(unfound.length === 0 ? [] : [`the mapping found nothing in any of them for ${unfound.join("; ")}`]),
  ];
  const said = cut(printable(parts.join("; ")));
  return faults.length > alerts.length ? wrong(SUBJECT, said, ADVICE) : fine(SUBJECT, said);
};

const SUBJECT = "records";
const ADVICE =
  "set RECORD_ENVELOPE, MAPPING_FILE or SCHEMA_REGISTRY_URL to what the producers write, or correct the producers: run makes dead letters of such records";

/** The three that stand there most often, with their numbers, and how many are others. */
const commonest = (words: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const others = sorted.slice(SHOWN).reduce((sum, [, count]) => sum + count, 0);
  return [...sorted.slice(0, SHOWN), ...(others === 0 ? [] : [["others", others] as const])]
    .map(([word, count]) => `${word} ${count}`)
    .join(", ");
};

const SHOWN = 3;
/** A line, not a page. */
const cut = (text: string): string => cutWithin(text, LINE_MAX);
const LINE_MAX = 1_000;
