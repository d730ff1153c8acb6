/** What a redrive does with a letter. Pure. */

import { isPossibleTime } from "../../core/time.js";
import { FORM_HEADER, OWN_FORM } from "../../formats/form-header.js";
import { ownFormOf } from "../../formats/own-form.js";
import { ONLY_ITEM_HEADER } from "../../formats/translate-record.js";
import type { OutgoingRecord, StoredRecord } from "../../kafka/command-client.js";
import { ONLY_TO_HEADER, ONLY_TO_MAX_BYTES, onlyToHeader, translationGroup } from "../../kafka/redrives.js";
import type { AlertCodec } from "../../runtime/ports.js";
import { REDRIVES_HEADER, UNKEPT_HEADER } from "../../runtime/record-headers.js";
import { printable } from "../printable.js";
import type { RedriveTimestamp } from "./command.js";
import { type Journal, sourceOf } from "./journal.js";
import { type Letter, nameOf, offsetsOf } from "./letter.js";
import { parseWindowDocument, unlistedRuns, type WindowDocument } from "./window-document.js";

export interface PlanContext {
  readonly alertsTopic: string;
  readonly deadLetterTopic: string;
  readonly group: string;
  readonly journal: Journal;
  readonly maxRedrives: number;
  readonly again: boolean;
  readonly toFailedOnly: boolean;
  readonly timestamp: RedriveTimestamp;
  /** How the records of the alerts topic are read. */
  readonly codec: AlertCodec;
}

export type Decision =
  | { readonly kind: "record"; readonly letter: Letter; readonly redrives: number }
  | {
      readonly kind: "window";
      readonly letter: Letter;
      /** How often its alerts came back before. */
      readonly redrives: number;
      readonly document: WindowDocument;
      /** Inclusive runs of offsets whose alerts only the alerts topic has. */
      readonly unlisted: readonly (readonly [number, number])[];
      /** Whom it goes back to, as the header has it; undefined: everybody. */
      readonly onlyTo: string | undefined;
    }
  | { readonly kind: "redriven"; readonly letter: Letter; readonly at: string }
  | { readonly kind: "refused"; readonly letter: Letter; readonly why: string }
  /** Another group's, or from another topic: nobody's fault that it is there. */
  | { readonly kind: "foreign"; readonly letter: Letter; readonly why: string };

export const decide = (letter: Letter, context: PlanContext): Decision => {
  const refused = (why: string): Decision => ({ kind: "refused", letter, why });
  const foreign = (why: string): Decision => ({ kind: "foreign", letter, why });
  const parsed = letter.kind === "window" ? parseWindowDocument(letter.value) : undefined;
  const alerts = parsed === undefined ? 1 : parsed.ok ? parsed.document.count : undefined;
  const missed = context.toFailedOnly && parsed?.ok === true ? missedBy(parsed.document) : [];
  const onlyTo = missed.length === 0 ? undefined : onlyToHeader(missed);
  const at = context.journal.redrivenAt(letter, alerts, onlyTo);
  if (at !== undefined && !context.again) return { kind: "redriven", letter, at };
  const { source } = letter;
  if (!isOfTranslation(letter, context)) {
    if (letter.group !== context.group)
      return foreign(`it is of group ${printable(letter.group)}, not of ${context.group} (KAFKA_GROUP_ID)`);
    if (source.topic !== context.alertsTopic)
      return foreign(
        `it came from topic ${printable(source.topic)}, not from ${context.alertsTopic} (KAFKA_ALERTS_TOPIC)`,
      );
  }
  const redrives = context.journal.redrivesOf(
    letter,
    offsetsOf(letter, parsed?.ok === true ? parsed.document : undefined),
  );
  if (redrives >= context.maxRedrives)
    return refused(`it came back ${redrives} times; --max-redrives ${redrives + 1} lets it through once more`);
  if (isUnkept(letter))
    return refused(
      `its record was too large to be kept: it lies in ${printable(source.topic)}/${source.partition}/${source.offset}, for as long as that topic keeps it`,
    );
  if (parsed === undefined) return { kind: "record", letter, redrives };
  if (!parsed.ok) return refused(printable(parsed.problem));
  const { document } = parsed;
  if (document.topic !== source.topic || document.partition !== source.partition)
    return refused("its document and its headers name different partitions");
  if (missed.length > 0 && onlyTo === undefined)
    return refused(
      `${missed.length} recipients missed it, and their addresses do not fit into a header of ${ONLY_TO_MAX_BYTES} bytes; without --to-failed-only it goes to everybody`,
    );
  return { kind: "window", letter, redrives, document, unlisted: unlistedRuns(document), onlyTo };
};

/** `translate` could not read it: it goes back to the input topic. */
const isOfTranslation = ({ kind, group, source }: Letter, context: PlanContext): boolean =>
  kind === "record" && source.topic !== "" && group === translationGroup(context.group, source.topic);

const isUnkept = ({ kind, headers }: Letter): boolean =>
  kind === "record" && headers.get(UNKEPT_HEADER[0]) === UNKEPT_HEADER[1];

