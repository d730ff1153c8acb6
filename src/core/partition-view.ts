import type { AlertBuffer } from "./alert-buffer.js";
import type { DueMails } from "./closing.js";
import type { CommitFrontier } from "./commit-frontier.js";
import type { HeldWindows } from "./held-windows.js";
import type { EventTime } from "./time.js";
import type { TopWindows } from "./top-windows.js";
import type { Buckets } from "./window-orders.js";
import type { WindowTally } from "./window-tally.js";
import type { Windows } from "./windows.js";

/** What a partition holds, for whoever only looks: pauses, gauges, the page. */
export class PartitionView {
  readonly #frontier: CommitFrontier;
  readonly #buffer: AlertBuffer;
  readonly #buckets: Buckets;
  readonly #windows: Windows;
  readonly #tally: WindowTally;
  readonly #due: DueMails;
  readonly #held: HeldWindows | undefined;

  constructor(parts: {
    readonly frontier: CommitFrontier;
    readonly buffer: AlertBuffer;
    readonly buckets: Buckets;
    readonly windows: Windows;
    readonly tally: WindowTally;
    readonly due: DueMails;
    readonly held: HeldWindows | undefined;
  }) {
    this.#frontier = parts.frontier;
    this.#buffer = parts.buffer;
    this.#buckets = parts.buckets;
    this.#windows = parts.windows;
    this.#tally = parts.tally;
    this.#due = parts.due;
    this.#held = parts.held;
  }

  /** A replay that has not come as far yet as was read before: no mail is under way. */
  get holdsBack(): boolean {
    return this.#due.holdsBack;
  }

  get windowsOpen(): number {
    return this.#tally.open;
  }

  /** Closed, not settled. */
  get windowsPending(): number {
    return this.#tally.pending;
  }

  /** Of them, those whose mail is due, or waits for the mail before. Not one closed early whose device has an older window open. */
  get windowsDue(): number {
    return this.#tally.due;
  }

  /** Of the pending windows, those whose mail only waits for recipients that are behind. */
  get windowsPassed(): number {
    return this.#tally.passed;
  }

  /** Of the pending windows, those that `REPEAT_INTERVALS` keeps back. */
  get windowsHeld(): number {
    return this.#tally.heldWindows;
  }

  get bufferedAlerts(): number {
    return this.#tally.alerts;
  }

  /** Of the buffered alerts, those in windows whose mail is due. */
  get pendingAlerts(): number {
    return this.#tally.dueAlerts;
  }

  /** Of the buffered alerts, those in passed windows. */
  get passedAlerts(): number {
    return this.#tally.passedAlerts;
  }

  /** What is held in memory, near enough: slabs, offsets and windows. */
  get bufferedBytes(): number {
    return this.#buffer.bytes + this.#frontier.bytes + this.#windows.bytes;
  }

  /** Windows that tell nothing new count from when they are let go. */
  get oldestPendingWindowEnd(): EventTime | undefined {
    return earlier(this.#buckets.oldestPendingEnd, this.#held?.oldestWaiting);
  }

  /** Event time of the record with the lowest offset that needs something still, recipients that are behind apart; of what told nothing new, when it was let go. */
  get oldestUnsettledEventTime(): EventTime | undefined {
    return earlier(this.#frontier.oldestEventTime, this.#held?.oldestWaiting);
  }

  /** Shows every open window. */
  offerOpen(partition: number, to: TopWindows): void {
    for (const [window, end] of this.#buckets.open(this.#windows)) to.offer(partition, this.#windows, window, end);
  }
}

const earlier = (one: EventTime | undefined, other: EventTime | undefined): EventTime | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one;
