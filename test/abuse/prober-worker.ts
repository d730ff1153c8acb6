/** Asks `/livez` as a kubelet does, each time over a new connection, in a thread that does nothing else. Until `end` comes. */

import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

export interface ProbeTarget {
  readonly port: number;
  /** The port of the page, or the one for probes. */
  readonly kind: "page" | "probe";
}

export interface Probed {
  readonly kind: ProbeTarget["kind"];
  /** Since the epoch. */
  readonly askedMs: number;
  /** Until it answered 200, however often it had to be asked. */
  readonly waitMs: number;
}

const EVERY_MS = 250;
const AGAIN_MS = 50;
const TIMEOUT_MS = 5_000;

const ask = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = get({ host: "127.0.0.1", port, path: "/livez", agent: false, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode === 200));
      response.once("close", () => resolve(false));
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
  });

const messages = parentPort;
if (messages === null) throw new Error("this runs in a thread");
let ended = false;
messages.once("message", () => {
  ended = true;
});

const probe = async ({ port, kind }: ProbeTarget): Promise<void> => {
  while (!ended) {
    const [askedMs, since] = [Date.now(), performance.now()];
    while (!(await ask(port)) && !ended) await sleep(AGAIN_MS);
    messages.postMessage({ kind, askedMs, waitMs: performance.now() - since } satisfies Probed);
    await sleep(EVERY_MS);
  }
};

await Promise.all((workerData as readonly ProbeTarget[]).map(probe));
messages.close();
