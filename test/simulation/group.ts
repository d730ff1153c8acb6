import { assignSticky, type Claim } from "#src/core/sticky-assignment.js";
import type { VirtualClock } from "#test/support/virtual-clock.js";

export const SESSION_MS = 5_000;
const REBALANCE_MS = 4_000;
const CHECK_MS = 500;

/** What a member has to do with its group; everything reaches it over a network that may be cut. */
export interface GroupClient {
  readonly name: string;
  assigned(id: number, generation: number, partitions: readonly number[], alone: boolean): void;
  /** The group goes on without it, and it does not know yet. */
  expired(): void;
}

interface Member {
  readonly id: number;
  readonly client: GroupClient;
  claim: Claim;
  heardAt: number;
  rejoined: boolean;
}

/** The group's coordinator, as the classic protocol has it: members, a generation, a rebalance that waits for everyone, up to a time. */
export class Group {
  readonly #clock: VirtualClock;
  readonly #partitions: readonly number[];
  readonly #members = new Map<number, Member>();
  #generation = 0;
  #ids = 0;
  #round = 0;
  #preparing = false;
  /** The next assignment heeds no claim. */
  #claimsLost = false;

  constructor(clock: VirtualClock, partitions: number) {
    this.#clock = clock;
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partition);
    const check = (): void => {
      clock.after(CHECK_MS, check);
      const now = clock.elapsed();
      for (const member of this.#members.values())
        if (now - member.heardAt > SESSION_MS && !(this.#preparing && member.rejoined)) this.#expire(member);
    };
    check();
  }

  /** Waits for the assignment: `client.assigned`. */
  join(id: number | undefined, client: GroupClient, held: readonly number[], generation: number): void {
    const known = id === undefined ? undefined : this.#members.get(id);
    const memberId = known?.id ?? ++this.#ids;
    const claim = { memberId: String(memberId), instance: client.name, generation, partitions: held };
    const heardAt = this.#clock.elapsed();
    if (known === undefined) this.#members.set(memberId, { id: memberId, client, claim, heardAt, rejoined: true });
    else Object.assign(known, { claim, heardAt, rejoined: true });
    if (!this.#preparing) this.#prepare(memberId);
    this.#completeWhenAllAreHere();
  }

  heartbeat(id: number | undefined, generation: number): "ok" | "rebalancing" | "unknown" {
    const member = id === undefined ? undefined : this.#members.get(id);
    if (member === undefined) return "unknown";
    member.heardAt = this.#clock.elapsed();
    return this.#preparing || generation !== this.#generation ? "rebalancing" : "ok";
  }

  /** Commits of the old generation are taken until the new one begins; nobody asks whose partition it is. */
  mayCommit(id: number | undefined, generation: number): boolean {
    return id !== undefined && this.#members.has(id) && generation === this.#generation;
  }

  leave(id: number | undefined): void {
    if (id === undefined || !this.#members.delete(id)) return;
    if (this.#preparing) this.#completeWhenAllAreHere();
    else this.#prepare(undefined);
  }

  rebalance(claimsLost: boolean): void {
    this.#claimsLost ||= claimsLost;
    if (!this.#preparing) this.#prepare(undefined);
  }

  #expire(member: Member): void {
    this.#members.delete(member.id);
    member.client.expired();
    if (this.#preparing) this.#completeWhenAllAreHere();
    else this.#prepare(undefined);
  }

  #prepare(joiner: number | undefined): void {
    this.#preparing = true;
    const round = ++this.#round;
    for (const member of this.#members.values()) member.rejoined = member.id === joiner;
    this.#clock.after(REBALANCE_MS, () => {
      if (round !== this.#round || !this.#preparing) return;
      for (const member of [...this.#members.values()]) if (!member.rejoined) this.#expire(member);
    });
  }

  #completeWhenAllAreHere(): void {
    const members = [...this.#members.values()];
    if (!this.#preparing || members.some((member) => !member.rejoined)) return;
    this.#preparing = false;
    if (members.length === 0) return;
    this.#generation++;
    const shares = assignSticky(
      this.#claimsLost
        ? this.#partitions.map((partition) => (partition + this.#generation) % this.#partitions.length)
        : this.#partitions,
      members.map(({ claim }) => (this.#claimsLost ? { ...claim, partitions: [] } : claim)),
    );
    const lost = this.#claimsLost;
    this.#claimsLost = false;
    for (const [index, member] of members.entries()) {
      member.heardAt = this.#clock.elapsed();
      // Without claims everyone gets what someone else would have got.
      const from = lost ? members[(index + this.#generation) % members.length] : member;
      const partitions = shares.get(String((from as Member).id)) ?? [];
      member.client.assigned(member.id, this.#generation, partitions, members.length === 1);
    }
  }
}
