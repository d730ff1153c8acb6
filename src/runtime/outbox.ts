import type { HoldId } from "../core/commit-frontier.js";
import { missingOf, recipientTag } from "../core/delivered.js";
import type { ReadLog } from "../core/log-history.js";
import { partOf } from "../core/mail-contents.js";
import type { Effect, Partition, PartitionOptions, PendingMail } from "../core/partition.js";
import { mergePending } from "../core/pending-mail.js";
import { isEarlyPart } from "../core/window.js";
import type { Clock } from "./clock.js";
import type { CommitLedger } from "./commit-ledger.js";
import { composeDigest } from "./compose-digest.js";
import type { Delivery } from "./delivery.js";
import type { MailCertainty, MailJob, MailOwner, MailSize, Undeliverable } from "./mail-job.js";
import { ofLane } from "./only-to.js";
import type { PartitionLetters } from "./partition-letters.js";
import type { AlertCodec, Digest, MailContent, Metrics } from "./ports.js";

interface OutboxDeps {
  readonly topic: string;
  readonly partition: number;
  readonly owner: MailOwner;
  readonly core: Partition;
  readonly options: PartitionOptions;
  readonly log: ReadLog;
  readonly ledger: CommitLedger;
  readonly letters: PartitionLetters;
  readonly delivery: Delivery;
  readonly codec: AlertCodec;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Something was settled, or half delivered, or waits for a commit. */
  readonly commitSoon: () => void;
}

/** A partition's mails: out of the core to delivery, at once or once a commit is confirmed; and what becomes of them, back into the core. */
export class Outbox {
  readonly deps: OutboxDeps;
  #settledCount = 0;

  constructor(deps: OutboxDeps) {
    this.deps = deps;
  }

  /** How many things were settled, or half delivered. */
  get settledCount(): number {
    return this.#settledCount;
  }

  apply(effects: readonly Effect[]): void {
    for (const effect of effects) this.deps.delivery.slices.take(() => this.#apply(effect));
  }

  /** May come later than the effect: the partition may be someone else's by then. */
  #apply(effect: Effect): void {
    const { clock, metrics, owner, ledger } = this.deps;
    if (effect.kind === "closed") {
      if (effect.untimed) return;
      const reason = effect.byWallClock ? "wall_clock" : "stream_time";
      metrics.windowClosed(reason, Math.max(0, clock.now() - effect.windowEnd) / 1000, effect.alerts);
    } else if (effect.kind === "mail" && owner.isWanted()) {
      if (ledger.mustWait(effect.mail)) this.deps.commitSoon();
      else this.submit(effect.mail);
    }
  }

  submit(mail: PendingMail): void {
    this.deps.delivery.submit(new PartitionMail(mail, this));
  }

  digest(mail: PendingMail): Digest {
    const { core, log, topic, partition, options, codec } = this.deps;
    const contents = core.mails.contents(mail);
    const { deviceId, onlyTo } = ofLane(mail.deviceId);
    const repeats = mail.windows.filter(({ repeats }) => repeats).length;
    return composeDigest(contents, {
      topic,
      partition,
      deviceId,
      onlyTo,
      // Another record has its first offset now, and with it the Message-ID that this mail would have.
      idOffset: log.has(contents.idOffset) ? contents.idOffset : -1 - contents.idOffset,
      windowCount: mail.windows.length,
      repeats,
      mayRepeat: mail.windows.filter(({ isUntimed }) => isUntimed).length - repeats,
      isFollowUp: mail.isFollowUp,
      maxListed: options.maxListed,
      codec,
      beganOf: (type, offset) => core.mails.began(mail, type, offset),
      firingBeside: (types, areAll) => core.mails.firingBeside(mail, types, areAll),
    });
  }

  /** A mail, or a dead letter, needs nothing more. */
  settle(id: HoldId, untold = false): void {
    const { core, clock } = this.deps;
    this.apply(core.step({ kind: "settled", id, now: clock.now(), untold }));
    this.noteFact();
  }

  /** Something was settled, or some have a mail by now. */
  noteFact(): void {
    this.#settledCount++;
    this.deps.commitSoon();
  }
}

/** A device's mail, as `Delivery` sees it. */
class PartitionMail implements MailJob {
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
    const { core, ledger } = this.#outbox.deps;
    core.step({ kind: "reached", id: this.mail.id, recipients: addresses.map(recipientTag) });
    ledger.accepted();
    this.#outbox.noteFact();
  }

  /** Somebody has it, and the others get it by and by: its device's next one goes, once a commit tells of this one. */
  passed(): void {
    const { core, clock, ledger } = this.#outbox.deps;
    const effects = core.step({ kind: "passed", id: this.mail.id, now: clock.now() });
    ledger.deviceSettled(this.deviceId);
    this.#outbox.apply(effects);
    this.#outbox.noteFact();
  }

  accepted(_: MailContent, counts = true, certainty: MailCertainty = "accepted"): void {
    const { metrics, ledger } = this.#outbox.deps;
    if (counts) metrics.mailSettled(certainty);
    // When it came, if it did, is not known.
    if (certainty === "accepted") this.#time();
    ledger.accepted();
    this.#settle();
  }

  /** To the dead letters; settled once it is written there. */
  undeliverable(_: MailContent, why: Undeliverable, acceptedBySome: boolean, counts = true): void {
    if (acceptedBySome) this.#time();
    const { core, letters, metrics } = this.#outbox.deps;
    const compose = () => ({
      kind: "window" as const,
      ...why,
      digest: this.#outbox.digest(this.mail),
      offsetRuns: core.mails.offsetRuns(this.mail),
      redrives: Math.max(...this.mail.windows.map((window) => window.redrives)),
    });
    letters.submit(compose, 0, () => {
      if (counts) metrics.mailSettled(acceptedBySome ? "accepted" : "dead_lettered");
      this.#settle(!acceptedBySome);
    });
  }

  /** It needs nothing more. `untold`: nobody has it. */
  #settle(untold = false): void {
    if (this.mail.windows[0]?.state !== "passed") this.#outbox.deps.ledger.deviceSettled(this.deviceId);
    this.#outbox.settle(this.mail.id, untold);
  }

  /** When the first one has it. Not by what the mail listed: a fleet mail has few alerts of each device. */
  #time(): void {
    if (this.#timed) return;
    this.#timed = true;
    const { core, clock, metrics, options } = this.#outbox.deps;
    const now = clock.now();
    if (partOf(this.mail).part === "early") metrics.urgentMailed();
    for (const window of this.mail.windows) {
      if (isEarlyPart(window) || window.isUntimed) continue;
      metrics.windowMailed(Math.max(0, now - window.bucket.start - options.windowSizeMs) / 1000);
    }
    for (const time of core.mails.times(this.mail, options.maxListed))
      metrics.alertMailed(Math.max(0, now - time) / 1000);
  }
}
