import { SEVERITIES } from "../core/alert.js";
import type { EventTime } from "../core/time.js";
import type { MailJob, MailOwner, Undeliverable } from "./mail-job.js";
import type { Digest, FleetDevice, FleetDigest, MailContent } from "./ports.js";
import { summaryOf } from "./summary.js";

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
  readonly #how: { readonly reason: FleetDigest["reason"]; readonly listed: number };
  readonly #onSettled: (outcome: "accepted" | "dead_lettered") => void;
  #composed: readonly { readonly job: MailJob; readonly digest: Digest }[] = [];

  constructor(
    jobs: readonly MailJob[],
    how: { readonly reason: FleetDigest["reason"]; readonly listed: number },
    onSettled: (outcome: "accepted" | "dead_lettered") => void,
  ) {
    this.#jobs = jobs;
    this.#how = how;
    this.#onSettled = onSettled;
    this.deviceId = jobs[0]?.deviceId ?? "";
    this.windowEnd = Math.max(...jobs.map(({ windowEnd }) => windowEnd));
    this.critical = jobs.some(({ critical }) => critical);
    this.owner = new FleetOwner(new Set(jobs.map(({ owner }) => owner)));
  }

  compose(): MailContent {
    const wanted = this.#jobs.filter(({ owner }) => owner.isWanted());
    const [only] = wanted;
    if (only !== undefined && wanted.length === 1) {
      const digest = only.compose() as Digest;
      this.#composed = [{ job: only, digest }];
      return digest;
    }
    const devices: FleetDevice[] = [];
    this.#composed = wanted.map((job) => {
      const whole = job.compose() as Digest;
      // Of a thousand devices with hundreds of alerts each, not all at once.
      const digest = { ...whole, listed: whole.listed.slice(0, this.#how.listed) };
      devices.push({ digest, summary: summaryOf(whole) });
      return { job, digest };
    });
    return {
      topic: devices[0]?.digest.topic ?? "",
      windowStart: least(devices.map(({ digest }) => digest.windowStart)) as EventTime,
      windowEnd: this.windowEnd as EventTime,
      devices: devices.sort(byWorst),
      count: devices.reduce((sum, { summary }) => sum + summary.count, 0),
      reason: this.#how.reason,
    };
  }

  /** Of several partitions: offsets alone say nothing. */
  offsetRuns(): readonly (readonly [number, number])[] {
    const [only] = this.#composed;
    return only !== undefined && this.#composed.length === 1 ? only.job.offsetRuns() : [];
  }

  epochOf(offset: number): number | undefined {
    const [only] = this.#composed;
    return this.#composed.length === 1 ? only?.job.epochOf?.(offset) : undefined;
  }

  /** The same of all, when they were put together. */
  missing(recipients: readonly string[]): readonly string[] {
    return this.#jobs.find(({ owner }) => owner.isWanted())?.missing(recipients) ?? recipients;
  }

  reached(addresses: readonly string[]): void {
    for (const { job } of this.#composed) job.reached(addresses);
  }

  accepted(): void {
    this.#onSettled("accepted");
    for (const { job, digest } of this.#composed) job.accepted(digest);
  }

  undeliverable(_: MailContent, why: Undeliverable, acceptedBySome: boolean): void {
    this.#onSettled(acceptedBySome ? "accepted" : "dead_lettered");
    for (const { job, digest } of this.#composed) job.undeliverable(digest, why, acceptedBySome);
  }
}

/** The partitions of a fleet mail together: it starts when each may start one, and counts as one of each. */
class FleetOwner implements MailOwner {
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

  #wanted(): readonly MailOwner[] {
    return [...this.#owners].filter((owner) => owner.isWanted());
  }
}

/** The order of devices in a fleet mail: by severity and count, and of those that were as bad whose trouble goes on before whose is over. */
export const byWorst = (a: FleetDevice, b: FleetDevice): number =>
  SEVERITIES.indexOf(b.summary.worst) - SEVERITIES.indexOf(a.summary.worst) ||
  Number(b.summary.firing) - Number(a.summary.firing) ||
  SEVERITIES.indexOf(b.summary.severity) - SEVERITIES.indexOf(a.summary.severity) ||
  b.summary.bySeverity[b.summary.worst] - a.summary.bySeverity[a.summary.worst] ||
  b.summary.count - a.summary.count;

const least = (numbers: readonly number[]): number =>
  numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
