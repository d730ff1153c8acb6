import { setTimeout as sleep } from "node:timers/promises";
import type { Planned } from "./fleet.js";
import type { AlertProducer, ProducedRecord } from "./producer.js";

export interface SentAlert {
  readonly alertId: string;
  readonly deviceId: string;
  readonly message: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
}

export interface SentBadRecord {
  readonly what: string;
  readonly partition: number;
  readonly offset: number;
}

/** What the devices have sent so far, with the place Kafka gave it. */
export interface SentRecords {
  readonly alerts: SentAlert[];
  readonly badRecords: SentBadRecord[];
  tombstones: number;
}

const BATCH_MS = 100;
const BATCH_RECORDS = 2_000;

/**
 * Sends the plan at its own pace, in order, a batch every 100 ms; `sent` grows as Kafka acknowledges. Stops between two
 * batches when `signal` aborts. A broker that does not acknowledge is an error.
 */
export async function sendPlan(
  plan: readonly Planned[],
  startMs: number,
  topic: string,
  producer: AlertProducer,
  sent: SentRecords,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < plan.length; ) {
    signal.throwIfAborted();
    const batch: Planned[] = [];
    while (batch.length < BATCH_RECORDS && startMs + (plan[at]?.atMs ?? Number.POSITIVE_INFINITY) <= Date.now()) {
      const due = plan[at++];
      if (due) batch.push(due);
    }
    if (batch.length === 0) {
      await sleep(BATCH_MS, undefined, { signal });
      continue;
    }
    // The time of sending, not of the plan: a busy machine must not make alerts late.
    const timestamp = Date.now();
    const records = batch.map((planned) => toRecord(planned, startMs, timestamp));
    const places = await producer.send(topic, records);
    batch.forEach((planned, index) => {
      const place = places[index];
      if (place) note(planned, { ...place, timestamp }, sent);
    });
  }
}

function toRecord(planned: Planned, startMs: number, timestamp: number): ProducedRecord {
  if (planned.kind === "tombstone") return { key: planned.key, value: null, timestamp };
  if (planned.kind === "bad") return { key: planned.key, value: planned.value, timestamp };
  const occurredAt = new Date(startMs + planned.atMs).toISOString();
  return { key: planned.keyed ? planned.alert.deviceId : null, value: { ...planned.alert, occurredAt }, timestamp };
}

function note(planned: Planned, place: Pick<SentAlert, "partition" | "offset" | "timestamp">, sent: SentRecords): void {
  if (planned.kind === "tombstone") {
    sent.tombstones++;
  } else if (planned.kind === "bad") {
    sent.badRecords.push({ what: planned.what, partition: place.partition, offset: place.offset });
  } else {
    const { alertId, deviceId, message } = planned.alert;
    sent.alerts.push({ alertId, deviceId, message, ...place });
  }
}
