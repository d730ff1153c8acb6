import type { AlertBuffer } from "./alert-buffer.js";
import type { Buckets } from "./buckets.js";
import type { CommitFrontier } from "./commit-frontier.js";
import type { Replay } from "./replay.js";
import type { EventTime } from "./time.js";
import type { TopWindows } from "./top-windows.js";
import { alertsOf } from "./window.js";
import type { WindowTally } from "./window-tally.js";

/** What a partition holds, for whoever only looks: pauses, gauges, the page. */
export class PartitionView {
  readonly #frontier: CommitFrontier;
  readonly #buffer: AlertBuffer;
  readonly #buckets: Buckets;
  readonly #tally: WindowTally;
  readonly #replay: Replay;

  constructor(parts: {
    readonly frontier: CommitFrontier;
    readonly buffer: AlertBuffer;
    readonly buckets: Buckets;
    readonly tally: WindowTally;
    readonly replay: Replay;
  }) {
    this.#frontier = parts.frontier;
    this.#buffer = parts.buffer;
    this.#buckets = parts.buckets;
    this.#tally = parts.tally;
    this.#replay = parts.replay;
  }

  /** A replay that has not come as far yet as was read before: no mail is under way. */
  get holdsBack(): boolean {
    return this.#replay.holdsBack;
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
    return this.#buffer.bytes + this.#frontier.bytes + (this.#tally.open + this.#tally.pending) * WINDOW_BYTES;
  }

  get oldestPendingWindowEnd(): EventTime | undefined {
    return this.#buckets.oldestPendingEnd;
  }

  /** Event time of the record with the lowest offset that needs something still, recipients that are behind apart. */
  get oldestUnsettledEventTime(): EventTime | undefined {
    return this.#frontier.oldestEventTime;
  }

  /** Shows every open window. */
  offerOpen(partition: number, to: TopWindows): void {
    for (const [window, end] of this.#buckets.open()) to.offer(partition, alertsOf(window), end, window);
  }
}

/** A window object, its map entry, its device ID and its hold, as measured by `npm run bench`. */
const WINDOW_BYTES = 250;
