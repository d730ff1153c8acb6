import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Weather } from "./weathers.js";
import type { Share, ShareResult } from "./worker.js";
import type { Sabotage } from "./world.js";

/** Worlds with the seeds from `first` on, on all cores. What failed is told in full, with the command that runs it again. */
export const runSeeds = async (
  weather: Weather,
  first: number,
  count: number,
  sabotage?: Sabotage,
): Promise<{ readonly worlds: number; readonly failures: readonly string[] }> => {
  const step = Math.min(count, availableParallelism());
  const results = await Promise.all(
    Array.from({ length: step }, async (_, index): Promise<ShareResult> => {
      const share: Share = { weather: weather.name, first: first + index, end: first + count, step, sabotage };
      const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: share });
      try {
        const [result] = await once(worker, "message");
        return result as ShareResult;
      } finally {
        await worker.terminate();
      }
    }),
  );
  return {
    worlds: results.reduce((sum, { worlds }) => sum + worlds, 0),
    failures: results.flatMap(({ failure }) => failure ?? []),
  };
};
