import { type FleetHow, FleetOwner, fleetDigest } from "./fleet-job.js";
import {
  type MailCertainty,
  type MailJob,
  type MailOwner,
  type MailSize,
  onlyOf,
  type Undeliverable,
} from "./mail-job.js";
import type { MailHistory } from "./mail-log.js";
import type { Addressing, Digest, MailContent } from "./ports.js";
import type { MailPart, SharedJob } from "./shared-job.js";
import type { Share } from "./waiting-state.js";

/** A mail of which somebody is still to get a share. */
export interface SharedMail {
  readonly job: MailJob;
  readonly shared: SharedJob;
  readonly size: MailSize;
  readonly history: MailHistory;
  /** See `Sending`. */
  readonly unreachableMsBefore: number;
}

export interface WaitingShare extends Share {
  readonly mail: SharedMail;
  readonly part: MailPart;
  readonly addressing: Addressing;
  attempts: number;
  /** One before it in its lane was through, perhaps in no confirmed commit: a replay must not put both into one mail. */
  follows: boolean;
}

/** Recipients, each with the shares that it gets as one mail: the shares of the same mails. */
export type Chains = readonly (readonly WaitingShare[])[];

/** One attempt at some recipients' shares. What became of it is told for each recipient. */
export class SharesMail implements MailJob {
  readonly owner: MailOwner;
  readonly deviceId: string;
  readonly windowEnd: number;
  readonly critical: boolean;
  readonly #chains: Chains;
  readonly #how: FleetHow;
  readonly #settle: (share: WaitingShare) => void;
  #composed: readonly MailJob[] = [];
  has: () => readonly string[] = () => [];

  /** `settle`: before a share is told that it is through. */
  constructor(chains: Chains, how: FleetHow, settle: (share: WaitingShare) => void) {
    this.#chains = chains;
    this.#how = how;
    this.#settle = settle;
    const parts = this.#parts();
    const owners = new Set(chains.flat().map(({ part }) => part.owner));
    const [owner] = owners as ReadonlySet<MailOwner>;
    this.owner = owners.size === 1 ? (owner as MailOwner) : new FleetOwner(owners);
    this.deviceId = parts[0]?.deviceId ?? "";
    this.windowEnd = Math.max(...parts.map(({ windowEnd }) => windowEnd));
    this.critical = parts.some(({ critical }) => critical);
  }

  get addresses(): readonly string[] {
    return this.#chains.flatMap(([share]) => share?.address ?? []);
  }

  chainOf(address: string): readonly WaitingShare[] {
    return this.#chains.find(([share]) => share?.address === address) ?? [];
  }

  compose(): MailContent {
    const shares = this.#chains[0] ?? [];
    const devices = new Map<string, MailJob[]>();
    for (const { mail } of shares) {
      for (const piece of mail.job.takePieces?.() ?? [mail.job]) {
        const lane = laneOf(piece);
        const some = devices.get(lane);
        if (some === undefined) devices.set(lane, [piece]);
        else some.push(piece);
      }
    }
    this.#composed = [...devices.values()].map(([first]) => first as MailJob);
    const again = shares.every(({ part }) => part.isAgain());
    const pieces = [...devices.values()].map(([first, ...more]) => (): Digest => {
      const digest = (first as MailJob).compose(more.flatMap(({ mail }) => mail ?? [])) as Digest;
      return again ? { ...digest, again: true } : digest;
    });
    return fleetDigest(pieces, this.windowEnd, this.#how);
  }

  size(): MailSize {
    return { alerts: 0, bytes: 0 };
  }

  offsetRuns(): readonly (readonly [number, number])[] {
    return onlyOf(this.#composed)?.offsetRuns() ?? [];
  }

  epochOf(offset: number): number | undefined {
    return onlyOf(this.#composed)?.epochOf?.(offset);
  }

  missing(): readonly string[] {
    return this.addresses;
  }

  reached(addresses: readonly string[]): void {
    for (const address of addresses) for (const { part } of this.chainOf(address)) part.reached([address]);
  }

  passed(): void {
    for (const { part } of this.#chains.flat()) part.passed();
  }

  /** By those who have it now. */
  accepted(content: MailContent, _?: boolean, certainty: MailCertainty = "accepted"): void {
    for (const address of this.has()) {
      for (const share of this.chainOf(address)) {
        this.#settle(share);
        share.part.accepted(content, undefined, certainty);
      }
    }
  }

  undeliverable(content: MailContent, why: Undeliverable): void {
    this.accepted(content);
    for (const failure of why.recipients) {
      for (const share of this.chainOf(failure.address)) {
        this.#settle(share);
        share.part.undeliverable(content, { ...why, recipients: [failure] }, false);
      }
    }
  }

  #parts(): readonly MailPart[] {
    return (this.#chains[0] ?? []).map(({ part }) => part);
  }
}

/** A device, as its partition knows it. */
export const laneOf = ({ owner, deviceId }: MailJob): string => `${numberOf(owner)} ${deviceId}`;

const numbers = new WeakMap<MailOwner, number>();
let last = 0;

const numberOf = (owner: MailOwner): number => {
  const number = numbers.get(owner) ?? ++last;
  numbers.set(owner, number);
  return number;
};
