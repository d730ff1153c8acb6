import { backoffMs, type Clock } from "../runtime/clock.js";
import { FaultLimiter } from "../runtime/fault-limiter.js";
import type { Logger } from "../runtime/log.js";

/** One connection that listens, from its opening to its end. */
export interface ListeningConnection {
  /** Resolves when nothing can be missed any more. */
  start(channel: string): Promise<void>;
  /** Rejects when nobody answers. */
  check(): Promise<void>;
  close(): void;
}

export interface ListenerDeps {
  /** May throw. */
  readonly open: (on: { notified: (payload: string) => void; ended: (error: unknown) => void }) => ListeningConnection;
  readonly channel: string;
  /** An empty payload: anything may have changed. */
  readonly onChange: (payload: string) => void;
  /** It listens from now on, and did not before. */
  readonly onListening: () => void;
  readonly describe: (error: unknown) => { readonly code: string | undefined; readonly detail: string };
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
}

/** Listens as long as it runs: a connection that ends, or is silent, is replaced. */
export class ChangeListener {
  readonly #deps: ListenerDeps;
  readonly #faults = new FaultLimiter(FAULT_EVERY_MS);
  #connection: ListeningConnection | undefined;
  #listens = false;
  #failures = 0;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(deps: ListenerDeps) {
    this.#deps = deps;
  }

  get listens(): boolean {
    return this.#listens;
  }

  start(): void {
    void this.#connect();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#connection?.close();
  }

  async #connect(): Promise<void> {
    const { open, channel, onChange, onListening, log } = this.#deps;
    let connection: ListeningConnection | undefined;
    try {
      connection = open({
        notified: (payload) => onChange(payload),
        ended: (error) => this.#ended(connection, error),
      });
      this.#connection = connection;
      await connection.start(channel);
    } catch (error) {
      this.#ended(connection, error);
      return;
    }
    if (this.#closed || this.#connection !== connection) return;
    this.#listens = true;
    if (this.#failures > 0) log.info({ channel }, "listens for changes of recipients again");
    this.#failures = 0;
    onListening();
    this.#checkLater(connection);
  }

  /** A network that loses packets ends no connection. */
  #checkLater(connection: ListeningConnection): void {
    this.#cancelTimer = this.#deps.clock.after(CHECK_EVERY_MS, () => {
      connection.check().then(
        () => {
          if (!this.#closed && this.#connection === connection) this.#checkLater(connection);
        },
        (error: unknown) => this.#ended(connection, error),
      );
    });
  }

  #ended(connection: ListeningConnection | undefined, error: unknown): void {
    if (this.#closed || this.#connection !== connection) return;
    this.#connection = undefined;
    this.#listens = false;
    this.#cancelTimer?.();
    connection?.close();
    const { clock, random, retryInitialMs, retryMaxMs, describe, log } = this.#deps;
    const retryInMs = backoffMs(++this.#failures, retryInitialMs, retryMaxMs, random);
    this.#cancelTimer = clock.after(retryInMs, () => void this.#connect());
    const { code, detail } = describe(error);
    const told = this.#faults.admit(code ?? "", clock.now());
    if (told !== undefined)
      log.warn(
        { code, detail, retryInMs, suppressed: told.suppressed },
        "does not listen for changes of recipients: they count when RECIPIENTS_CACHE_TTL has passed",
      );
  }
}

const CHECK_EVERY_MS = 30_000;
const FAULT_EVERY_MS = 60_000;
