import { missingOf, recipientTag } from "../core/delivered.js";
import type { PendingMail } from "../core/partition.js";
import { mergePending } from "../core/pending-mail.js";
import { isEarlyPart } from "../core/window.js";
import type { MailCertainty, MailJob, MailOwner, MailSize, Undeliverable } from "./mail-job.js";
import { ofLane } from "./only-to.js";
import type { Outbox } from "./outbox.js";
import type { Digest, MailContent } from "./ports.js";

/** A device's mail, as `Delivery` sees it. */
export class PartitionMail implements MailJob {
  readonly mail: PendingMail;
  readonly owner: MailOwner;
  /** As the core has it: what is for some only shares nothing with the others. */
  readonly deviceId: string;
  readonly onlyTo: readonly string[] | undefined;
  readonly windowEnd: number;
  readonly leavesWith: number | undefined;
  readonly critical: boolean;
  readonly #outbox: Outbox;
  #composed: PendingMail;
  /** Somebody had it, or its way took so long that nobody has: when the first one has it is counted once. */
  #timed: boolean;

  constructor(mail: PendingMail, outbox: Outbox) {
    this.mail = mail;
    this.owner = outbox.deps.owner;
    this.deviceId = mail.deviceId;
    this.onlyTo = ofLane(mail.deviceId).onlyTo;
    this.windowEnd = Math.max(...mail.windows.map(({ bucket }) => bucket.start)) + outbox.deps.options.windowSizeMs;
    // Those of several devices that were held leave at one moment, whenever each had its last alert.
    const { windowSizeMs } = outbox.deps.options;
    const wasHeld = mail.windows.every(({ isUntimed }) => isUntimed);
    this.leavesWith = wasHeld ? Math.floor(outbox.deps.clock.now() / windowSizeMs) * windowSizeMs : undefined;
    this.critical = mail.critical;
    this.#outbox = outbox;
    this.#composed = mail;
    this.#timed = outbox.deps.core.mails.deliveredTo(mail).size > 0;
  }

  compose(more: readonly PendingMail[] = []): Digest {
    this.#composed = more.length === 0 ? this.mail : mergePending([this.mail, ...more]);
    return this.#outbox.digest(this.#composed);
  }

  offsetRuns(): readonly (readonly [number, number])[] {
    return this.#outbox.deps.core.mails.offsetRuns(this.#composed);
  }

  epochOf(offset: number): number | undefined {
    return this.#outbox.deps.log.epochOf(offset);
  }

  size(): MailSize {
    const { entries, count } = this.#outbox.deps.core.mails.contents(this.mail);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
    return { alerts: count, bytes };
  }

  missing(recipients: readonly string[]): readonly string[] {
    return missingOf(recipients, this.#outbox.deps.core.mails.deliveredTo(this.mail));
  }

  reached(addresses: readonly string[]): void {
    this.#time();
    this.#outbox.reached(this.mail, addresses.map(recipientTag));
  }

  passed(): void {
    this.#outbox.passed(this.mail);
  }

  accepted(_: MailContent, counts = true, certainty: MailCertainty = "accepted"): void {
    if (counts) this.#outbox.deps.metrics.mailSettled(certainty);
    // When it came, if it did, is not known.
    if (certainty === "accepted") this.#time();
    this.#outbox.accepted(this.mail);
  }

  undeliverable(_: MailContent, why: Undeliverable, acceptedBySome: boolean, counts = true): void {
    if (acceptedBySome) this.#time();
    this.#outbox.undeliverable(this.mail, why, !acceptedBySome, () => {
      if (counts) this.#outbox.deps.metrics.mailSettled(acceptedBySome ? "accepted" : "dead_lettered");
    });
  }

  /** When the first one has it. Not by what the mail listed: a fleet mail has few alerts of each device. */
  #time(): void {
    if (this.#timed) return;
    this.#timed = true;
    const { core, clock, metrics, options } = this.#outbox.deps;
    const now = clock.now();
    const { part, entries } = core.mails.contents(this.mail);
    if (part === "early") metrics.urgentMailed();
    for (const window of this.mail.windows) {
      if (isEarlyPart(window) || window.isUntimed) continue;
      metrics.windowMailed(Math.max(0, now - window.bucket.start - options.windowSizeMs) / 1000);
    }
    for (const { eventTime, untimed } of entries.slice(0, options.maxListed))
      if (!untimed) metrics.alertMailed(Math.max(0, now - eventTime) / 1000);
  }
}
