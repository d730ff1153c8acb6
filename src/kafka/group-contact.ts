import type { WallTime } from "../core/time.js";
import type { Clock } from "../runtime/clock.js";
import { Lease } from "../runtime/lease.js";
import type { Logger } from "../runtime/log.js";

/**
 * Whether the group can still count this instance in: it has answered a heartbeat, or a join, that was sent within the session. After a session of
 * silence the group gives the partitions to others, and tells nobody who cannot be reached.
 */
export class GroupContact {
  readonly #lease: Lease;
  readonly #sessionMs: number;
  readonly #log: Logger;
  #toldOut = false;

  constructor(clock: Pick<Clock, "now" | "elapsed">, sessionMs: number, log: Logger) {
    this.#lease = new Lease(clock, sessionMs);
    this.#sessionMs = sessionMs;
    this.#log = log;
  }

  /** `sentAt`: of the request that the group acknowledged, by the wall clock. */
  confirmed(sentAt: number): void {
    this.#lease.confirmed(sentAt);
    this.look();
  }

  /** When the last request was sent that the group acknowledged; undefined before the first. */
  get lastAt(): WallTime | undefined {
    return this.#lease.confirmedAt;
  }

  /** Why the group no longer counts this instance in, as a sentence. Undefined: it may, or it never did. */
  get lost(): string | undefined {
    if (this.#lease.isHeld || this.lastAt === undefined) return undefined;
    return (
      `out of the consumer group: for ${seconds(this.#lease.ageMs)} it has acknowledged no heartbeat of this instance, and a session lasts ` +
      `${seconds(this.#sessionMs)}; other instances may read its partitions now`
    );
  }

  /** A line when it begins, a line when it ends. Call it every second or so. */
  look(): void {
    const reason = this.lost;
    if ((reason !== undefined) === this.#toldOut) return;
    this.#toldOut = reason !== undefined;
    if (reason === undefined) this.#log.info({}, "the consumer group acknowledges heartbeats again");
    else
      this.#log.warn({ reason, lastHeartbeat: new Date(this.lastAt ?? 0).toISOString() }, "out of the consumer group");
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
