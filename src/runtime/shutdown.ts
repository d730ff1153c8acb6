import type { Clock } from "./clock.js";
import type { Logger } from "./log.js";

export interface ShutdownStep {
  readonly name: string;
  /** Milliseconds after the start of the stop when the next step begins anyway. */
  readonly byMs: number;
  run(): Promise<unknown>;
}

/** What a stop has to end, in this order. Each may take until its deadline, and goes on in the background where it takes longer. */
export interface StopParts {
  /** Intake off; resolves when the mails in flight have ended. */
  readonly finishMails: () => Promise<unknown>;
  readonly finishDeadLetters: () => Promise<unknown>;
  /** Within so many milliseconds. */
  readonly commit: (withinMs: number) => Promise<unknown>;
  readonly leaveGroup: () => Promise<unknown>;
  /** Absent: nothing is put on record. */
  readonly finishRecords?: (withinMs: number) => Promise<unknown>;
  readonly closeConnections: () => Promise<unknown>;
}

/** The steps of a stop that may take `totalMs`. What is left after the last one is for a busy machine: at the end the process is made to leave, with 1. */
export const stopSteps = (parts: StopParts, totalMs: number): readonly ShutdownStep[] => {
  const step = (name: string, share: number, run: () => Promise<unknown>): ShutdownStep => {
    return { name, byMs: totalMs * share, run };
  };
  const tenth = totalMs * 0.1;
  const { finishRecords } = parts;
  return [
    step("finish the mails in flight", 0.7, parts.finishMails),
    step("finish the dead letters in flight", 0.75, parts.finishDeadLetters),
    step("commit", 0.85, () => parts.commit(tenth)),
    step("leave the group", 0.92, parts.leaveGroup),
    ...(finishRecords === undefined ? [] : [step("put the last mails on record", 0.94, () => finishRecords(tenth))]),
    step("close connections", 0.95, parts.closeConnections),
  ];
};

/** Runs the steps one after the other, each until its own deadline; one that fails or hangs stops none of the others. Never rejects. */
export const runShutdown = async (
  steps: readonly ShutdownStep[],
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<{ readonly failed: readonly string[] }> => {
  const startedAt = clock.elapsed();
  const failed: string[] = [];
  for (const { name, byMs, run } of steps) {
    let cancel: () => void = () => undefined;
    const deadline = new Promise<"late">((resolve) => {
      cancel = clock.after(Math.max(0, byMs - (clock.elapsed() - startedAt)), () => resolve("late"));
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
      cancel();
    }
  }
  return { failed };
};
