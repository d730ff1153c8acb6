import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";
import type { Parsed } from "../yaml-file/document.js";
import { loggedErrors, ReloadedFile } from "../yaml-file/reloaded-file.js";
import type { Checks } from "./checks.js";
import type { Route } from "./route.js";
import { type LoadedRoutes, routesReader } from "./routes-file.js";
import { routeWarnings, warningText } from "./warnings.js";

export interface ReloadOptions {
  /** What the file held at the start. */
  readonly loaded: LoadedRoutes;
  /** Resolves with the file's text, or rejects with an error whose `code` says why. */
  readonly read: (path: string) => Promise<string>;
  readonly checks: Checks;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "routesReloaded">;
  /** Errors as a log may show them: they quote addresses. */
  readonly clean: (text: string) => string;
}

/** The routes of a file that may change. */
export class ReloadedRoutes {
  readonly #file: ReloadedFile<readonly Route[]>;

  constructor({ loaded: { path, text, routes }, read, checks, clock, ...telling }: ReloadOptions) {
    warn(routes, path, clock, telling.log);
    this.#file = new ReloadedFile({
      loaded: { path, text, value: routes },
      read,
      reader: routesReader(checks),
      clock,
      onChange: (result) => {
        tell(result, { path, inForce: this.current.length, ...telling });
        if (result.ok) warn(result.value, path, clock, telling.log);
      },
    });
  }

  get current(): readonly Route[] {
    return this.#file.current;
  }

  /** The file changed, and what it holds now, if anything, is not in force. */
  get isStale(): boolean {
    return this.#file.isStale;
  }

  start(): void {
    this.#file.start();
  }

  close(): void {
    this.#file.close();
  }
}

/** Said again after each change: some of it comes true by waiting. */
const warn = (routes: readonly Route[], path: string, clock: Clock, log: Logger): void => {
  const warnings = routeWarnings(routes, clock.now());
  if (warnings.length === 0) return;
  const some = warnings.slice(0, WARNINGS_MAX).map(warningText);
  log.warn({ file: path, warnings: some, count: warnings.length }, "routes that are hardly meant so");
};

const WARNINGS_MAX = 20;

const tell = (
  result: Parsed<readonly Route[]>,
  {
    path,
    inForce,
    log,
    metrics,
    clean,
  }: Pick<ReloadOptions, "log" | "metrics" | "clean"> & { readonly path: string; readonly inForce: number },
): void => {
  if (result.ok) {
    metrics.routesReloaded("reloaded");
    log.info({ file: path, routes: inForce }, "routes reloaded");
    return;
  }
  metrics.routesReloaded("failed");
  const fields = { file: path, ...loggedErrors(result.errors, clean), routes: inForce };
  log.error(fields, "the changed routes are not usable: those from before stay in force");
};
