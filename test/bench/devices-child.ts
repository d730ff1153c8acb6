/** Takes the alerts of so many devices and reports what each cost. */

import { PartitionWorker } from "#src/runtime/partition-worker.js";
import type { SourceRecord } from "#src/runtime/ports.js";
import { createAlertSource } from "./alerts.js";
import { reportToParent } from "./child.js";
import { ALERTS_A_WINDOW, type DevicesJob, type DevicesResult } from "./devices.js";
import { ENDLESS_WINDOW_MS, nullMailer, productParts, TOPIC } from "./product-parts.js";

const PARTITIONS = 6;
/** About what a fetch of 512 KiB brings. */
const BATCH = 2_000;
/** Prime: devices follow each other in no order, and each has its turn. */
const STEP = 7_919;

await reportToParent(async ({ devices, alerts }: DevicesJob): Promise<DevicesResult> => {
  const { worker: deps } = productParts({
    topic: TOPIC,
    windowSizeMs: ENDLESS_WINDOW_MS,
    connections: 1,
    mailer: nullMailer,
  });
  const start = { position: 0, time: undefined, marks: [], settled: [] };
  const startMs = Date.now() - alerts;
  const source = createAlertSource(startMs);
  let cpuMicros = 0;
  let taken = 0;
  while (taken < alerts) {
    // Another window for each device.
    const workers = Array.from(
      { length: PARTITIONS },
      (_, partition) => new PartitionWorker({ partition, log: undefined }, start, undefined, deps),
    );
    const batches = workers.map((): SourceRecord[] => []);
    const offsets = new Array<number>(PARTITIONS).fill(0);
    const flush = (partition: number): void => {
      const records = batches[partition] ?? [];
      batches[partition] = [];
      const before = process.cpuUsage();
      workers[partition]?.take(records, offsets[partition] ?? 0);
      const { user, system } = process.cpuUsage(before);
      cpuMicros += user + system;
    };
    for (let serial = 0; serial < devices * ALERTS_A_WINDOW; serial++, taken++) {
      const device = (serial * STEP) % devices;
      const partition = device % PARTITIONS;
      const { deviceId, value } = source.alert(serial, device);
      const offset = offsets[partition] ?? 0;
      offsets[partition] = offset + 1;
      const batch = batches[partition] ?? [];
      batch.push({ offset, timestampMs: startMs + serial, key: Buffer.from(deviceId), value });
      if (batch.length === BATCH) flush(partition);
    }
    for (let partition = 0; partition < PARTITIONS; partition++) flush(partition);
    // The log opens its file meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
    const windows = workers.reduce((sum, worker) => sum + worker.read.windowsOpen, 0);
    if (windows !== devices) throw new Error(`${windows} windows are open, not ${devices}`);
  }
  return { cpuMicros: cpuMicros / taken };
});
