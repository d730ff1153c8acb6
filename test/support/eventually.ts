import { setTimeout as sleep } from "node:timers/promises";

/** Generous: it is reached only when something is broken, and then it bounds the run. */
const PATIENCE_MS = 240_000;
/** Soon at first; later a question more costs more than an answer that is seen a little late. */
const POLL_MS = { least: 20, most: 250 };

/**
 * Asks again and again until the answer is neither undefined nor false, and resolves with it. A question that throws is asked
 * again too. Fails after `timeoutMs` with `what` and what was last seen, which `seen` tells.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly seen?: () => unknown } = {},
): Promise<Exclude<T, undefined | false>> {
  const began = performance.now();
  const deadline = began + (options.timeoutMs ?? PATIENCE_MS);
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
      const seen = options.seen === undefined ? (last instanceof Error ? last.message : last) : options.seen();
      throw new Error(
        `never came true: ${what}; last seen: ${typeof seen === "string" ? seen : JSON.stringify(seen)}`,
        {
          cause: last,
        },
      );
    }
    await sleep(Math.min(POLL_MS.most, Math.max(POLL_MS.least, (performance.now() - began) / 10)));
  }
}
