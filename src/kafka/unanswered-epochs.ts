import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";

interface Silence {
  readonly since: number;
  askedAt: number;
  /** Reasons that the log has. */
  readonly told: Set<string>;
}

/**
 * Leaders that do not tell where an epoch ends. One that has just come to lead, or is about to lose it, refuses for a moment; one that goes on so keeps its partition waiting, and
 * nothing else would say it.
 */
export class UnansweredEpochs {
  readonly #topic: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #silences = new Map<number, Silence>();

  constructor(deps: { topic: string; clock: Clock; log: Logger }) {
    this.#topic = deps.topic;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  answered(partition: number): void {
    if (this.#silences.get(partition)?.told.size)
      this.#log.info({ topic: this.#topic, partition }, "the leader tells again how far its log goes");
    this.#silences.delete(partition);
  }

  /** `reason`: what the broker said, or that it said nothing. Each is told once: a broker that was away may refuse once it is back. */
  unanswered(partition: number, leader: number, reason: string): void {
    const now = this.#clock.elapsed();
    const known = this.#silences.get(partition);
    const silence =
      known !== undefined && now - known.askedAt <= ONE_SILENCE_MS
        ? known
        : { since: now, askedAt: now, told: new Set<string>() };
    silence.askedAt = now;
    this.#silences.set(partition, silence);
    if (silence.told.has(reason) || now - silence.since < TELL_AFTER_MS) return;
    silence.told.add(reason);
    this.#log.warn(
      { topic: this.#topic, partition, leader, reason },
      "the leader does not tell how far its log is the one that was read (OffsetForLeaderEpoch): until it does, nothing is taken from this partition after a start or a change of its " +
        "leader, and elsewhere a lost end is not noticed; the other partitions go on. Look at that broker's log, and whether this user may DESCRIBE the topic; another replica as leader ends it",
    );
  }
}

const TELL_AFTER_MS = 10_000;
/** Questions further apart than this are not about the same doubt. */
const ONE_SILENCE_MS = 30_000;
