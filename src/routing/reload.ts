import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";
import type { Checks } from "./checks.js";
import type { Route } from "./route.js";
import { type LoadedRoutes, parseRoutes, type RoutesError, unreadable } from "./routes-file.js";

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

/** The file as it was read: its text, or why there is none. */
type Content = { readonly text: string } | { readonly error: RoutesError };

/**
 * The routes of a file that may change. Its content is read again and again: a watch of the file system does not see what Kubernetes does to a mounted
 * ConfigMap, nor what others do on a network file system. A change counts once it was read twice the same, for a file may be met half written. A
 * broken or vanished file changes nothing and is said once.
 */
export class ReloadedRoutes {
  readonly #options: ReloadOptions;
  #routes: readonly Route[];
  /** What was looked at last, and what was read last. */
  #known: Content;
  #read: Content;
  #cancel: () => void = () => undefined;
  #closed = false;
  #stale = false;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#routes = options.loaded.routes;
    this.#known = { text: options.loaded.text };
    this.#read = this.#known;
  }

  get current(): readonly Route[] {
    return this.#routes;
  }

  /** The file changed, and what it holds now, if anything, is not in force. */
  get isStale(): boolean {
    return this.#stale;
  }

  start(): void {
    this.#lookIn(EVERY_MS);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #lookIn(ms: number): void {
    if (!this.#closed) this.#cancel = this.#options.clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const content = await this.#content();
    if (this.#closed) return;
    const settled = isSame(content, this.#read);
    this.#read = content;
    if (isSame(content, this.#known)) {
      this.#lookIn(EVERY_MS);
      return;
    }
    if (settled) this.#take(content);
    this.#lookIn(settled ? EVERY_MS : AGAIN_MS);
  }

  async #content(): Promise<Content> {
    const { loaded, read, checks } = this.#options;
    try {
      return { text: await read(loaded.path) };
    } catch (error) {
      return { error: unreadable(loaded.path, error, checks) };
    }
  }

  #take(content: Content): void {
    this.#known = content;
    const { loaded, checks, log, metrics, clean } = this.#options;
    const { path } = loaded;
    const result =
      "text" in content ? parseRoutes(content.text, path, checks) : { ok: false as const, errors: [content.error] };
    this.#stale = !result.ok;
    if (result.ok) {
      this.#routes = result.routes;
      metrics.routesReloaded("reloaded");
      log.info({ file: path, routes: result.routes.length }, "routes reloaded");
      return;
    }
    metrics.routesReloaded("failed");
    const errors = result.errors
      .slice(0, LOGGED_ERRORS_MAX)
      .map(({ where, problem, expected }) => `${where}: ${clean(problem)}; expected: ${expected}`);
    const fields = { file: path, errors, count: result.errors.length, routes: this.#routes.length };
    log.error(fields, "the changed routes are not usable: those from before stay in force");
  }
}

const isSame = (a: Content, b: Content): boolean =>
  "text" in a ? "text" in b && a.text === b.text : "error" in b && a.error.problem === b.error.problem;

const EVERY_MS = 2_000;
/** Whoever writes a file in place is done by then. */
const AGAIN_MS = 250;
const LOGGED_ERRORS_MAX = 20;
