import { readBounded } from "../bounded-file.js";
import { createRoutesChecks } from "../config/routes-checks.js";
import type { ReloadedRoutes } from "../routing/reload.js";
import type { LoadedRoutes } from "../routing/routes-file.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";

/** Undefined without `ROUTES_FILE`; then nothing is loaded that reads one. */
export const createReloadedRoutes = async (
  loaded: LoadedRoutes | undefined,
  deps: {
    /** That mails can be written in. */
    readonly locales: readonly string[];
    readonly clean: (text: string) => string;
    readonly metrics: Metrics;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<ReloadedRoutes | undefined> => {
  if (loaded === undefined) return undefined;
  const { ReloadedRoutes } = await import("../routing/reload.js");
  const { locales, ...rest } = deps;
  return new ReloadedRoutes({
    loaded,
    read: (path) => readBounded(path),
    checks: createRoutesChecks(locales),
    ...rest,
  });
};
