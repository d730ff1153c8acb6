/** The image `simulator`: devices that send alerts until they are stopped. JSON lines on stdout, one a minute. */

import { writeFile } from "node:fs/promises";
import { readSimulatorOptions } from "./options.js";
import { startProducer } from "./producer.js";
import { simulate } from "./simulator.js";

const EXIT_CONFIG = 78;
const REPORT_MS = 60_000;

const read = readSimulatorOptions(process.env);
if (!read.ok) {
  for (const error of read.errors) process.stderr.write(`simulator: ${error}\n`);
  process.exit(EXIT_CONFIG);
}
const { options } = read;
const say = (message: string, fields: object): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), message, ...fields })}\n`);
};

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());

const producer = await startProducer(options.brokers);
say("sending", { ...options });
let records = 0;
const report = setInterval(() => say("sent", { records }), REPORT_MS);
await simulate({
  options,
  producer,
  now: Date.now,
  acknowledged: (count) => {
    records += count;
    if (options.aliveFile !== undefined) void writeFile(options.aliveFile, "").catch(() => undefined);
  },
  failed: (error) => say("not sent", { error: error instanceof Error ? error.message : String(error) }),
  signal: stop.signal,
});
clearInterval(report);
await producer.close();
say("stopped", { records });
