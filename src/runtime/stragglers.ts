import type { Clock } from "./clock.js";
import { ambiguousPauseMs, isAmbiguous, pauseMs } from "./conclusion.js";
import type { DeliveryOptions } from "./delivery-deps.js";
import { FleetJob } from "./fleet-job.js";
import { KeptMails } from "./kept-mails.js";
import { type MailOwner, piecesOf } from "./mail-job.js";
import type { MailLog } from "./mail-log.js";
import type { ServerMemory } from "./mail-server.js";
import type { RecipientFailure, SmtpFailure } from "./ports.js";
import { isOfRecipient, Sending } from "./sending.js";
import { SharedJob } from "./shared-job.js";
import { type Pause, type WaitingRecipient, WaitingRecipients } from "./waiting-recipients.js";
import { type Chains, laneOf, type SharedMail, SharesMail, type WaitingShare } from "./waiting-share.js";
import type { Moment } from "./waiting-state.js";

export interface StragglersDeps {
  readonly clock: Clock;
  readonly log: MailLog;
  readonly random: () => number;
  readonly options: DeliveryOptions;
  readonly memory: ServerMemory;
  /** Milliseconds in which the server was unreachable so far. */
  readonly unreachableMs: () => number;
  readonly start: (sending: Sending) => void;
  /** Some never get it, and nothing was tried. */
  readonly giveUp: (sending: Sending) => void;
}

/** Does what `WaitingRecipients` says: shares of mails that wait for one recipient alone, and hold up nobody else. */
export class Stragglers {
  readonly #deps: StragglersDeps;
  readonly #waiting: WaitingRecipients<WaitingShare>;
  /** Mails with their shares that are not through. */
  readonly #mails = new Map<SharedMail, Set<WaitingShare>>();
  readonly #mailOf = new WeakMap<Sending, SharedMail>();
  /** Mails that others have by now: whether they can be kept is to be looked at. */
  readonly #unseen = new Set<SharedMail>();
  /** Those that are kept for who waits. */
  readonly #kept: KeptMails<SharedMail>;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #stopped = false;

  constructor(deps: StragglersDeps) {
    this.#deps = deps;
    const { retryBudgetMs, catchUpAfterMs = Number.POSITIVE_INFINITY } = deps.options;
    const { waitingMaxAlerts: alerts = Number.POSITIVE_INFINITY, waitingMaxBytes: bytes = Number.POSITIVE_INFINITY } =
      deps.options;
    this.#kept = new KeptMails({ alerts, bytes });
    this.#waiting = new WaitingRecipients({ budgetMs: retryBudgetMs, catchUpAfterMs });
  }

