/** The demo's devices without an end and without books: what `docker compose up` sends. */

import { setTimeout as sleep } from "node:timers/promises";
import { planFleet } from "./fleet.js";
import type { SimulatorOptions } from "./options.js";
import type { AlertProducer } from "./producer.js";
import { sendPlan } from "./sender.js";

export interface Simulation {
  readonly options: SimulatorOptions;
  readonly producer: AlertProducer;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** After every batch that the broker acknowledged, with the number of records in it. */
  readonly acknowledged: (records: number) => void;
  /** A batch that was not: its round ends, and another begins after `retryMs`, by default 2,000. */
  readonly failed: (error: unknown) => void;
  readonly retryMs?: number;
  readonly signal: AbortSignal;
}

const ROUND_MS = 300_000;
/** A round is planned in memory; a fast fleet has shorter ones. */
const ROUND_ALERTS = 60_000;
const RETRY_MS = 2_000;

export const roundMs = (rate: number): number => Math.min(ROUND_MS, Math.ceil((ROUND_ALERTS / rate) * 1_000));

/**
 * Sends round after round until `signal` aborts. A round is a plan of the demo's fleet: noise, one storm, one device that falls silent, one
 * record without a key, and the bad records unless they are switched off. The devices are the same in every round, what they send is not.
 * Rejects with nothing but a bug: what the broker does not take is told to `failed`.
 */
export async function simulate(simulation: Simulation): Promise<void> {
  const { options, now, failed, signal, retryMs = RETRY_MS } = simulation;
  const producer = counting(simulation);
  for (let round = 0; !signal.aborted; round++) {
    const startMs = now();
    const plan = planFleet({ ...options, seed: options.seed + round, durationMs: roundMs(options.rate) })
      .filter(({ kind }) => options.badRecords || kind === "alert")
      .map((planned) =>
        planned.kind === "alert"
          ? { ...planned, alert: { ...planned.alert, alertId: `${startMs.toString(36)}-${planned.alert.alertId}` } }
          : planned,
      );
    const sent = { alerts: [], badRecords: [], tombstones: 0 };
    try {
      await sendPlan(plan, startMs, options.topic, producer, sent, signal);
      // The last alert comes a little before the round's end.
      await sleep(Math.max(0, startMs + roundMs(options.rate) - now()), undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

const counting = ({ producer, acknowledged }: Simulation): AlertProducer => ({
  ...producer,
  send: async (topic, records) => {
    const places = await producer.send(topic, records);
    acknowledged(places.length);
    return places;
  },
});
