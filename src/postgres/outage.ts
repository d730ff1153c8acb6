import { backoffMs, type Clock } from "../runtime/clock.js";
import { FaultLimiter } from "../runtime/fault-limiter.js";
import type { Logger } from "../runtime/log.js";
import type { DatabaseFailure } from "./lookup.js";

/** Whether the database is away, and when to try it again: one probe at a time, with pauses that grow. */
export class Outage {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #retryInitialMs: number;
  readonly #retryMaxMs: number;
  readonly #onProbe: () => void;
  readonly #faults = new FaultLimiter(FAULT_EVERY_MS);
  /** Undefined: it answers. */
  #away: { readonly since: number; attempts: number; cancelProbe: (() => void) | undefined } | undefined;

  constructor(deps: {
    clock: Clock;
    log: Logger;
    random: () => number;
    retryInitialMs: number;
    retryMaxMs: number;
    onProbe: () => void;
  }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#random = deps.random;
    this.#retryInitialMs = deps.retryInitialMs;
    this.#retryMaxMs = Math.min(deps.retryMaxMs, PROBE_MAX_MS);
    this.#onProbe = deps.onProbe;
  }

  get isOn(): boolean {
    return this.#away !== undefined;
  }

  /** A query failed. Queries that were under way together fail together: they lengthen no pause. */
  failed({ kind, code, detail }: DatabaseFailure, waiting: number): void {
    this.#away ??= { since: this.#clock.elapsed(), attempts: 0, cancelProbe: undefined };
    const away = this.#away;
    if (away.cancelProbe !== undefined) return;
    const retryInMs = backoffMs(++away.attempts, this.#retryInitialMs, this.#retryMaxMs, this.#random);
    away.cancelProbe = this.#clock.after(retryInMs, () => {
      away.cancelProbe = undefined;
      this.#onProbe();
    });
    const told = this.#faults.admit(`${kind} ${code}`, this.#clock.now());
    if (told === undefined) return;
    const { suppressed } = told;
    this.#log.error({ reason: kind, code, detail, waiting, retryInMs, suppressed }, AWAY_LINES[kind]);
  }

  answered(waiting: number): void {
    if (this.#away === undefined) return;
    const { since, attempts, cancelProbe } = this.#away;
    cancelProbe?.();
    this.#away = undefined;
    const awayMs = Math.round(this.#clock.elapsed() - since);
    this.#log.info({ awayMs, attempts, waiting }, "recipients database answers again");
  }

  close(): void {
    this.#away?.cancelProbe?.();
  }
}

const AWAY_LINE = "recipients database is away; mails of devices that are not in the cache wait";
const AWAY_LINES: Readonly<Record<DatabaseFailure["kind"], string>> = {
  away: AWAY_LINE,
  timeout: AWAY_LINE,
  data: AWAY_LINE,
  refused: "recipients database refuses us; mails of devices that are not in the cache wait",
  query: "recipients database takes the query no more; mails of devices that are not in the cache wait",
};

/** A probe costs one connection: mails need not wait long for a database that is back. */
const PROBE_MAX_MS = 5_000;
const FAULT_EVERY_MS = 30_000;
