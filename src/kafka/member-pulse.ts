import type { PartitionAssigner } from "kafkajs";
import type { WallTime } from "../core/time.js";
import type { Clock } from "../runtime/clock.js";
import { FaultLimiter } from "../runtime/fault-limiter.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";
import { fetchedMemory, LastAnswers } from "./fetched-memory.js";
import { GroupContact } from "./group-contact.js";
import { OwnHeartbeats } from "./own-heartbeats.js";
import { ReadAhead } from "./read-ahead.js";
import { ThrottleMeter } from "./throttle-meter.js";
import { ThrottledFetch } from "./throttled-fetch.js";

/** Keeps the membership alive while a fetch waits, and knows when it is not: heartbeats of our own, what the group acknowledged, what quotas hold back. */
export class MemberPulse {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #metrics: Pick<Metrics, "throttled">;
  readonly #heartbeatMs: number;
  readonly #contact: GroupContact;
  readonly #heartbeats = new OwnHeartbeats();
  readonly #fetches: ThrottledFetch;
  readonly #meter = new ThrottleMeter();
  readonly #answers = new LastAnswers();
  /** What one answer was unpacked to, the next will be: that is not to fill the memory of the others. */
  readonly #ahead = new ReadAhead(() => fetchedMemory.bytes <= fetchedMemory.maxBytes / 8);
  readonly #limiter = new FaultLimiter(60_000);
  #cancel: () => void = () => undefined;

  constructor(deps: {
    clock: Clock;
    log: Logger;
    metrics: Pick<Metrics, "throttled">;
    sessionMs: number;
    /** How often KafkaJS beats when nothing keeps it from it. */
    heartbeatMs: number;
  }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#metrics = deps.metrics;
    this.#heartbeatMs = deps.heartbeatMs;
    this.#contact = new GroupContact(deps.clock, deps.sessionMs, deps.log);
    this.#fetches = new ThrottledFetch({
      clock: deps.clock,
      onThrottled: (ms) => this.#throttled(ms),
      onAnswer: (nodeId, answer) => this.#answers.came(nodeId, answer),
      ahead: this.#ahead,
    });
  }

  /** KafkaJS shows its view of the cluster to assigners only. */
  seenBy(assigners: readonly PartitionAssigner[]): PartitionAssigner[] {
    return assigners.map((create, index) => (config) => {
      if (index === 0) {
        this.#fetches.watch(config.cluster);
        this.#heartbeats.watch(config.cluster);
      }
      return create(config);
    });
  }

  /** `mayBeat`: a member, of whose client nothing is to complain. */
  start(mayBeat: () => boolean): void {
    this.#cancel = this.#clock.after(this.#heartbeatMs / 5, () => {
      this.start(mayBeat);
      this.#contact.look();
      // KafkaJS first, whose own heartbeats also notice a rebalance.
      if (mayBeat()) void this.#heartbeats.beat(this.#heartbeatMs * 1.2);
    });
  }

  close(): void {
    this.#cancel();
  }

  /** The broker is asked for more: KafkaJS is through with what it gave before. */
  fetching(nodeId: string): void {
    this.#answers.done(nodeId);
    this.#ahead.round(nodeId);
  }

  /** Some partitions are not to be read just now. */
  paused(): void {
    this.#ahead.forget();
  }

  /** The membership is over, and with it what was fetched. */
  left(): void {
    this.#answers.forget();
    this.#ahead.forget();
  }

  /** The group acknowledged a request that was sent at `sentAt`, by the wall clock. */
  acknowledged(sentAt: number): void {
    this.#contact.confirmed(sentAt);
  }

  /** Why the group no longer counts this instance in, as a sentence. */
  get outOfGroup(): string | undefined {
    return this.#contact.lost;
  }

  get lastHeartbeatAtMs(): WallTime | undefined {
    return this.#contact.lastAt;
  }

  /** Of the last minute. */
  get throttledSeconds(): number {
    return this.#meter.seconds(this.#clock.now());
  }

  /** Whether the fetch that just ended never left, because of a quota. */
  wasHeldBack(nodeId: string): boolean {
    return this.#fetches.wasHeldBack(nodeId);
  }

  #throttled(ms: number): void {
    const now = this.#clock.now();
    this.#metrics.throttled(ms / 1000);
    this.#meter.told(now, ms);
    const told = this.#limiter.admit("throttled", now);
    if (told === undefined) return;
    this.#log.warn(
      { waitSeconds: ms / 1000, ...told },
      "a quota of the brokers makes this consumer wait: it must allow the largest batch in ten seconds",
    );
  }
}