  /** Before the first attempt: who is waited for gets a share of its own. Whoever has it from a previous owner is not to wait for the others either. */
  split(sending: Sending): void {
    if (sending.isShare || sending.begun || sending.next() === undefined) return;
    if (!sending.someHaveIt && this.#waiting.isIdle) return;
    const lanes = piecesOf(sending.job).map(laneOf);
    const late = sending.someHaveIt
      ? sending.pending
      : sending.pending.filter((address) => this.#waiting.mustWait(address, lanes));
    if (late.length > 0) this.#leave(sending, late, lanes);
  }

  /** Shares of it wait, or did. */
  has(sending: Sending): boolean {
    return this.#mailOf.has(sending);
  }

  /** Of whom the server spoke just now. For one that is waited for no more, a deferral is the end. */
  noteAnswer(sending: Sending, took: readonly string[], refused: readonly RecipientFailure[]): void {
    if (this.#waiting.isIdle) return;
    for (const address of took) {
      const deferring = this.#waiting.took(address);
      if (deferring !== undefined) this.#deps.log.recipientTakesAgain(address, deferring.since);
    }
    for (const { address } of refused) this.#waiting.spokeOf(address);
    if (sending.isShare) return;
    const failures = sending.pending.flatMap((address): RecipientFailure[] => {
      const said = sending.deferred.get(address);
      return said !== undefined && isOfRecipient(said) && this.#waiting.isExhausted(address)
        ? [{ ...said, address }]
        : [];
    });
    if (failures.length > 0) sending.fail(failures);
  }

  /** Who is still to get it is waited for alone. Gives how long until the first of them is tried again. */
  leaveBehind(sending: Sending, startedAt: number): number {
    const { job, pending } = sending;
    const { deferred } = sending;
    // A part of a fleet mail has no pieces of its own: its lanes are those of the whole mail.
    const whole = this.#mailOf.get(sending)?.job ?? job;
    const chains =
      job instanceof SharesMail
        ? pending.map((address) => job.chainOf(address))
        : this.#leave(sending, pending, piecesOf(whole).map(laneOf)).map((share) => [share]);
    const now = this.#now();
    const pause = this.#pause();
    let retryAt = Number.POSITIVE_INFINITY;
    for (const chain of chains) {
      const [head] = chain;
      const failure = head === undefined ? undefined : deferred.get(head.address);
      if (head === undefined || failure === undefined) continue;
      const { address } = head;
      head.attempts = sending.attempts;
      const ofRecipient = isOfRecipient(failure);
      const ambiguous = isAmbiguous(failure);
      const times = sending.history.ambiguities.timesOf(address);
      const lost = () => ambiguousPauseMs(times, this.#deps.options.retryMaxMs);
      const how = { failure, ofRecipient, ambiguous, startedAt };
      const what = this.#waiting.deferred(chain, how, now, ambiguous ? lost : pause);
      if (what === "begins") this.#deps.log.recipientWaits(address, failure);
      if (what !== "spent") retryAt = Math.min(retryAt, this.#waiting.nextTryOf(head));
      else if (job instanceof SharesMail) sending.fail([{ ...failure, address }]);
      else this.#giveUp([chain], failure);
      if (what === "spent" && ofRecipient) this.#deps.log.recipientGivenUp(address, failure);
    }
    return Number.isFinite(retryAt) ? Math.max(0, retryAt - now.elapsed) : 0;
  }

  /** Starts what is due, and looks again when the next one is. */
  pump(): void {
    if (this.#stopped) return;
    this.#keep();
    for (const chains of this.#waiting.due(this.#now())) this.#start(chains);
    const at = this.#waiting.nextDueAt;
    if (at === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === undefined) return;
    const cancel = this.#deps.clock.after(Math.max(1, at - this.#deps.clock.elapsed()), () => {
      this.#timer = undefined;
      this.pump();
    });
    this.#timer = { at, cancel };
  }

  /** Shares of partitions that are someone else's now are theirs. */
  forgetUnwanted(): void {
    for (const share of [...this.#waiting.shares]) if (!share.part.owner.isWanted()) this.#through(share);
  }

  /** A partition's checkpoint has no room for more: its mail that has waited longest is given up for those it waits for. */
  shed(owner: MailOwner): void {
    for (const [mail] of this.#mails) {
      if (!this.#kept.has(mail) || !piecesOf(mail.job).some((piece) => piece.owner === owner)) continue;
      if (this.#giveUpWaiting(mail) > 0) return;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Whose mail is deferred. `othersHaveIt`: others have one of its mails. */
  waiting(): readonly (WaitingRecipient & Pick<StragglingRecipient, "mails" | "othersHaveIt">)[] {
    this.forgetUnwanted();
    return this.#waiting.waiting().map(({ address, since, failure, shares }) => {
      const othersHaveIt = shares.some(({ mail }) => this.#kept.has(mail) || this.#unseen.has(mail));
      return { address, since, failure, mails: shares.length, othersHaveIt };
    });
  }

  /** Takes these out of the mail: each has a share of its own from now on. */
  #leave(sending: Sending, addresses: readonly string[], lanes: readonly string[]): readonly WaitingShare[] {
    const known = this.#mailOf.get(sending);
    const addressings = addresses.map((address) => sending.addressingOf(address));
    sending.leave(addresses);
    const isNeeded = sending.pending.length + sending.failed.length + sending.reachedHere > 0;
    const mail = known ?? this.#share(sending, isNeeded);
    const shares = addresses.flatMap((address, index): WaitingShare[] => {
      const addressing = addressings[index];
      if (addressing === undefined) return [];
      const part = mail.shared.part(() => [address], { counts: true, waits: true });
      const { windowEnd } = mail.job;
      const look = JSON.stringify(addressing.look);
      return [{ address, lanes, mail, look, windowEnd, part, addressing, attempts: sending.attempts, follows: false }];
    });
    for (const share of shares) {
      this.#waiting.add(share);
      share.follows = this.#waiting.hasPredecessor(share);
    }
    this.#mails.set(mail, new Set([...(this.#mails.get(mail) ?? []), ...shares]));
    if (known !== undefined && !isNeeded) mail.shared.firstWithdrawn();
    mail.shared.taken();
    return shares;
  }

  #share(sending: Sending, isNeeded: boolean): SharedMail {
    const { job, history, unreachableMsBefore } = sending;
    const shared = new SharedJob(job, sending.someHaveIt, sending.told, sending.isOnRecord);
    const mail: SharedMail = { job, shared, size: job.size(), history, unreachableMsBefore };
    this.#mailOf.set(sending, mail);
    shared.whenPassed(() => this.#unseen.add(mail));
    if (isNeeded) sending.job = shared.part(() => sending.reached, { counts: true });
    return mail;
  }

  #start(chains: Chains): void {
    const sending = this.#sendingOf(chains);
    const { owner } = sending.job;
    const { catchUpAfterMs = Number.POSITIVE_INFINITY } = this.#deps.options;
    const shares = chains.flat();
    const merges = chains.some(({ length }) => length > 1);
    if (!Number.isFinite(catchUpAfterMs) || !(merges || shares.some(({ follows }) => follows))) {
      this.#deps.start(sending);
      return;
    }
    owner.onceCommitted(() => {
      if (this.#stopped || !owner.isWanted()) return;
      for (const share of shares) share.follows = false;
      this.#deps.start(sending);
    });
  }

  #sendingOf(chains: Chains): Sending {
    const [head] = chains[0] as readonly [WaitingShare];
    const { job, history, unreachableMsBefore } = head.mail;
    const look = job instanceof FleetJob ? job.how : { reason: "asked" as const, listed: Number.POSITIVE_INFINITY };
    const shares = new SharesMail(chains, look, (share) => this.#through(share));
    const { maxRecipients = Number.POSITIVE_INFINITY } = this.#deps.options;
    const only = new Set(shares.addresses);
    const { memory } = this.#deps;
    const how = { maxRecipients, unreachableMsBefore, memory, only, history };
    const sending = new Sending(shares, [head.addressing], how);
    sending.attempts = head.attempts;
    shares.has = () => sending.reached;
    return sending;
  }

  #giveUp(chains: Chains, failure: SmtpFailure): void {
    const now = this.#now();
    for (const share of chains.flat()) this.#waiting.take(share, now);
    const sending = this.#sendingOf(chains);
    sending.next();
    sending.fail(sending.pending.map((address) => ({ ...failure, address })));
    this.#deps.giveUp(sending);
  }

  #through(share: WaitingShare): void {
    if (!this.#waiting.through(share)) return;
    const shares = this.#mails.get(share.mail);
    shares?.delete(share);
    if (shares !== undefined && shares.size > 0) return;
    this.#mails.delete(share.mail);
    this.#unseen.delete(share.mail);
    this.#kept.delete(share.mail);
  }

  /** Mails that others have, and for which there is no room among those that are kept, are given up for who waits. */
  #keep(): void {
    for (const mail of this.#unseen) {
      // With one of its shares under way it is looked at again when that has ended.
      const all = this.#mails.get(mail)?.size ?? 0;
      if (all === 0 || this.#kept.add(mail) || this.#giveUpWaiting(mail) === all) this.#unseen.delete(mail);
    }
  }

  /** Gives how many of its shares: not those that are under way. */
  #giveUpWaiting(mail: SharedMail): number {
    const idle = [...(this.#mails.get(mail) ?? [])].filter((share) => !this.#waiting.isTrying(share));
    for (const share of idle) this.#giveUp([[share]], this.#noRoomFor(share.address));
    return idle.length;
  }

  /** `said`: of the recipient, last. */
  #noRoomFor(address: string, said = this.#waiting.lastFailure(address)): SmtpFailure {
    const { phase = "rcpt", reply = "", code } = said ?? {};
    const detail = said?.detail ?? "too much waits for recipients that the mail server defers";
    return { phase, reply, code, reason: "recipient-queue-full", detail };
  }

  #now(): Moment {
    const { clock, unreachableMs } = this.#deps;
    const elapsed = clock.elapsed();
    return { wall: clock.now(), elapsed, worked: elapsed - unreachableMs() };
  }

  /** The same draw for all recipients of one attempt: they stay together. */
  #pause(): Pause {
    const { retryInitialMs, retryMaxMs, retryBudgetMs } = this.#deps.options;
    const draw = this.#deps.random();
    const how = { retryInitialMs, retryMaxMs, retryBudgetMs, random: () => draw };
    return (deferrals, spentMs) => pauseMs(deferrals, { ...how, spentMs });
  }
}

/** A recipient that is waited for. */
export interface StragglingRecipient extends Omit<WaitingRecipient, "address"> {
  /** As the log may show it; undefined: not at all. */
  readonly recipient: string | undefined;
  readonly mails: number;
  readonly othersHaveIt: boolean;
}
