/** "From `offset` on, what was read was written under the leader of `epoch`", up to the next one's offset. */
export interface EpochStart {
  readonly epoch: number;
  readonly offset: number;
}

/**
 * Under which leaders the records were written that were read of one partition. Each leader of a partition has an epoch, a number that only grows, and
 * no two leaders have the same: two logs that have a record of one epoch at one offset are the same up to there.
 *
 * A leader that did not have all of the log (an unclean election) cuts it off and writes on from there, under its own epoch. The offsets do not tell; the
 * epochs do (KIP-101, KIP-279, KIP-320).
 */
export class LeaderEpochs {
  /** Ascending by both. */
  readonly #starts: EpochStart[];

  constructor(starts: readonly EpochStart[] = []) {
    this.#starts = starts.slice(-STARTS_MAX);
  }

  /** The highest one that is known; undefined while none is. */
  get last(): number | undefined {
    return this.#starts.at(-1)?.epoch;
  }

  /** Of the last record below `position`; undefined: unknown. */
  below(position: number): number | undefined {
    return this.#starts.findLast(({ offset }) => offset < position)?.epoch;
  }

  /**
   * A restart has to know those below its position as well: the next leader may be a replica that several elections have left behind, and its log may be
   * the one that was read only up to before them.
   */
  get starts(): readonly EpochStart[] {
    return this.#starts;
  }

  /** A record was read. Those of old message formats have no epoch (−1), and say nothing. */
  read(offset: number, epoch: number): void {
    const last = this.last;
    if (epoch < 0 || (last !== undefined && epoch <= last)) return;
    // Known of a replay that has not come so far.
    while ((this.#starts.at(-1)?.offset ?? -1) >= offset) this.#starts.pop();
    this.#starts.push({ epoch, offset });
    if (this.#starts.length > STARTS_MAX) this.#starts.shift();
  }
}

/** An election is rare, and one that goes back behind the last few of them rarer still. A checkpoint has them all: three bytes or four each. */
const STARTS_MAX = 8;

/** What the present leader says to "where does the epoch end?": the largest epoch of its log that is not above the one asked for, and where that one ends. */
export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

/**
 * Finds out how much of what was read (`starts`, and up to `readTo`) the present leader still has, by asking it where epochs end. It has nothing that was
 * read under an epoch it does not know, and of one that it knows as much as both have.
 */
export class LogInquiry {
  readonly #starts: readonly EpochStart[];
  readonly #readTo: number;
  #epoch: number;

  /** Undefined where no epoch is known: then there is nothing to ask. */
  static of(starts: readonly EpochStart[], readTo: number): LogInquiry | undefined {
    const last = starts.at(-1);
    return last === undefined ? undefined : new LogInquiry(starts, readTo, last.epoch);
  }

  private constructor(starts: readonly EpochStart[], readTo: number, epoch: number) {
    this.#starts = [...starts];
    this.#readTo = readTo;
    this.#epoch = epoch;
  }

  /** To ask for. */
  get epoch(): number {
    return this.#epoch;
  }

  get readTo(): number {
    return this.#readTo;
  }

  /**
   * Up to where the log of today is the one that was read, at most `readTo`; undefined: `epoch` is to be asked for as well.
   *
   * `sameLeader`: nobody has led since that epoch. No leader cuts its own log off, so one that ends too early is another log: the topic was created anew.
   */
  answer({ epoch, endOffset }: EpochEnd, sameLeader: boolean): number | "another-log" | undefined {
    if (sameLeader && epoch === this.#epoch && endOffset < this.#readTo) return "another-log";
    const above = this.#starts.find((start) => start.epoch > Math.min(epoch, this.#epoch));
    const below = this.#starts.findLast((start) => start.epoch <= epoch);
    // Of the largest epoch that both may have, the leader has told the end: or it is an older one of ours, and it has not.
    if (below !== undefined && below.epoch !== epoch) {
      this.#epoch = below.epoch;
      return undefined;
    }
    return Math.min(endOffset, above?.offset ?? this.#readTo, this.#readTo);
  }

  /** Nobody knows the epoch: asks for the one before. */
  unknown(): "another-log" | undefined {
    const older = this.#starts.findLast((start) => start.epoch < this.#epoch);
    if (older === undefined) return "another-log";
    this.#epoch = older.epoch;
    return undefined;
  }
}
