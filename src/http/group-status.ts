import type { Clock } from "../runtime/clock.js";
import type { SharingState } from "../runtime/ports.js";
import { instanceStatus, type StatusSource } from "./status.js";
import type { GroupStatus, InstanceStatus } from "./status-shape.js";

export interface GroupNames {
  readonly group: string;
  readonly topic: string;
}

/** An instance that says nothing for so long is no longer shown. */
const FORGET_AFTER_MS = 60_000;
/** Who can write to the topic can invent instances: not without end. */
const PEERS_MAX = 500;

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

  constructor(decode: Decode, self: string, clock: Pick<Clock, "elapsed">) {
    this.#decode = decode;
    this.#self = self;
    this.#clock = clock;
  }

  /** `value` null: it stopped. */
  hear(instanceId: string, value: string | null): void {
    this.#heard.delete(instanceId);
    if (value !== null && instanceId !== this.#self)
      this.#heard.set(instanceId, { value, atMs: this.#clock.elapsed(), status: undefined });
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > PEERS_MAX && oldest !== undefined) this.#heard.delete(oldest);
  }

  /** By `instanceId`. */
  list(): InstanceStatus[] {
    const now = this.#clock.elapsed();
    const peers: InstanceStatus[] = [];
    for (const [instanceId, heard] of [...this.#heard]) {
      const ageMs = now - heard.atMs;
      if (ageMs > FORGET_AFTER_MS) {
        this.#heard.delete(instanceId);
        continue;
      }
      if (heard.status === undefined) heard.status = this.#check(instanceId, heard.value);
      if (heard.status !== null) peers.push({ ...heard.status, ageSeconds: ageMs / 1000 });
    }
    return peers.sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
  }

  #check(instanceId: string, value: string): InstanceStatus | null {
    const status = this.#decode(value);
    return status?.instanceId === instanceId ? status : null;
  }
}

export interface GroupSource extends StatusSource {
  readonly names: GroupNames;
  readonly peers: Pick<Peers, "list">;
  readonly sharing: () => SharingState;
  readonly window: { readonly sizeMs: number; readonly graceMs: number };
}

export const groupStatus = (source: GroupSource): GroupStatus => {
  const self = instanceStatus(source);
  return {
    time: self.time,
    ...source.names,
    partitionCount: source.state()?.partitionCount ?? 0,
    sharing: source.sharing(),
    self: self.instanceId,
    windowSeconds: source.window.sizeMs / 1000,
    graceSeconds: source.window.graceMs / 1000,
    instances: [self, ...source.peers.list()],
  };
};
