import { CHECKPOINT_MAX_CHARS } from "../core/checkpoint.js";
import type { Logger } from "./log.js";
import type { CommitRequest } from "./ports.js";

/**
 * How many characters of metadata the broker takes beside an offset (`offset.metadata.max.bytes`). No API tells a consumer, so it is learned: a
 * refusal halves it, for as long as the process lives. One for all partitions, for the limit is the broker's.
 */
export class CheckpointRoom {
  readonly #log: Logger;
  #chars = CHECKPOINT_MAX_CHARS;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** 0: offsets are committed without a checkpoint. */
  get chars(): number {
    return this.#chars;
  }

  /** The broker refused these because of their metadata. Returns whether they would be shorter now. */
  refused(requests: readonly CommitRequest[]): boolean {
    const longest = Math.max(0, ...requests.map(({ metadata }) => metadata.length));
    const before = this.#chars;
    while (this.#chars > 0 && this.#chars >= longest) this.#chars = this.#chars / 2 < LEAST_CHARS ? 0 : this.#chars / 2;
    if (this.#chars < before && before === CHECKPOINT_MAX_CHARS)
      this.#log.warn(
        { refusedChars: longest, wantedChars: CHECKPOINT_MAX_CHARS },
        `the broker takes less commit metadata than it should: set its offset.metadata.max.bytes to ${CHECKPOINT_MAX_CHARS} and restart this process; until then more mails are repeated after a crash`,
      );
    else if (this.#chars < before)
      this.#log.info({ refusedChars: longest, chars: this.#chars }, "still too much commit metadata for the broker");
    return longest > this.#chars;
  }
}

/** Below it the head alone, of about 50 characters, would keep a paused partition above its low mark. */
const LEAST_CHARS = 128;
