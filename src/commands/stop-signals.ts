/** SIGTERM and SIGINT of a command whose process stays. */

import { EXIT } from "./command.js";

const STAYS: ReadonlySet<string | undefined> = new Set(["run", "translate"]);

/** Nothing has begun yet: there is nothing to end. */
let stop = (_signal: string): void => process.exit(EXIT.ok);

/**
 * Before anything else of the command is loaded: that takes a third of a second, and several where the CPU is limited. To the first process of a container a signal
 * that nobody listens for is never told: it would go on until it is killed.
 */
export const listenForStop = ([name]: readonly string[]): void => {
  if (!STAYS.has(name)) return;
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => stop(signal));
};

/** Once there is something to end. */
export const onStop = (end: (signal: string) => void): void => {
  stop = end;
};