/** The topic that it is written to. */
export const targetOf = ({ letter }: Redrivable): string => letter.source.topic;

/** Empty: nobody had it. What went back to some, and met none of them, is still for them. */
const missedBy = ({ recipients = [], onlyTo = [] }: WindowDocument): readonly string[] =>
  recipients.length > 0 ? recipients.map(({ address }) => address) : onlyTo;

export type Redrivable = Decision & { readonly kind: "record" | "window" };

/** The header's text; undefined: it goes to everybody. */
export const onlyToOf = (decision: Redrivable): string | undefined =>
  decision.kind === "window" ? decision.onlyTo : undefined;

/** How many alerts it is about, written or not. */
export const alertsOf = (decision: Redrivable): number => (decision.kind === "record" ? 1 : decision.document.count);

/** Of letters about the same, the one with the most alerts; among equals the first. In the order given. */
export const withoutCopies = (decisions: readonly Redrivable[]): readonly Redrivable[] => {
  const best = new Map<string, Redrivable>();
  for (const decision of decisions) {
    const source = sourceOf(decision.letter, onlyToOf(decision));
    const other = best.get(source);
    if (other === undefined || alertsOf(decision) > alertsOf(other)) best.set(source, decision);
  }
  return decisions.filter((decision) => best.get(sourceOf(decision.letter, onlyToOf(decision))) === decision);
};

export interface Redrive {
  /** In the order in which they are written. */
  readonly records: readonly OutgoingRecord[];
  /** Alerts that neither the document nor the alerts topic has any more. */
  readonly missing: number;
  /** Why the alerts topic's alerts of the window cannot be read: a sentence for each. */
  readonly unreadable: readonly string[];
}

/**
 * Timestamps are the original ones unless they are asked to be new: when it happened is what the mail tells, and the window that it belonged to is closed, so it joins an open one
 * and is marked late. The partition is the original one as well, whatever partitioner the producers have, so that it stays behind the
 * device's earlier alerts; a partition that does not exist any more leaves the choice to the key.
 */
export const compose = (
  decision: Redrivable,
  found: readonly StoredRecord[],
  context: PlanContext,
  partitionCount: number,
): Redrive => {
  const { letter } = decision;
  const { codec } = context;
  const partition = letter.source.partition < partitionCount ? letter.source.partition : undefined;
  const onlyTo = onlyToOf(decision);
  const headers = {
    [REDRIVES_HEADER]: String(decision.redrives + 1),
    ...(onlyTo !== undefined && { [ONLY_TO_HEADER]: onlyTo }),
    ...(letter.item !== undefined && { [ONLY_ITEM_HEADER]: letter.item }),
    "dead-letter.redriven-from": `${context.deadLetterTopic}/${nameOf(letter)}`,
  };
  const isNow = context.timestamp === "now";
  const timestamp = (ms: number): number | undefined => (ms >= 0 && !isNow ? ms : undefined);
  const dated = (value: Buffer, ms: number): Buffer => (isNow ? withTime(value, ms) : value);
  if (decision.kind === "record") {
    const { key, value, source } = letter;
    const timestampMs = timestamp(source.timestampMs);
    return {
      records: [{ partition, key, value, timestampMs, headers: { ...letter.ownHeaders, ...headers } }],
      missing: 0,
      unreadable: [],
    };
  }
  // Whatever form the topic's records have: these go back as alerts.
  const asAlert = { ...headers, [FORM_HEADER]: OWN_FORM };
  const { deviceId, alerts } = decision.document;
  const key = Buffer.from(deviceId);
  const listed = alerts.map(({ offset, timestamp: at, late: _, ...alert }) => ({
    offset,
    record: {
      partition,
      key,
      value: dated(ownFormOf(alert), at),
      timestampMs: timestamp(at),
      headers: asAlert,
    },
  }));
  const unreadable: string[] = [];
  const read = found.flatMap(({ offset, timestampMs, key: recordKey, value, rawHeaders }) => {
    const decoded = value === null ? undefined : codec.decode({ key: recordKey, value, headers: rawHeaders });
    if (decoded?.kind === "unreadable") unreadable.push(decoded.detail);
    // The offsets come from a document: what they point at need not be this device's alert.
    if (decoded?.kind !== "alert" || decoded.deviceId !== deviceId) return [];
    const own = dated(decoded.bytes, timestampMs);
    return [{ offset, record: { partition, key, value: own, timestampMs: timestamp(timestampMs), headers: asAlert } }];
  });
  const wanted = decision.unlisted.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return {
    records: [...listed, ...read].sort((a, b) => a.offset - b.offset).map(({ record }) => record),
    missing: wanted - read.length - unreadable.length,
    unreadable,
  };
};

/** The alert says itself when it happened, where its record will not. `value`: an alert that can be read. */
const withTime = (value: Buffer, ms: number): Buffer => {
  const alert = JSON.parse(value.toString("utf8")) as { occurredAt?: unknown };
  if (alert.occurredAt != null || !isPossibleTime(ms)) return value;
  return Buffer.from(JSON.stringify({ ...alert, occurredAt: new Date(ms).toISOString() }));
};
