import type { Clock } from "../runtime/clock.js";
import type { SharingState } from "../runtime/ports.js";
import { instanceStatus, type StatusSource } from "./status.js";
import type { GroupStatus, InstanceStatus, ShownInstance } from "./status-shape.js";

export interface GroupNames {
  readonly group: string;
  readonly topic: string;
}

/** An instance that says nothing for so long is no longer shown. */
const FORGET_AFTER_MS = 60_000;
/** Who can write to the topic can invent instances: not without end. */
const PEERS_MAX = 500;
/** Of what all of them told; beyond it the largest is not kept. One that is real tells some 64 KB, a few of them with thousands of partitions more. */
const CHARACTERS_MAX = 8 * 1024 * 1024;
const PARTITIONS_MAX = 10_000;

/** Undefined: not a status of this group. */
type Decode = (value: string) => InstanceStatus | undefined;

interface Heard {
  readonly value: string;
  readonly atMs: number;
  /** Checked only when somebody looks. Null: not a status of this group. */
  status: InstanceStatus | null | undefined;
}

/** The other instances of the group, as they told of themselves. */
export class Peers {
  readonly #decode: Decode;
  readonly #self: string;
  readonly #clock: Pick<Clock, "elapsed">;
  /** Heard longest ago first. */
  readonly #heard = new Map<string, Heard>();
  #characters = 0;

  constructor(decode: Decode, self: string, clock: Pick<Clock, "elapsed">) {
    this.#decode = decode;
    this.#self = self;
    this.#clock = clock;
  }

  get count(): number {
    return this.#heard.size;
  }

  /** `value` null: it stopped. */
  hear(instanceId: string, value: string | null): void {
    this.#forget(instanceId);
    if (value !== null && instanceId !== this.#self) {
      this.#heard.set(instanceId, { value, atMs: this.#clock.elapsed(), status: undefined });
      this.#characters += value.length;
    }
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > PEERS_MAX && oldest !== undefined) this.#forget(oldest);
    while (this.#characters > CHARACTERS_MAX) this.#forget(this.#largest());
  }

  /** By `instanceId`; of a topic with so many partitions, 0 where that is not known. */
  list(partitionCount = 0): InstanceStatus[] {
    const now = this.#clock.elapsed();
    const peers: InstanceStatus[] = [];
    for (const [instanceId, heard] of [...this.#heard]) {
      const ageMs = now - heard.atMs;
      if (ageMs > FORGET_AFTER_MS) {
        this.#forget(instanceId);
        continue;
      }
      if (heard.status === undefined) heard.status = this.#check(instanceId, heard.value);
      if (heard.status !== null) peers.push({ ...heard.status, ageSeconds: ageMs / 1000 });
    }
    return possible(peers, partitionCount).sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
  }

  #forget(instanceId: string): void {
    this.#characters -= this.#heard.get(instanceId)?.value.length ?? 0;
    this.#heard.delete(instanceId);
  }

  #largest(): string {
    let [largest, length] = ["", -1];
    for (const [instanceId, { value }] of this.#heard)
      if (value.length > length) [largest, length] = [instanceId, value.length];
    return largest;
  }

  #check(instanceId: string, value: string): InstanceStatus | null {
    const status = this.#decode(value);
    return status?.instanceId === instanceId ? status : null;
  }
}

/** Each with the partitions that there are, each once; those with the fewest first, until there are too many together. */
const possible = (peers: readonly InstanceStatus[], partitionCount: number): InstanceStatus[] => {
  const most = partitionCount === 0 ? PARTITIONS_MAX : partitionCount;
  let room = PARTITIONS_MAX;
  return peers
    .map((peer) => {
      const seen = new Set<number>();
      const partitions = peer.partitions.filter(({ partition }) => {
        if (!Number.isInteger(partition) || partition < 0 || partition >= most || seen.has(partition)) return false;
        return seen.add(partition);
      });
      return { ...peer, partitions };
    })
    .sort((a, b) => a.partitions.length - b.partitions.length)
    .map((peer) => {
      room -= peer.partitions.length;
      return room < 0 ? { ...peer, partitions: [] } : peer;
    });
};

export interface GroupSource extends StatusSource {
  readonly names: GroupNames;
  readonly peers: Pick<Peers, "list">;
  readonly sharing: () => SharingState;
  /** `instanceId` of each member of the group. Undefined: not known. */
  readonly members: () => ReadonlySet<string> | undefined;
  readonly window: { readonly sizeMs: number; readonly graceMs: number };
}

export const groupStatus = (source: GroupSource): GroupStatus => {
  const self = instanceStatus(source);
  const partitionCount = source.state()?.partitionCount ?? 0;
  const members = source.members();
  const shown = (instance: InstanceStatus): ShownInstance => ({
    ...instance,
    isMember: members?.has(instance.instanceId) ?? null,
  });
  return {
    time: self.time,
    ...source.names,
    partitionCount,
    sharing: source.sharing(),
    self: self.instanceId,
    windowSeconds: source.window.sizeMs / 1000,
    graceSeconds: source.window.graceMs / 1000,
    instances: [self, ...source.peers.list(partitionCount)].map(shown),
  };
};
