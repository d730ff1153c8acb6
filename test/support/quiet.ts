import type { Logger } from "#src/runtime/log.js";
import type { Metrics } from "#src/runtime/ports.js";

const nothing = (): void => undefined;

export const quietLog: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Metrics that remember their calls as `name a b`. */
export const recordingMetrics = (): { metrics: Metrics; calls: string[] } => {
  const calls: string[] = [];
  const metrics = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          calls.push([name, ...args].join(" ")),
    },
  );
  return { metrics: metrics as Metrics, calls };
};

export const quietMetrics: Metrics = new Proxy({}, { get: () => nothing }) as Metrics;
