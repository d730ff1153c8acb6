/** The threads of a run: one for each abuser, one that asks for `/livez`. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Setup, Told } from "./abuser.js";
import type { Thread, WorkerData } from "./abuser-worker.js";
import type { Probed, ProbeTarget } from "./prober-worker.js";

export interface AbuserThread {
  turn(to: "on" | "off"): void;
  /** Resolves when the last record that it wrote was told of. */
  end(): Promise<void>;
  kill(): Promise<unknown>;
}

/** Resolves when it could begin. */
export async function startAbuserThread(
  abuse: Thread,
  setup: Setup,
  onTold: (told: Told) => void,
): Promise<AbuserThread> {
  const data: WorkerData = { abuse, setup };
  const worker = new Worker(new URL("./abuser-worker.js", import.meta.url), { workerData: data });
  worker.on("message", (message: Told | "ready" | "ended") => {
    if (typeof message !== "string") onTold(message);
  });
  await once(worker, "message");
  worker.on("error", (error) => onTold({ problem: `${abuse}: ${error.message}` }));
  const exited = once(worker, "exit");
  return {
    turn: (to) => worker.postMessage(to),
    async end() {
      worker.postMessage("end");
      await exited;
    },
    kill: () => worker.terminate(),
  };
}

export interface ProberThread {
  /** Questions that have no answer yet are told with the time that they have waited so far. */
  end(): Promise<void>;
  kill(): Promise<unknown>;
}

export function startProberThread(targets: readonly ProbeTarget[], onProbed: (probed: Probed) => void): ProberThread {
  const worker = new Worker(new URL("./prober-worker.js", import.meta.url), { workerData: targets });
  worker.on("message", onProbed);
  const exited = once(worker, "exit");
  return {
    async end() {
      worker.postMessage("end");
      await exited;
    },
    kill: () => worker.terminate(),
  };
}
