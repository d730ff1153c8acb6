/** Buffers alerts and reports what that added to this process. */

import { PartitionWorker } from "#src/runtime/partition-worker.js";
import type { SourceRecord } from "#src/runtime/ports.js";
import { createAlertSource } from "./alerts.js";
import { reportToParent } from "./child.js";
import type { MemoryJob, MemoryResult } from "./memory.js";
import { ENDLESS_WINDOW_MS, nullMailer, productParts, TOPIC } from "./product-parts.js";

const PARTITIONS = 6;
/** About what a fetch of 512 KiB brings. */
const BATCH = 2_000;

/** Takes the records of one partition; `held` says how many alerts and windows are in memory. */
interface Holder {
  take(partition: number, records: readonly SourceRecord[]): void;
  held(): { alerts: number; windows: number; ownEstimate: number };
}

await reportToParent(async (job: MemoryJob): Promise<MemoryResult> => {
  const holder = job.contestant === "product" ? holdAsProduct() : holdAsObjects();
  const before = await settledMemory();
  const startMs = Date.now() - job.alerts;
  const source = createAlertSource(startMs);
  const batches = Array.from({ length: PARTITIONS }, (): SourceRecord[] => []);
  const offsets = new Array<number>(PARTITIONS).fill(0);
  const flush = (partition: number): void => {
    holder.take(partition, inOneFetch(batches[partition] ?? []));
    batches[partition] = [];
  };
  for (let serial = 0; serial < job.alerts; serial++) {
    // Every device once, then every device again: nothing of a window lies together by chance.
    const device = serial % job.windows;
    const partition = device % PARTITIONS;
    const { deviceId, value } = source.alert(serial, device);
    const offset = offsets[partition] ?? 0;
    offsets[partition] = offset + 1;
    const batch = batches[partition] ?? [];
    batch.push({ offset, timestampMs: startMs + serial, key: Buffer.from(deviceId), value });
    if (batch.length === BATCH) flush(partition);
  }
  for (let partition = 0; partition < PARTITIONS; partition++) flush(partition);
  batches.length = 0;
  const after = await settledMemory();
  const { alerts, windows, ownEstimate } = holder.held();
  if (alerts !== job.alerts) throw new Error(`${alerts} alerts are buffered, not ${job.alerts}`);
  if (windows !== job.windows) throw new Error(`${windows} windows are open, not ${job.windows}`);
  return {
    heapAndExternal: (after.heapAndExternal - before.heapAndExternal) / job.alerts,
    rss: (after.rss - before.rss) / job.alerts,
    ownEstimate: ownEstimate / job.alerts,
  };
});

/** Keys and values as KafkaJS hands them over: slices of one buffer, which goes away with the fetch. */
function inOneFetch(records: readonly SourceRecord[]): SourceRecord[] {
  const fetch = Buffer.concat(records.flatMap(({ key, value }) => [key as Buffer, value as Buffer]));
  let at = 0;
  const slice = (length: number): Buffer => {
    at += length;
    return fetch.subarray(at - length, at);
  };
  return records.map(({ offset, timestampMs, key, value }) => ({
    offset,
    timestampMs,
    key: slice((key as Buffer).length),
    value: slice((value as Buffer).length),
  }));
}

function holdAsProduct(): Holder {
  const { worker: deps } = productParts({
    topic: TOPIC,
    windowSizeMs: ENDLESS_WINDOW_MS,
    connections: 1,
    mailer: nullMailer,
  });
  const start = { position: 0, time: undefined, marks: [], settled: [] };
  const workers = Array.from(
    { length: PARTITIONS },
    (_, partition) => new PartitionWorker({ partition, log: undefined }, start, undefined, deps),
  );
  const sum = (of: (worker: PartitionWorker) => number): number =>
    workers.reduce((total, worker) => total + of(worker), 0);
  return {
    take: (partition, records) => workers[partition]?.take(records, (records.at(-1)?.offset ?? -1) + 1),
    held: () => ({
      alerts: sum((worker) => worker.read.bufferedAlerts),
      windows: sum((worker) => worker.read.windowsOpen),
      ownEstimate: sum((worker) => worker.read.bufferedBytes),
    }),
  };
}

/** What one writes first: device → its parsed alerts. */
function holdAsObjects(): Holder {
  const devices = new Map<string, unknown[]>();
  let alerts = 0;
  return {
    take(_, records) {
      for (const { value } of records) {
        const alert = JSON.parse((value as Buffer).toString()) as { deviceId: string };
        const window = devices.get(alert.deviceId);
        if (window === undefined) devices.set(alert.deviceId, [alert]);
        else window.push(alert);
        alerts++;
      }
    },
    held: () => ({ alerts, windows: devices.size, ownEstimate: 0 }),
  };
}

async function settledMemory(): Promise<{ heapAndExternal: number; rss: number }> {
  // Buffers are freed by finalizers, which run between collections.
  for (let pass = 0; pass < 4; pass++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // `external` includes `arrayBuffers`.
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapAndExternal: heapUsed + external, rss };
}
