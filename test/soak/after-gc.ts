/**
 * Loaded into an instance before its own code (`node --import`): a line on stdout with the heap that is in use after each full garbage collection.
 * It collects nothing itself.
 */

import { constants, PerformanceObserver } from "node:perf_hooks";

const FULL = constants.NODE_PERFORMANCE_GC_MAJOR;

new PerformanceObserver((list) => {
  const full = list.getEntries().some((entry) => (entry as { detail?: { kind?: number } }).detail?.kind === FULL);
  if (full) process.stdout.write(`{"heapAfterGc":${process.memoryUsage().heapUsed}}\n`);
}).observe({ entryTypes: ["gc"] });
