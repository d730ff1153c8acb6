import type { EventTime } from "../core/time.js";
import { worthListing } from "./compose-digest.js";
import {
  type MailCertainty,
  type MailJob,
  type MailOwner,
  type MailSize,
  onlyOf,
  type Undeliverable,
} from "./mail-job.js";
import type { Digest, FleetDevice, FleetDigest, MailContent } from "./ports.js";
import { byWorst, summaryOf } from "./summary.js";

export interface FleetHow {
  readonly reason: FleetDigest["reason"];
  /** Alerts of each device that it may list. */
  readonly listed: number;
}

/**
 * Many mails to the same readers as one. What becomes of it becomes of each. A partition that is lost before it leaves takes its mails along; one that
 * is left alone is the mail it would have been.
 */
export class FleetJob implements MailJob {
  readonly deviceId: string;
  readonly windowEnd: number;
  readonly critical: boolean;
  readonly owner: MailOwner;
  readonly #jobs: readonly MailJob[];
  readonly how: FleetHow;
  readonly #onSettled: (outcome: MailCertainty | "dead_lettered") => void;
  /** Of whom it told last. */
  #composed: readonly MailJob[] = [];

  constructor(jobs: readonly MailJob[], how: FleetHow, onSettled: (outcome: MailCertainty | "dead_lettered") => void) {
    this.#jobs = jobs;
    this.how = how;
    this.#onSettled = onSettled;
    this.deviceId = jobs[0]?.deviceId ?? "";
    this.windowEnd = Math.max(...jobs.map(({ windowEnd }) => windowEnd));
    this.critical = jobs.some(({ critical }) => critical);
    this.owner = new FleetOwner(new Set(jobs.map(({ owner }) => owner)));
  }

  compose(): MailContent {
    const pieces = this.takePieces().map((job) => () => job.compose() as Digest);
    return fleetDigest(pieces, this.windowEnd, this.how);
  }

  pieces(): readonly MailJob[] {
    return this.#jobs.filter(({ owner }) => owner.isWanted());
  }

  takePieces(): readonly MailJob[] {
    this.#composed = this.pieces();
    return this.#composed;
  }

  size(): MailSize {
    const sizes = this.#jobs.map((job) => job.size());
    return { alerts: sum(sizes.map(({ alerts }) => alerts)), bytes: sum(sizes.map(({ bytes }) => bytes)) };
  }

  offsetRuns(): readonly (readonly [number, number])[] {
    return onlyOf(this.#composed)?.offsetRuns() ?? [];
  }

  epochOf(offset: number): number | undefined {
    return onlyOf(this.#composed)?.epochOf?.(offset);
  }

  /** The same of all, when they were put together. */
  missing(recipients: readonly string[]): readonly string[] {
    return this.#jobs.find(({ owner }) => owner.isWanted())?.missing(recipients) ?? recipients;
  }

  reached(addresses: readonly string[]): void {
    for (const job of this.#composed) job.reached(addresses);
  }

  /** It may wait from the start, and was not composed then. */
  passed(): void {
    for (const job of this.pieces()) job.passed();
  }

  whenPassed(go: () => void): void {
    for (const job of this.#jobs) job.whenPassed?.(go);
  }

  accepted(content: MailContent, _?: boolean, certainty: MailCertainty = "accepted"): void {
    this.#onSettled(certainty);
    for (const job of this.#composed) job.accepted(content, undefined, certainty);
  }

  undeliverable(content: MailContent, why: Undeliverable, acceptedBySome: boolean): void {
    this.#onSettled(acceptedBySome ? "accepted" : "dead_lettered");
    for (const job of this.#composed) job.undeliverable(content, why, acceptedBySome);
  }
}

/** Several devices' mails as one; one that is alone is the mail it would have been. */
export const fleetDigest = (
  pieces: readonly (() => Digest)[],
  windowEnd: number,
  { reason, listed }: FleetHow,
): MailContent => {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only();
  const devices = pieces.map((compose): FleetDevice => {
    const whole = compose();
    // Of a thousand devices with hundreds of alerts each, not all at once.
    return { digest: { ...whole, listed: worthListing(whole.listed, listed) }, summary: summaryOf(whole) };
  });
  return {
    topic: devices[0]?.digest.topic ?? "",
    windowStart: least(devices.map(({ digest }) => digest.windowStart)) as EventTime,
    windowEnd: windowEnd as EventTime,
    devices: devices.sort((a, b) => byWorst(a.summary, b.summary)),
    count: sum(devices.map(({ summary }) => summary.count)),
    reason,
  };
};

/** The partitions of a fleet mail together: it starts when each may start one, and counts as one of each. */
export class FleetOwner implements MailOwner {
  readonly #owners: ReadonlySet<MailOwner>;
  #started: readonly MailOwner[] = [];

  constructor(owners: ReadonlySet<MailOwner>) {
    this.#owners = owners;
  }

  isWanted(): boolean {
    return this.#wanted().length > 0;
  }

  mayStart(): boolean {
    return this.#wanted().every((owner) => owner.mayStart());
  }

  mayGoOn(): boolean {
    return this.#started.every((owner) => owner.mayGoOn());
  }

  attemptStarted(): void {
    this.#started = this.#wanted();
    for (const owner of this.#started) owner.attemptStarted();
  }

  attemptEnded(): void {
    for (const owner of this.#started) owner.attemptEnded();
  }

  onceCommitted(go: () => void): void {
    const wanted = this.#wanted();
    let missing = wanted.length;
    for (const owner of wanted)
      owner.onceCommitted(() => {
        if (--missing === 0) go();
      });
  }

  #wanted(): readonly MailOwner[] {
    return [...this.#owners].filter((owner) => owner.isWanted());
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const least = (numbers: readonly number[]): number =>
  numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
