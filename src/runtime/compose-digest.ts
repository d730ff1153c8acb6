import type { Firing } from "../core/fault.js";
import { Faults, typeWord } from "../core/faults.js";
import { Listing } from "../core/full-windows.js";
import type { MailContents } from "../core/partition.js";
import { addFold, emptyFold, fold, foldedType } from "../core/window.js";
import type { AlertCodec, Digest, FoldedAlerts, ListedAlert, UnlistedAlerts } from "./ports.js";
import { foldedAlert, worstFirst } from "./summary.js";

/** Of whom and of which part of the log a digest is, and whom to ask for what its alerts do not say. */
export interface DigestSource {
  readonly maxListed: number;
  readonly codec: AlertCodec;
  readonly topic: string;
  readonly partition: number;
  readonly deviceId: string;
  readonly onlyTo: readonly string[] | undefined;
  /** Another one than that of the contents where the record with that offset is no longer the same. */
  readonly idOffset: number;
  readonly windowCount: number;
  /** When the fault began that an alert is a part of; undefined: not known. */
  readonly beganOf: (type: string, offset: number) => number | undefined;
  /** What fires of which none of the alerts is (`MailReader.firingBeside`). */
  readonly firingBeside?: (types: Iterable<string>, areAll: boolean) => readonly Firing[];
  /** Of the windows, those that tell nothing new; and those that may not. */
  readonly repeats?: number;
  readonly mayRepeat?: number;
  /** See `PendingMail`. */
  readonly isFollowUp?: boolean;
}

type Written<Read> = { -readonly [Field in keyof Read]: Read[Field] };

/**
 * Everything one device's mail says, of what the core holds of its windows: at most `maxListed` alerts listed, the rest counted. Its fields are named one by one:
 * V8 takes ten times as long for a literal that begins with a spread.
 */
export function composeDigest(contents: MailContents, source: DigestSource): Digest {
  const { maxListed, codec, deviceId, onlyTo, repeats = 0, mayRepeat = 0, isFollowUp = true } = source;
  const alerts = contents.entries.map(({ offset, eventTime, late, bytes }): ListedAlert => {
    return { offset, eventTime, late, alert: codec.parse(bytes, deviceId) };
  });
  const uncounted = alerts.filter((_, index) => contents.entries[index]?.counted !== true);
  const { listed, folded, all } = listing(alerts, maxListed, contents.full, uncounted);
  const digest: Written<Digest> = {
    topic: source.topic,
    partition: source.partition,
    deviceId,
    windowCount: source.windowCount,
    deviceName: alerts.findLast(({ alert }) => alert.deviceName !== undefined)?.alert.deviceName,
    windowStart: contents.windowStart,
    windowEnd: contents.windowEnd,
    idOffset: source.idOffset,
    firstOffset: contents.firstOffset,
    lastOffset: contents.lastOffset,
    count: contents.count,
    listed,
    folded,
    began: beginnings(alerts, contents.full, source.beganOf),
  };
  if (all !== undefined) digest.all = all;
  if (onlyTo !== undefined) digest.onlyTo = onlyTo;
  if (repeats > 0) digest.repeats = repeats;
  if (mayRepeat > 0 || (repeats > 0 && !isFollowUp)) digest.mayBeNews = true;
  const beside = besideOf(alerts, contents.full, source.firingBeside);
  if (beside !== undefined) digest.beside = beside;
  if (contents.part !== undefined) digest.part = contents.part;
  if (contents.toldEarly !== undefined) digest.toldEarly = contents.toldEarly;
  return digest;
}

/** Nobody asks but of a mail in which something is over. */
function besideOf(
  alerts: readonly ListedAlert[],
  full: FoldedAlerts | undefined,
  firingBeside: ((types: Iterable<string>, areAll: boolean) => readonly Firing[]) | undefined,
): Digest["beside"] {
  if (firingBeside === undefined) return undefined;
  if ((full?.resolved ?? 0) === 0 && alerts.every(({ alert }) => alert.status !== "resolved")) return undefined;
  const types = new Set(full?.byType.keys());
  for (const { alert } of alerts) types.add(foldedType(alert.type));
  const firing = firingBeside(types, (full?.otherTypes ?? 0) === 0);
  const worst = worstFirst.find((severity) => firing.some((one) => one.worst === severity));
  if (worst === undefined) return undefined;
  const began = firing.filter((one) => one.worst === worst).map(({ since }) => since);
  const since = began.includes(undefined) ? undefined : Math.min(...(began as number[]));
  return { types: firing.length, worst, since };
}

/** When a device's faults began, if these alerts are all that there ever were of it. */
export function beganAmong(alerts: readonly ListedAlert[]): ReadonlyMap<string, number> {
  const faults = new Faults(undefined, { position: 0 });
  for (const { offset, eventTime, alert } of alerts) faults.heard(0, 0, { offset, eventTime, says: alert });
  return beginnings(alerts, undefined, (type, offset) => faults.began(0, 0, typeWord(type), offset));
}

/** Of each type, by its last alert. `full`: what was counted of alerts that are not all here. */
function beginnings(
  alerts: readonly ListedAlert[],
  full: FoldedAlerts | undefined,
  beganOf: (type: string, offset: number) => number | undefined,
): ReadonlyMap<string, number> {
  const lasts = new Map<string, number>();
  for (const { offset, alert } of alerts) lasts.set(foldedType(alert.type), offset);
  for (const [type, { offset }] of full?.byType ?? []) lasts.set(type, Math.max(offset, lasts.get(type) ?? 0));
  const began = new Map<string, number>();
  for (const [type, offset] of lasts) {
    const since = beganOf(type, offset);
    if (since !== undefined) began.set(type, since);
  }
  return began;
}

/** What a mail lists of `alerts`, and what it counts. `full`: what was counted before; `uncounted`: those of `alerts` that are not in there. */
export function listing(
  alerts: readonly ListedAlert[],
  maxListed: number,
  full?: FoldedAlerts,
  uncounted = alerts,
): Pick<Digest, "listed" | "folded" | "all"> {
  if (full === undefined && alerts.length <= maxListed) return { listed: alerts, folded: undefined };
  const all = emptyFold();
  for (const one of uncounted) fold(all, foldedAlert(one));
  // Several windows in one mail: some may have had more than a mail lists.
  if (full !== undefined) addFold(all, full);
  const listed = worthListing(alerts, maxListed);
  return { listed, folded: without(all, listed), all };
}

/** At most `max` of them, in the order given: those that a mail lists. */
export function worthListing(alerts: readonly ListedAlert[], max: number): readonly ListedAlert[] {
  if (alerts.length <= max) return alerts;
  const choice = new Listing();
  for (const { alert } of alerts) choice.add(alert.severity, foldedType(alert.type));
  const kept = choice.keep(max);
  return alerts.filter((_, index) => kept[index]);
}

/** What is left of all when these are taken off. */
export function without(all: FoldedAlerts, listed: readonly ListedAlert[]): UnlistedAlerts {
  const bySeverity = { ...all.bySeverity };
  const byType = new Map([...all.byType].map(([type, { count }]) => [type, { count }]));
  let { otherTypes, resolved } = all;
  for (const { alert } of listed) {
    bySeverity[alert.severity]--;
    if (alert.status === "resolved") resolved--;
    // A type that was not told apart has none of its alerts told apart.
    const counted = byType.get(foldedType(alert.type));
    if (counted === undefined) otherTypes--;
    else counted.count--;
  }
  for (const [type, { count }] of byType) if (count === 0) byType.delete(type);
  return { count: all.count - listed.length, bySeverity, byType, otherTypes, resolved };
}
