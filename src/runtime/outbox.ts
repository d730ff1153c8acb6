import type { HoldId } from "../core/commit-frontier.js";
import type { Effect, Partition, PartitionOptions, PendingMail } from "../core/partition.js";
import type { Clock } from "./clock.js";
import type { CommitLedger } from "./commit-ledger.js";
import { composeDigest } from "./compose-digest.js";
import type { Delivery } from "./delivery.js";
import type { MailOwner, Undeliverable } from "./mail-job.js";
import { ofLane } from "./only-to.js";
import type { PartitionLetters } from "./partition-letters.js";
import { PartitionMail } from "./partition-mail.js";
import type { AlertCodec, Digest, Metrics } from "./ports.js";
import type { ReadLog } from "./read-log.js";

export interface OutboxDeps {
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
    // Another record has its first offset now, and with it the Message-ID that this mail would have.
    const idOffset = log.has(contents.idOffset) ? contents.idOffset : -1 - contents.idOffset;
    const repeats = mail.windows.filter(({ repeats }) => repeats).length;
    return composeDigest(
      { ...contents, idOffset },
      {
        topic,
        partition,
        ...ofLane(mail.deviceId),
        windowCount: mail.windows.length,
        repeats,
        mayRepeat: mail.windows.filter(({ isUntimed }) => isUntimed).length - repeats,
        isFollowUp: mail.isFollowUp,
        maxListed: options.maxListed,
        codec,
        beganOf: (type, offset) => core.mails.began(mail, type, offset),
        firingBeside: (types, areAll) => core.mails.firingBeside(mail, types, areAll),
      },
    );
  }

  /** Some have it. */
  reached({ id }: PendingMail, recipients: readonly number[]): void {
    const { core, ledger } = this.deps;
    core.step({ kind: "reached", id, recipients });
    ledger.accepted();
    this.#noteFact();
  }

  /** Somebody has it, and the others get it by and by: its device's next one goes, once a commit tells of this one. */
  passed({ id, deviceId }: PendingMail): void {
    const { core, clock } = this.deps;
    const effects = core.step({ kind: "passed", id, now: clock.now() });
    this.#goneFor(deviceId);
    this.#applyIfWanted(effects);
    this.#noteFact();
  }

  /** All have it. */
  accepted(mail: PendingMail): void {
    this.deps.ledger.accepted();
    this.#mailSettled(mail);
  }

  /** To the dead letters; `written` before it is settled. `untold`: nobody has it. */
  undeliverable(mail: PendingMail, why: Undeliverable, untold: boolean, written: () => void): void {
    const compose = () => ({
      kind: "window" as const,
      ...why,
      digest: this.digest(mail),
      offsetRuns: this.deps.core.mails.offsetRuns(mail),
      redrives: Math.max(...mail.windows.map((window) => window.redrives)),
    });
    this.deps.letters.submit(compose, 0, () => {
      written();
      this.#mailSettled(mail, untold);
    });
  }

  /** A mail, or a dead letter, needs nothing more. */
  settle(id: HoldId, untold = false): void {
    const { core, clock } = this.deps;
    this.#applyIfWanted(core.step({ kind: "settled", id, now: clock.now(), untold }));
    this.#noteFact();
  }

  #noteFact(): void {
    this.#settledCount++;
    this.deps.commitSoon();
  }

  #mailSettled(mail: PendingMail, untold = false): void {
    if (mail.windows[0]?.state !== "passed") this.#goneFor(mail.deviceId);
    this.settle(mail.id, untold);
  }

  /** Where windows are never merged, each keeps its own mail. */
  #goneFor(deviceId: string): void {
    if (Number.isFinite(this.deps.options.catchUpAfterMs)) this.deps.ledger.deviceSettled(deviceId);
  }

  #applyIfWanted(effects: readonly Effect[]): void {
    if (this.deps.owner.isWanted()) this.apply(effects);
  }
}
