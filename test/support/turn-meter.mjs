/**
 * `node --import` of this: at SIGUSR2 the process begins to measure each turn of its event loop, and at its exit it writes the file `TURNS_FILE` names,
 * JSON: `{ turns, longestMs, unitMs }`. `longestMs` are the ten longest, in CPU time of the main thread without garbage collection, so that what else the
 * machine does counts little. `unitMs`: what a fixed piece of work took this process, measured the same way.
 */

import { openSync, readSync, writeFileSync } from "node:fs";
import { PerformanceObserver, performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

const KEPT = 10;
const UNIT_RUNS = 7;

const schedule = openSync("/proc/thread-self/schedstat", "r");
const bytes = Buffer.alloc(64);
/** Of this thread. */
const cpuMs = () => Number(bytes.latin1Slice(0, readSync(schedule, bytes, 0, 64, 0)).split(" ")[0]) / 1e6;

/** Texts and numbers, as the product reads them: some 20 ms on a machine of 2024. */
const unit = () => {
  const list = Array.from({ length: 40_000 }, (_, index) => ({ name: `n${index}`, value: index / 3 }));
  return JSON.parse(JSON.stringify(list)).length;
};

const unitMs = () => {
  const runs = Array.from({ length: UNIT_RUNS }, () => {
    const before = cpuMs();
    unit();
    return cpuMs() - before;
  });
  return runs.sort((a, b) => a - b)[UNIT_RUNS >> 1];
};

const measure = () => {
  const collected = [];
  const observer = new PerformanceObserver((list) => collected.push(...list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  const turns = [];
  let count = 0;
  let before = { cpuMs: cpuMs(), atMs: performance.now() };
  // Without a reference it is no reason to wake up: it is called once in each turn, whatever the turn is for.
  const look = () => {
    const now = { cpuMs: cpuMs(), atMs: performance.now() };
    count++;
    turns.push({ ms: now.cpuMs - before.cpuMs, from: before.atMs, to: now.atMs });
    if (turns.length > 1_000) keepLongest();
    before = { cpuMs: cpuMs(), atMs: performance.now() };
    setImmediate(look).unref();
  };
  const keepLongest = () => {
    turns.sort((a, b) => b.ms - a.ms);
    turns.splice(100);
  };
  setImmediate(look).unref();
  process.on("exit", () => {
    collected.push(...observer.takeRecords());
    const ownMs = ({ ms, from, to }) => {
      const within = collected.filter(({ startTime, duration }) => startTime + duration > from && startTime < to);
      return ms - within.reduce((sum, { duration }) => sum + duration, 0);
    };
    keepLongest();
    const longestMs = turns.map(ownMs).sort((a, b) => b - a);
    writeFileSync(
      process.env.TURNS_FILE,
      JSON.stringify({ turns: count, longestMs: longestMs.slice(0, KEPT), unitMs: unitMs() }),
    );
  });
};

if (isMainThread) process.once("SIGUSR2", measure);
