/** Whether everything goes as usual: how old the oldest alert is that waits, looked at all the time. */

import type { Instances } from "./instances.js";
import type { Traffic } from "./traffic.js";

export interface Calm {
  /** Resolves once it was calm for a while, with milliseconds from `since` to the last moment at which alerts waited longer than usual. */
  calm(since: number): Promise<number>;
  stop(): void;
}

export const POLL_MS = 100;
const CALM_MS = 3_000;
const RECOVERY_TIMEOUT_MS = 150_000;
const STILL_MS = 45_000;
const UNTIL_TIMEOUT_MS = 120_000;

export class NotRecovered extends Error {}

/** `usualAgeMs`: up to this age nobody wonders. */
export function watchCalm(options: {
  readonly traffic: Traffic;
  readonly instances: Instances;
  readonly usualAgeMs: number;
  wait(ms: number): Promise<void>;
}): Calm {
  const { traffic, instances, usualAgeMs, wait } = options;
  let lastUnusual = 0;
  const look = (): void => {
    if (traffic.oldestPendingMs() > usualAgeMs) lastUnusual = performance.now();
  };
  const watching = setInterval(look, POLL_MS);
  return {
    async calm(since) {
      const deadline = performance.now() + RECOVERY_TIMEOUT_MS;
      const began = performance.now();
      for (;;) {
        await instances.revive();
        look();
        const now = performance.now();
        if (now - Math.max(lastUnusual, began) >= CALM_MS) return Math.max(0, lastUnusual - since);
        if (now > deadline) throw new NotRecovered(`alerts still wait ${Math.round(traffic.oldestPendingMs())} ms`);
        await wait(POLL_MS);
      }
    },
    stop: () => clearInterval(watching),
  };
}

/** Everything came out, or nothing more comes. */
export async function untilStill(traffic: Traffic, wait: (ms: number) => Promise<void>): Promise<void> {
  let left = traffic.pending;
  for (let since = performance.now(); left > 0 && performance.now() - since < STILL_MS; await wait(POLL_MS)) {
    if (traffic.pending === left) continue;
    left = traffic.pending;
    since = performance.now();
  }
}

/** Asks again and again, also when it fails. */
export async function untilDone(
  what: string,
  done: () => Promise<boolean>,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  const since = performance.now();
  let why = "";
  const asked = () =>
    done().catch((error: Error) => {
      why = `: ${error.message}`;
      return false;
    });
  for (; !(await asked()); await wait(POLL_MS))
    if (performance.now() - since > UNTIL_TIMEOUT_MS) throw new Error(`it does not come to this: ${what}${why}`);
}
