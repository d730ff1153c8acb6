import { isAtLeast, SEVERITIES, type Severity, type Status } from "../core/alert.js";
import type { HoldId } from "../core/commit-frontier.js";
import type { Effect, Partition } from "../core/partition.js";
import { type EventTime, eventTimeOf, isPossibleTime, type WallTime } from "../core/time.js";
import { laneOf } from "./only-to.js";
import type { PartitionLetters } from "./partition-letters.js";
import type { AlertCodec, Decoded, Metrics, RecordDeadLetter, SourceRecord } from "./ports.js";

/** A partition's records on their way into the core: decoded, judged, counted. What cannot be read becomes a dead letter. */
export class RecordIntake {
  readonly #deps: IntakeDeps;
  readonly #published = { windowed: 0, late: 0, replayed: 0, tombstone: 0 };
  readonly #publishedBySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0 };

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** Returns what the core makes of it. */
  take(record: SourceRecord, now: WallTime): readonly Effect[] {
    const { core, codec, metrics } = this.#deps;
    const { offset, key, value } = record;
    const eventTime = eventTimeOf(record.timestampMs, now);
    if (value === null) return core.step({ kind: "tombstone", offset, eventTime });
    const decoded = codec.decode(key, value);
    if (!decoded.ok) return this.#unreadable(record, value, decoded, eventTime);
    if (key === null) metrics.recordWithoutKey();
    if (!isPossibleTime(record.timestampMs)) metrics.alertRepaired("timestamp");
    const { deviceId, severity, type, occurredAt } = decoded;
    const { redrives = 0, onlyTo } = record;
    return core.step({
      kind: "alert",
      offset,
      eventTime,
      deviceId: laneOf(deviceId, onlyTo),
      severity,
      type,
      occurredAt,
      resolved: decoded.status === "resolved",
      bytes: value,
      redrives,
      // One that was written back for some is not waited for at once: it was told, or not, long ago.
      urgent: onlyTo === undefined && this.#isUrgent(decoded),
    });
  }

  /** Call it after each batch. */
  publish(records: number): void {
    const { metrics, partition, core } = this.#deps;
    metrics.recordsConsumed(partition, records);
    for (const outcome of ["windowed", "late", "replayed", "tombstone"] as const) {
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

  /** One that says that something is over must not use up the one early mail. */
  #isUrgent({ severity, status }: { readonly severity: Severity; readonly status: Status }): boolean {
    const least = this.#deps.urgentSeverity;
    return least !== undefined && status !== "resolved" && isAtLeast(severity, least);
  }

  #unreadable(
    record: SourceRecord,
    value: Buffer,
    why: Decoded & { readonly ok: false },
    eventTime: EventTime,
  ): readonly Effect[] {
    const { core, metrics, letters, settle } = this.#deps;
    const effects = core.step({ kind: "unreadable", offset: record.offset, eventTime });
    for (const effect of effects) {
      if (effect.kind !== "dead-letter") continue;
      metrics.alerts("invalid", 1);
      const letter = this.#letterOf(record, value, why);
      letters.submit(
        () => letter,
        value.length + (record.key?.length ?? 0),
        () => settle(effect.id),
      );
    }
    return effects;
  }

  #letterOf(
    record: SourceRecord,
    value: Buffer,
    { reason, detail }: Decoded & { readonly ok: false },
  ): RecordDeadLetter {
    return {
      kind: "record",
      stage: "decode",
      reason,
      detail,
      topic: this.#deps.topic,
      partition: this.#deps.partition,
      offset: record.offset,
      timestampMs: record.timestampMs,
      // Copies: the record's buffers are slices of a whole fetch.
      key: record.key === null ? null : Buffer.from(record.key),
      value: Buffer.from(value),
      redrives: record.redrives ?? 0,
    };
  }
}

interface IntakeDeps {
  readonly topic: string;
  readonly partition: number;
  readonly core: Partition;
  readonly codec: AlertCodec;
  readonly metrics: Metrics;
  /** `URGENT_SEVERITY`; absent: no alert is urgent. */
  readonly urgentSeverity?: Severity | undefined;
  readonly letters: PartitionLetters;
  /** The topic of dead letters has the one that was held by this. */
  readonly settle: (id: HoldId) => void;
}
