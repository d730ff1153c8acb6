/** Imported into the product's process by `node --import`: how late its timers are, told to whoever asks, since the last time. */

import { createServer } from "node:http";
import { quantile } from "./stats.js";

const EVERY_MS = 10;

export interface LoopDelay {
  /** Milliseconds. */
  readonly p99: number;
  readonly max: number;
}

let late: number[] = [];
let before = performance.now();

setInterval(() => {
  const now = performance.now();
  late.push(Math.max(0, now - before - EVERY_MS));
  before = now;
}, EVERY_MS).unref();

createServer((_, response) => {
  const told: LoopDelay = { p99: quantile(late, 0.99), max: quantile(late, 1) };
  late = [];
  response.end(JSON.stringify(told));
})
  .listen(Number(process.env["LOOP_PROBE_PORT"]), "127.0.0.1")
  .unref();
