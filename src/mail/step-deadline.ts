/** How long a step of an SMTP conversation may take (RFC 5321 section 4.5.3.2). */

/** Postfix and Sendmail take a second for each RCPT once several were refused, and may answer none before the last. */
const RECIPIENT_MS = 2_000;
const BODY_UNIT_BYTES = 1024 * 1024;

/** Until the next reply to MAIL, RCPT or DATA, when the replies to so many recipients are still to come. */
export const envelopeMs = (stepMs: number, recipients: number): number =>
  stepMs + Math.max(0, recipients - 1) * RECIPIENT_MS;

/** For sending a message of so many bytes: a step, and one more for each megabyte. */
export const bodyMs = (stepMs: number, bytes: number): number => stepMs * (1 + bytes / BODY_UNIT_BYTES);

/** The deadline of the present step: starting one ends the one before. */
export class StepDeadline {
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;
  #overdue: NodeJS.Immediate | undefined;
  #ms = 0;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Of the step that began last. */
  get ms(): number {
    return this.#ms;
  }

  start(ms: number): void {
    this.clear();
    this.#ms = Math.min(ms, TIMER_MAX_MS);
    this.#timer = setTimeout(() => {
      // A process that was suspended wakes up with its timers first, though the answer may have come long ago: sockets are read before this runs.
      this.#overdue = setImmediate(this.#onOver);
    }, this.#ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#overdue);
  }
}

/** What Node's timers can wait for. */
const TIMER_MAX_MS = 2 ** 31 - 1;
