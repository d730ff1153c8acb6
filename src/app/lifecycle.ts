import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import { runShutdown, type StopParts, stopSteps } from "../runtime/shutdown.js";

/** Where the process is between its first line and its last. */
export type Phase = "starting" | "running" | "draining";

export interface LifecycleDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** `SHUTDOWN_TIMEOUT`, in milliseconds. */
  readonly shutdownTimeoutMs: number;
  /** One sentence for an operator. */
  readonly explain: (error: unknown) => string;
  /** The same after a look at the brokers, which takes seconds. */
  readonly explainAfterALook: (error: unknown) => Promise<string>;
  /** Called once when the process cannot go on: it should end with 1. */
  readonly onFatal: (reason: string) => void;
}

/** What reads from Kafka, as its overseer sees it. */
export interface Overseen {
  /** Undefined until the first fetch was answered. */
  readonly lastPollAtMs: number | undefined;
  /** Why a watchdog fires. */
  complaint(): string | undefined;
}

/** The life of the process: it starts, runs and drains, and ends early when it cannot go on. */
export class Lifecycle {
  readonly #deps: LifecycleDeps;
  #phase: Phase = "starting";
  #fatal: string | undefined;
  #source: Overseen | undefined;
  #parts: StopParts | undefined;
  #stopped: Promise<void> | undefined;
  #cancelWatch: () => void = () => undefined;

  constructor(deps: LifecycleDeps) {
    this.#deps = deps;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get isDraining(): boolean {
    return this.#phase === "draining";
  }

  /** Why the process cannot go on. */
  get fatal(): string | undefined {
    return this.#fatal;
  }

  /** It reads, cannot go on, or is asked to stop. */
  get isPastConnecting(): boolean {
    return this.#source?.lastPollAtMs !== undefined || this.#fatal !== undefined || this.isDraining;
  }

  /** What it watches while it runs, and what a stop has to end. */
  oversee(source: Overseen, parts: StopParts): void {
    this.#source = source;
    this.#parts = parts;
  }

  /** Everything has started. */
  running(): void {
    if (this.isDraining) return;
    this.#phase = "running";
    this.#watch();
  }

  /** The client gave up. */
  fail(error: unknown): void {
    if (this.#fatal !== undefined || this.isDraining) return;
    const { explain, explainAfterALook, onFatal } = this.#deps;
    const reason = explain(error);
    this.#fatal = reason;
    // A process that was reading has no wrong settings, and should be replaced soon.
    if (this.#source?.lastPollAtMs !== undefined) onFatal(reason);
    else
      void explainAfterALook(error).then((looked) => {
        this.#fatal = looked;
        onFatal(looked);
      });
  }

  /** Intake off, mails in flight finished, commits confirmed, group left: within `SHUTDOWN_TIMEOUT`. Never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#phase = "draining";
    this.#cancelWatch();
    const { clock, log, shutdownTimeoutMs } = this.#deps;
    if (this.#parts !== undefined) await runShutdown(stopSteps(this.#parts, shutdownTimeoutMs), { clock, log });
  }

  #watch(): void {
    this.#cancelWatch = this.#deps.clock.after(WATCH_EVERY_MS, () => this.#watch());
    const complaint = this.#source?.complaint();
    if (complaint !== undefined) this.#giveUp(complaint);
  }

  /**
   * A watchdog fired. `/livez` says so at once; what can still be finished and committed is, as in any stop, and then the process leaves: within
   * `SHUTDOWN_TIMEOUT`, whatever hangs.
   */
  #giveUp(complaint: string): void {
    if (this.#fatal !== undefined || this.isDraining) return;
    this.#fatal = complaint;
    const { clock, log, shutdownTimeoutMs, onFatal } = this.#deps;
    log.error({ reason: complaint }, "a watchdog fired: leaving, for the supervisor to start a new process");
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      onFatal(complaint);
    };
    const cancel = clock.after(shutdownTimeoutMs, leave);
    void this.stop().finally(() => {
      cancel();
      // The reason is to be the last line: lines on their way out go first.
      clock.after(LAST_LINES_MS, leave);
    });
  }
}

const WATCH_EVERY_MS = 5_000;
const LAST_LINES_MS = 100;
