import { SEVERITIES } from "../core/alert.js";
import { backoffMs, type Clock } from "./clock.js";
import { FaultLimiter } from "./fault-limiter.js";
import type { Logger } from "./log.js";
import type { MailOwner } from "./mail-job.js";
import type { DeadLetterSink, LetterPosition, Metrics, RecordDeadLetter, WindowDeadLetter } from "./ports.js";
import { Fifo } from "./queues.js";
import { createRecipientView, type RecipientMode, type RecipientView } from "./recipient-view.js";

export type DeadLetter = WindowDeadLetter | RecordDeadLetter;

/** Whose letters they are: a partition. */
export type DeadLetterOwner = Pick<MailOwner, "isWanted" | "attemptStarted" | "attemptEnded">;

interface Entry {
  readonly compose: () => DeadLetter;
  readonly owner: DeadLetterOwner;
  readonly written: () => void;
  attempts: number;
}

/**
 * Writes dead letters until the topic has acknowledged them. A topic that cannot be written to holds the frontier: nothing is given up.
 * At most `MAX_IN_FLIGHT` are being written; one that fails waits for its own next attempt and holds back no other.
 */
export class DeadLetterQueue {
  readonly #sink: DeadLetterSink;
  readonly #metrics: Pick<Metrics, "deadLetter" | "alertsDeadLettered">;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #recipients: RecipientView;
  readonly #random: () => number;
  readonly #onWritten: (letter: DeadLetter, position: LetterPosition | undefined) => void;
  readonly #ready = new Fifo<Entry>();
  readonly #limiter = new FaultLimiter(LINE_EVERY_MS);
  readonly #waiting = new Set<() => void>();
  #inFlight = 0;
  #stopped = false;
  readonly #idle: (() => void)[] = [];

  constructor(deps: {
    sink: DeadLetterSink;
    metrics: Pick<Metrics, "deadLetter" | "alertsDeadLettered">;
    clock: Clock;
    log: Logger;
    /** As log lines show them; default `masked`. */
    recipients?: RecipientMode;
    random: () => number;
    /** Told of every letter that the topic has; must not throw. */
    onWritten?: (letter: DeadLetter, position: LetterPosition | undefined) => void;
  }) {
    this.#sink = deps.sink;
    this.#metrics = deps.metrics;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#recipients = createRecipientView(deps.recipients ?? "masked");
    this.#random = deps.random;
    this.#onWritten = deps.onWritten ?? (() => undefined);
  }

  /**
   * `written` is called once, when the topic has it; nothing new is begun once its owner does not want it any more. `compose` is called for each attempt, so
   * that a letter that waits costs no memory of its own.
   */
  submit(compose: () => DeadLetter, owner: DeadLetterOwner, written: () => void): void {
    this.#ready.push({ compose, owner, written, attempts: 0 });
    this.#pump();
  }

  /** No new attempt starts; resolves when those under way have ended. */
  async drain(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (!this.#stopped && this.#inFlight < MAX_IN_FLIGHT) {
      const entry = this.#ready.shift();
      if (entry === undefined) return;
      if (!entry.owner.isWanted()) continue;
      this.#inFlight++;
      entry.owner.attemptStarted();
      entry.attempts++;
      void this.#write(entry);
    }
  }

  async #write(entry: Entry): Promise<void> {
    const letter = entry.compose();
    try {
      const position = await this.#sink.write(letter);
      this.#count(letter);
      this.#onWritten(letter, position);
      this.#tell(letter.reason, (more) =>
        this.#log.warn({ ...describe(letter, this.#recipients), ...more }, "dead letter written"),
      );
      entry.written();
    } catch (error) {
      const delay = backoffMs(entry.attempts, RETRY_INITIAL_MS, RETRY_MAX_MS, this.#random);
      const failed = { attempts: entry.attempts, retryInMs: Math.round(delay), error: (error as Error).message };
      this.#tell("failed", (more) =>
        this.#log.error(
          { ...describe(letter, this.#recipients), ...failed, ...more },
          "dead letter not written; its offsets stay uncommitted until it is",
        ),
      );
      const cancel = this.#clock.after(delay, () => {
        this.#waiting.delete(cancel);
        this.#ready.push(entry);
        this.#pump();
      });
      this.#waiting.add(cancel);
      if (this.#stopped) cancel();
    } finally {
      this.#inFlight--;
      entry.owner.attemptEnded();
      if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
      this.#pump();
    }
  }

  #count(letter: DeadLetter): void {
    this.#metrics.deadLetter(letter.stage, letter.reason);
    if (letter.kind !== "window") return;
    const { listed, folded } = letter.digest;
    for (const severity of SEVERITIES) {
      const count =
        listed.filter(({ alert }) => alert.severity === severity).length + (folded?.bySeverity[severity] ?? 0);
      if (count > 0) this.#metrics.alertsDeadLettered(severity, count);
    }
  }

  /** A topic full of bad records, or a dead-letter topic that is away, must not fill the log. */
  #tell(kind: string, line: (more: { suppressed: number }) => void): void {
    const more = this.#limiter.admit(kind, this.#clock.now());
    if (more !== undefined) line(more);
  }
}

const LINE_EVERY_MS = 1_000;
const MAX_IN_FLIGHT = 64;
const RETRY_INITIAL_MS = 500;
const RETRY_MAX_MS = 30_000;

const describe = (letter: DeadLetter, recipients: RecipientView): Record<string, unknown> =>
  letter.kind === "record"
    ? {
        kind: letter.kind,
        reason: letter.reason,
        detail: letter.detail,
        topic: letter.topic,
        partition: letter.partition,
        offset: letter.offset,
      }
    : {
        kind: letter.kind,
        stage: letter.stage,
        reason: letter.reason,
        detail: recipients.text(letter.detail),
        device: letter.digest.deviceId,
        partition: letter.digest.partition,
        offsets: [letter.digest.firstOffset, letter.digest.lastOffset],
        alerts: letter.digest.count,
        recipients: recipients.list(letter.recipients.map((recipient) => recipient.address)),
        messageId: letter.messageId,
      };
