/** Producers of valid alerts that are heavy in one way or another. Each has a reader of its own: the mails of a flood list no alert one by one. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CompressionTypes, Partitioners } from "kafkajs";
import { quietClient } from "../support/kafka-admin.js";
import { type Codec, produceLargeBatch } from "../support/large-batches.js";
import type { Abuser, Setup, StartAbuser } from "./abuser.js";

/** Patterns of `ROUTES_FILE` for the devices of each; the flood's are every other. */
export const ROUTES = { large: "large-*", labels: "labels-*", batches: "batch-*" } as const;

const LARGE_BYTES = 900_000;
const LARGE_TOGETHER = 60;
const LARGE_EVERY_MS = 10_000;
const LABELS = 10_000;
const LABELS_TOGETHER = 5;
const LABELS_EVERY_MS = 10_000;
const FLOOD_TOGETHER = 100;
const FLOOD_EVERY_MS = 500;
const BATCH_EVERY_MS = 15_000;
/** Of one record, which is too large; together with two small ones in less than a megabyte. */
const UNPACKED: Readonly<Record<Codec, number>> = {
  gzip: 400_000_000,
  snappy: 22_000_000,
  lz4: 200_000_000,
  zstd: 800_000_000,
};
const DEVICES = 4;

/** A round at once, then one each `everyMs`, or when the one before is done. */
export const rounds = async (everyMs: number, signal: AbortSignal, round: () => Promise<void>): Promise<void> => {
  while (!signal.aborted) {
    const nextAt = performance.now() + everyMs;
    await round();
    await sleep(Math.max(0, nextAt - performance.now()), undefined, { signal }).catch(() => undefined);
  }
};

const alertOf = (deviceId: string, fields: object): { readonly key: string; readonly value: string } => ({
  key: deviceId,
  value: JSON.stringify({ deviceId, severity: "warning", type: "PRESSURE", ...fields }),
});

/** Batches of alerts, compressed with gzip; retries write nothing twice. */
const startBatches =
  (everyMs: number, make: () => readonly { readonly key: string; readonly value: string }[]): StartAbuser =>
  async ({ brokers, topic }, tell) => {
    const producer = quietClient(brokers).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: true,
    });
    await producer.connect();
    return {
      run: (signal) =>
        rounds(everyMs, signal, async () => {
          const messages = make();
          await producer.send({ topic, messages: [...messages], acks: -1, compression: CompressionTypes.GZIP });
          tell({ alerts: messages.length });
        }),
      close: () => producer.disconnect(),
    };
  };

export const startLarge: StartAbuser = (setup, tell) => {
  let round = 0;
  const filler = "Pressure out of range. ".repeat(LARGE_BYTES / 23);
  return startBatches(LARGE_EVERY_MS, () => {
    const device = `large-${round++ % DEVICES}`;
    return Array.from({ length: LARGE_TOGETHER }, (_, i) => alertOf(device, { message: `${i}: ${filler}` }));
  })(setup, tell);
};

export const startLabels: StartAbuser = (setup, tell) => {
  let round = 0;
  return startBatches(LABELS_EVERY_MS, () => {
    const device = `labels-${round++ % DEVICES}`;
    return Array.from({ length: LABELS_TOGETHER }, (_, i) => {
      const labels = Object.fromEntries(
        Array.from({ length: LABELS }, (_, at) => [`label-${at}`, `value ${at} of ${i}`]),
      );
      return alertOf(device, { message: "Pressure out of range", labels });
    });
  })(setup, tell);
};

export const startFlood: StartAbuser = startBatches(FLOOD_EVERY_MS, () =>
  Array.from({ length: FLOOD_TOGETHER }, () => alertOf(randomUUID(), { message: "Pressure out of range" })),
);

export const startUnpacking = async ({ brokers, topic }: Setup, tell: Parameters<StartAbuser>[1]): Promise<Abuser> => {
  const codecs = Object.keys(UNPACKED) as readonly Codec[];
  let round = 0;
  return {
    run: (signal) =>
      rounds(BATCH_EVERY_MS, signal, async () => {
        const codec = codecs[round++ % codecs.length] as Codec;
        const alert = alertOf(`batch-${codec}`, { message: "Pressure out of range" });
        await produceLargeBatch(brokers, topic, codec, { small: [alert, alert], valueBytes: UNPACKED[codec] });
        tell({ alerts: 2, tooLarge: 1 });
      }),
    close: async () => undefined,
  };
};
