import { parentPort, workerData } from "node:worker_threads";
import { scenarioOf } from "./scenario.js";
import { report, simulate } from "./simulate.js";
import { weatherNamed } from "./weathers.js";
import type { Sabotage } from "./world.js";

/** A share of the seeds of one weather: every `step`th. */
export interface Share {
  readonly weather: string;
  readonly first: number;
  readonly end: number;
  readonly step: number;
  readonly sabotage: Sabotage | undefined;
}

/** How it went: up to its first failure, which is told in full. */
export interface ShareResult {
  readonly worlds: number;
  readonly failure: string | undefined;
}

// Threads of their own, also because the test runner follows every promise of its own thread, which takes as long as the worlds themselves.
const { weather: name, first, end, step, sabotage } = workerData as Share;
const weather = weatherNamed(name);
let result: ShareResult = { worlds: 0, failure: undefined };
for (let seed = first; seed < end && result.failure === undefined; seed += step) {
  const { failure } = await simulate(scenarioOf(seed, weather), sabotage);
  result = {
    worlds: result.worlds + 1,
    failure: failure === undefined ? undefined : await report(seed, weather, sabotage),
  };
}
parentPort?.postMessage(result);
