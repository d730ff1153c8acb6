import { Lease } from "#src/runtime/lease.js";
import { type Group, type GroupClient, SESSION_MS } from "./group.js";
import type { ProcessClock } from "./process-clock.js";

const HEARTBEAT_MS = 700;
const JOIN_AGAIN_MS = 6_000;

/** A request to the coordinator and its answer; undefined when one of both was lost. In the order in which they were sent. */
export type Ask = <T>(act: () => T, hear: (answer: T | undefined) => void) => void;

export interface MembershipListener {
  joining(): void;
  joined(generation: number, partitions: readonly number[], how: { sameMember: boolean; alone: boolean }): void;
  left(): void;
  held(): readonly number[];
  expired(): void;
}

/** A member's side of the group: heartbeats, joins, the lease. As the real client does it, some members forget less than others. */
export class Membership implements GroupClient {
  readonly name: string;
  readonly #group: Group;
  readonly #clock: ProcessClock;
  readonly #ask: Ask;
  readonly #listener: MembershipListener;
  readonly #deliver: (action: () => void) => void;
  readonly #restarts: () => boolean;
  #id: number | undefined;
  #generation = -1;
  #state: "out" | "joining" | "member" = "out";
  readonly #lease: Lease;
  readonly #lateLease: boolean;
  #atBeat: (() => void) | undefined;
  #joinedAt = 0;

  /**
   * `deliver`: over the network, from the coordinator. `restarts`: whether the client starts anew when it learns that it is no member. `lateLease`: a
   * defect, see `Sabotage`.
   */
  constructor(deps: {
    name: string;
    group: Group;
    clock: ProcessClock;
    ask: Ask;
    deliver: (action: () => void) => void;
    restarts: () => boolean;
    lateLease: boolean;
    listener: MembershipListener;
  }) {
    this.name = deps.name;
    this.#group = deps.group;
    this.#clock = deps.clock;
    this.#lease = new Lease(deps.clock, SESSION_MS / 2);
    this.#ask = deps.ask;
    this.#deliver = deps.deliver;
    this.#restarts = deps.restarts;
    this.#lateLease = deps.lateLease;
    this.#listener = deps.listener;
  }

  start(): void {
    this.#join();
    this.#beat();
  }

  get hasLease(): boolean {
    return this.#state === "member" && this.#lease.isHeld;
  }

  get isMember(): boolean {
    return this.#state === "member";
  }

  get isOut(): boolean {
    return this.#state === "out";
  }

  /** As the coordinator sees it. */
  get isCurrent(): boolean {
    return this.#group.mayCommit(this.#id, this.#generation);
  }

  /** When the next heartbeat is under way. */
  atBeat(action: () => void): void {
    this.#atBeat = action;
  }

  /** The fence of a commit: the membership as it was when it was sent. */
  fence(): () => boolean {
    const [id, generation] = [this.#id, this.#generation];
    return () => this.#group.mayCommit(id, generation);
  }

  leave(): void {
    const id = this.#id;
    this.#state = "out";
    this.#ask(
      () => this.#group.leave(id),
      () => undefined,
    );
  }

  assigned(id: number, generation: number, partitions: readonly number[], alone: boolean): void {
    const assignedAt = this.#clock.now();
    this.#deliver(() => {
      if (this.#state !== "joining" || generation <= this.#generation) return;
      const sameMember = id === this.#id;
      this.#id = id;
      this.#generation = generation;
      this.#state = "member";
      this.#lease.confirmed(assignedAt);
      this.#listener.joined(generation, partitions, { sameMember, alone });
    });
  }

  expired(): void {
    this.#listener.expired();
  }

  #join(): void {
    this.#state = "joining";
    this.#joinedAt = this.#clock.elapsed();
    const held = this.#listener.held();
    const [id, generation] = [this.#id, this.#generation];
    this.#ask(
      () => this.#group.join(id, this, held, generation),
      () => undefined,
    );
  }

  #beat(): void {
    this.#clock.after(HEARTBEAT_MS, () => {
      this.#beat();
      if (this.#state === "joining" && this.#clock.elapsed() - this.#joinedAt > JOIN_AGAIN_MS) this.#join();
      if (this.#state !== "member") return;
      const [id, generation] = [this.#id, this.#generation];
      const sentAt = this.#clock.now();
      this.#ask(
        () => this.#group.heartbeat(id, generation),
        (answer) => {
          if (this.#state !== "member" || generation !== this.#generation || answer === undefined) return;
          if (answer === "ok") {
            this.#lease.confirmed(this.#lateLease ? this.#clock.now() : sentAt);
            return;
          }
          if (answer === "unknown") this.#id = undefined;
          this.#listener.joining();
          if (answer === "unknown" && this.#restarts()) this.#listener.left();
          this.#join();
        },
      );
      this.#atBeat?.();
      this.#atBeat = undefined;
    });
  }
}
