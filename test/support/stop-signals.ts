/** Ctrl-C and its like for programs that clean up: the first asks for a stop, a second one ends the process. */

import { createStopRequests } from "#src/runtime/stop-requests.js";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
export type StopSignal = keyof typeof EXIT_CODES;

/** `stop` is called at most once. What was started ends by its guard, however this process ends. */
export function onStopSignals(stop: (signal: StopSignal) => void): {
  readonly signal: StopSignal | undefined;
  /** As shells have it; undefined: nobody asked. */
  readonly exitCode: number | undefined;
} {
  let first: StopSignal | undefined;
  const request = createStopRequests(() => performance.now());
  for (const signal of Object.keys(EXIT_CODES) as StopSignal[]) {
    process.on(signal, () => {
      const asked = request();
      if (asked === "again") process.exit(EXIT_CODES[signal]);
      if (asked === "same") return;
      first = signal;
      stop(signal);
    });
  }
  return {
    get signal() {
      return first;
    },
    get exitCode() {
      return first && EXIT_CODES[first];
    },
  };
}
