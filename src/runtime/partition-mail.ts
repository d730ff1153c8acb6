import { missingOf, recipientTag } from "../core/delivered.js";
import type { Partition, PendingMail } from "../core/partition.js";
import { mergePending } from "../core/pending-mail.js";
import { isEarlyPart } from "../core/window.js";
import type { Clock } from "./clock.js";
import type { MailCertainty, MailJob, MailOwner, MailSize, Undeliverable } from "./mail-job.js";
import { ofLane } from "./only-to.js";
import type { Digest, MailContent, Metrics } from "./ports.js";

/** What a mail needs of its partition. */
export interface MailPartition {
  readonly owner: MailOwner;
  readonly core: Partition;
  readonly windowSizeMs: number;
  readonly maxListed: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  digest(mail: PendingMail): Digest;
  /** Under which leader a record was written; undefined: not known. */
  epochOf(offset: number): number | undefined;
  /** Some have it. */
  reached(mail: PendingMail, tags: readonly number[]): void;
  passed(mail: PendingMail): void;
  accepted(mail: PendingMail): void;
  /** To the dead letters; `written` before it is settled. */
  undeliverable(mail: PendingMail, why: Undeliverable, written: () => void): void;
}

/** A device's mail, as `Delivery` sees it. */
export class PartitionMail implements MailJob {
  readonly mail: PendingMail;
  /** As the core has it: what is for some only shares nothing with the others. */
  readonly deviceId: string;
  readonly onlyTo: readonly string[] | undefined;
  readonly windowEnd: number;
  readonly critical: boolean;
  readonly #partition: MailPartition;
  #composed: PendingMail;
  /** Somebody had it, or its way took so long that nobody has: when the first one has it is counted once. */
  #timed: boolean;

  constructor(mail: PendingMail, partition: MailPartition) {
    this.mail = mail;
    this.deviceId = mail.deviceId;
    this.onlyTo = ofLane(mail.deviceId).onlyTo;
    this.windowEnd = Math.max(...mail.windows.map(({ bucket }) => bucket.start)) + partition.windowSizeMs;
    this.critical = mail.critical;
    this.#partition = partition;
    this.#composed = mail;
    this.#timed = partition.core.mails.deliveredTo(mail).size > 0;
  }

  get owner(): MailOwner {
    return this.#partition.owner;
  }

  compose(more: readonly PendingMail[] = []): Digest {
    this.#composed = more.length === 0 ? this.mail : mergePending([this.mail, ...more]);
    return this.#partition.digest(this.#composed);
  }

  offsetRuns(): readonly (readonly [number, number])[] {
    return this.#partition.core.mails.offsetRuns(this.#composed);
  }

  epochOf(offset: number): number | undefined {
    return this.#partition.epochOf(offset);
  }

  size(): MailSize {
    const { entries, folded } = this.#partition.core.mails.contents(this.mail);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
    return { alerts: entries.length + (folded?.count ?? 0), bytes };
  }

  missing(recipients: readonly string[]): readonly string[] {
    return missingOf(recipients, this.#partition.core.mails.deliveredTo(this.mail));
  }

  reached(addresses: readonly string[]): void {
    this.#time();
    this.#partition.reached(this.mail, addresses.map(recipientTag));
  }

  passed(): void {
    this.#partition.passed(this.mail);
  }

  accepted(_: MailContent, counts = true, certainty: MailCertainty = "accepted"): void {
    if (counts) this.#partition.metrics.mailSettled(certainty);
    // When it came, if it did, is not known.
    if (certainty === "accepted") this.#time();
    this.#partition.accepted(this.mail);
  }

  undeliverable(_: MailContent, why: Undeliverable, acceptedBySome: boolean, counts = true): void {
    if (acceptedBySome) this.#time();
    this.#partition.undeliverable(this.mail, why, () => {
      if (counts) this.#partition.metrics.mailSettled(acceptedBySome ? "accepted" : "dead_lettered");
    });
  }

  /** When the first one has it. Not by what the mail listed: a fleet mail has few alerts of each device. */
  #time(): void {
    if (this.#timed) return;
    this.#timed = true;
    const { core, clock, metrics, windowSizeMs, maxListed } = this.#partition;
    const now = clock.now();
    const { part, entries } = core.mails.contents(this.mail);
    if (part === "early") metrics.urgentMailed();
    for (const window of this.mail.windows) {
      if (isEarlyPart(window)) continue;
      metrics.windowMailed(Math.max(0, now - window.bucket.start - windowSizeMs) / 1000);
    }
    for (const { eventTime } of entries.slice(0, maxListed)) metrics.alertMailed(Math.max(0, now - eventTime) / 1000);
  }
}
