import type { Logger } from "./log.js";

export interface ShutdownStep {
  readonly name: string;
  /** Milliseconds after the start of the stop when the next step begins anyway. */
  readonly byMs: number;
  run(): Promise<unknown>;
}

/** Runs the steps one after the other, each until its own deadline; one that fails or hangs stops none of the others. Never rejects. */
export const runShutdown = async (
  steps: readonly ShutdownStep[],
  log: Logger,
): Promise<{ readonly failed: readonly string[] }> => {
  const startedAt = performance.now();
  const failed: string[] = [];
  for (const { name, byMs, run } of steps) {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), Math.max(0, byMs - (performance.now() - startedAt)));
    });
    try {
      if ((await Promise.race([run(), deadline])) === "late") {
        failed.push(name);
        log.warn({ step: name, byMs }, "a step of the stop took too long; going on without it");
      }
    } catch (error) {
      failed.push(name);
      log.warn({ step: name, error }, "a step of the stop failed; going on without it");
    } finally {
      clearTimeout(timer);
    }
  }
  return { failed };
};
