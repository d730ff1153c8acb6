import { hasDoubtfulTime, isAtLeast, SEVERITIES, type Severity, tooLarge } from "../core/alert.js";
import type { HoldId } from "../core/commit-frontier.js";
import type { Effect, Partition } from "../core/partition.js";
import { type EventTime, eventTimeOf, isPossibleTime, type WallTime } from "../core/time.js";
import type { MutedAlerts } from "./muted-alerts.js";
import { laneOf } from "./only-to.js";
import type { PartitionLetters } from "./partition-letters.js";
import type { AlertCodec, Decoded, DecodedAlert, Metrics, RecordDeadLetter, SourceRecord } from "./ports.js";
import { copiedHeaders, headersLength } from "./record-headers.js";
import type { OnUnread } from "./unread-fields.js";

/** A partition's records on their way into the core: decoded, judged, counted. What cannot be read becomes a dead letter. */
export class RecordIntake {
  readonly #deps: IntakeDeps;
  readonly #published = { windowed: 0, late: 0, replayed: 0, tombstone: 0, muted: 0 };
  readonly #publishedBySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0 };

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** Returns what the core makes of it. */
  take(record: SourceRecord, now: WallTime): readonly Effect[] {
    const { core, codec, metrics } = this.#deps;
    const { offset } = record;
    const eventTime = eventTimeOf(record.timestampMs, now);
    if (!hasValue(record)) return this.#valueless(record, eventTime);
    const decoded = codec.decode(record, core.room);
    if (decoded.kind === "unreadable") return this.#unreadable(record, decoded, eventTime);
    // An envelope's delete is what a tombstone is: it says that something is gone, and nobody is mailed.
    if (decoded.kind === "ignored") return core.step({ kind: "tombstone", offset, eventTime });
    if (!hasKey(record)) metrics.recordWithoutKey();
    if (decoded.repairs.length > 0) this.#repaired(record, decoded, now);
    if (decoded.isOfThatDay?.(eventTime) !== true && this.#isDoubtful(decoded, eventTime))
      metrics.alertRepaired("occurredAt");
    if (!isPossibleTime(record.timestampMs)) metrics.alertRepaired("timestamp");
    const muted = this.#deps.muted?.take(record, decoded, eventTime);
    if (muted !== undefined) return muted;
    const { redrives = 0, onlyTo } = record;
    const { urgentSeverity } = this.#deps;
    return core.step({
      kind: "alert",
      offset,
      eventTime,
      device: laneOf(decoded.device, onlyTo),
      says: decoded,
      redrives,
      // One that was written back for some is not waited for at once: it was told, or not, long ago.
      urgent: urgentSeverity !== undefined && onlyTo === undefined && isUrgent(decoded, urgentSeverity),
    });
  }

  /** Call it after each batch. */
  publish(records: number): void {
    const { metrics, partition, core, muted } = this.#deps;
    muted?.batchEnded();
    metrics.recordsConsumed(partition, records);
    for (const outcome of ["windowed", "late", "replayed", "tombstone", "muted"] as const) {
      const more = core.counts[outcome] - this.#published[outcome];
      if (more > 0) metrics.alerts(outcome, more);
      this.#published[outcome] = core.counts[outcome];
    }
    for (const severity of SEVERITIES) {
      const more = core.counts.bySeverity[severity] - this.#publishedBySeverity[severity];
      if (more > 0) metrics.alertsBySeverity(severity, more);
      this.#publishedBySeverity[severity] = core.counts.bySeverity[severity];
    }
  }

  /** Counted once, however many things are wrong with it. */
  #isDoubtful({ occurredAt, repairs }: DecodedAlert, eventTime: EventTime): boolean {
    return hasDoubtfulTime(occurredAt, eventTime) && !repairs.includes("occurredAt");
  }

  #repaired({ offset }: SourceRecord, { repairs, asWritten }: DecodedAlert, now: WallTime): void {
    const { metrics, partition, onUnread } = this.#deps;
    for (const field of repairs) metrics.alertRepaired(field);
    if (asWritten !== undefined) onUnread?.({ partition, offset, asWritten }, now);
  }

  #valueless(record: SourceRecord, eventTime: EventTime): readonly Effect[] {
    const { offset, unkeptBytes } = record;
    if (unkeptBytes === undefined) return this.#deps.core.step({ kind: "tombstone", offset, eventTime });
    const why = { kind: "unreadable", reason: "too-large", detail: tooLarge(unkeptBytes) } as const;
    return this.#unreadable({ ...record, key: record.key, value: NOTHING }, why, eventTime);
  }

  #unreadable(record: ValuedRecord, why: Unreadable, eventTime: EventTime): readonly Effect[] {
    const { core, metrics, letters, settle } = this.#deps;
    const effects = core.step({ kind: "unreadable", offset: record.offset, eventTime });
    for (const effect of effects) {
      if (effect.kind !== "dead-letter") continue;
      metrics.alerts("invalid", 1);
      const letter = this.#letterOf(record, why);
      letters.submit(
        () => letter,
        record.value.length + (record.key?.length ?? 0) + headersLength(record.headers),
        () => settle(effect.id),
      );
    }
    return effects;
  }

  #letterOf(record: ValuedRecord, { reason, detail, severity }: Unreadable): RecordDeadLetter {
    return {
      kind: "record",
      stage: "decode",
      reason,
      detail,
      ...(severity !== undefined && { severity }),
      topic: this.#deps.topic,
      partition: this.#deps.partition,
      offset: record.offset,
      timestampMs: record.timestampMs,
      // Copies: the record's buffers are slices of a whole fetch.
      key: record.key === null ? null : Buffer.from(record.key),
      device: this.#deps.codec.deviceOf?.(record),
      value: Buffer.from(record.value),
      ...(record.unkeptBytes !== undefined && { isUnkept: true as const }),
      ...(record.headers !== undefined && { headers: copiedHeaders(record.headers) }),
      redrives: record.redrives ?? 0,
    };
  }
}

/** One that says that something is over must not use up the one early mail. */
const isUrgent = ({ severity, status }: DecodedAlert, least: Severity): boolean =>
  status !== "resolved" && isAtLeast(severity, least);

const NOTHING = Buffer.alloc(0);

type ValuedRecord = SourceRecord & { readonly value: Buffer };
type Unreadable = Decoded & { readonly kind: "unreadable" };

const hasKey = (record: SourceRecord): boolean => {
  const { place } = record;
  return place === undefined ? record.key !== null : place.keyTo >= place.keyFrom;
};

const hasValue = (record: SourceRecord): record is ValuedRecord => record.place !== undefined || record.value !== null;

interface IntakeDeps {
  readonly topic: string;
  readonly partition: number;
  readonly core: Partition;
  readonly codec: AlertCodec;
  readonly metrics: Metrics;
  readonly onUnread?: OnUnread | undefined;
  /** `URGENT_SEVERITY`; absent: no alert is urgent. */
  readonly urgentSeverity?: Severity | undefined;
  readonly letters: PartitionLetters;
  /** Undefined: no alert is muted. */
  readonly muted: Pick<MutedAlerts, "take" | "batchEnded"> | undefined;
  /** The topic of dead letters has the one that was held by this. */
  readonly settle: (id: HoldId) => void;
}
