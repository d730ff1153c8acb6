import { setTimeout as sleep } from "node:timers/promises";

/** Generous: it is reached only when something is broken, and then it bounds the run. */
const PATIENCE_MS = 120_000;
const POLL_MS = 50;

/**
 * Asks again and again until the answer is neither undefined nor false, and resolves with it. A question that throws is asked
 * again too. Fails after `timeoutMs` with `what` and what was last seen, which `seen` tells.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly seen?: () => unknown } = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + (options.timeoutMs ?? PATIENCE_MS);
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const seen = options.seen === undefined ? last : options.seen();
      throw new Error(
        `never came true: ${what}; last seen: ${typeof seen === "string" ? seen : JSON.stringify(seen)}`,
        {
          cause: last,
        },
      );
    }
    await sleep(POLL_MS);
  }
}
