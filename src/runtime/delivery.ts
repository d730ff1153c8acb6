import { Circuit } from "./circuit.js";
import { backoffMs, type Clock } from "./clock.js";
import type { Logger } from "./log.js";
import { MailHistory, MailLog, type MailProgress } from "./mail-log.js";
import { MailQueue } from "./mail-queue.js";
import { Pace } from "./pace.js";
import type {
  Digest,
  Mailer,
  MailRenderer,
  Metrics,
  RecipientFailure,
  RenderedMail,
  Router,
  SendOutcome,
  SendOutcomeKind,
  SmtpFailure,
} from "./ports.js";
import { createRecipientView, type RecipientMode } from "./recipient-view.js";

/** Why a mail becomes a dead letter. */
export interface Undeliverable {
  readonly stage: "route" | "render" | "smtp";
  readonly reason: string;
  readonly detail: string;
  readonly attempts: number;
  readonly messageId: string | undefined;
  readonly recipients: readonly RecipientFailure[];
  readonly failure: SmtpFailure | undefined;
}

/** Whose mails they are: a partition. Each has a queue of its own. */
export interface MailOwner {
  /** False once the partition belongs to someone else: its waiting mails are theirs. */
  isWanted(): boolean;
  /** False: its mails wait, those of others go on. Ask again with `resume`. */
  mayStart(): boolean;
  attemptStarted(): void;
  attemptEnded(): void;
}

/** A mail to be sent, as its partition hands it over. */
export interface MailJob {
  readonly owner: MailOwner;
  readonly deviceId: string;
  /** Leaves before others that wait. */
  readonly critical: boolean;
  /** Reads what the mail says out of the buffer. Called for each attempt, so that a waiting mail costs no memory of its own. */
  compose(): Digest;
  /** Those of all recipients who are still to get it; a previous owner of the partition may have told that some have it. */
  missing(recipients: readonly string[]): readonly string[];
  /** These have it, others of its recipients do not: whoever sends it next should know. */
  reached(addresses: readonly string[]): void;
  /** Every recipient has it. */
  accepted(digest: Digest): void;
  /** It cannot be delivered, or not to everybody; `acceptedBySome` tells which. */
  undeliverable(digest: Digest, why: Undeliverable, acceptedBySome: boolean): void;
}

/** What became of one attempt. */
export interface MailAttempt {
  readonly digest: Digest;
  readonly messageId: string;
  /** `deferred` also when some recipients have it and others are tried again, and when the server wants fewer connections. */
  readonly outcome: SendOutcomeKind;
  readonly attempts: number;
  readonly seconds: number;
  /** What went wrong, also with some of the recipients of an accepted one. */
  readonly failure: SmtpFailure | undefined;
}

export interface DeliveryOptions {
  readonly connections: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  readonly retryBudgetMs: number;
}

interface Sending {
  readonly job: MailJob;
  /** All recipients, for the header; undefined until the first attempt. */
  recipients: readonly string[] | undefined;
  /** Those who don't have it yet. */
  pending: readonly string[];
  failed: RecipientFailure[];
  /** Those who have it. */
  reached: string[];
  attempts: number;
  readonly history: MailHistory;
  /** What the circuit had counted when it was handed over. */
  readonly unreachableMsBefore: number;
  /** Temporary refusals: what the pauses grow with. Finding the server unreachable is no mail's fault and lengthens none. */
  deferrals: number;
  /** `clock.elapsed()` and unreachable time at the first temporary refusal: the retry budget counts from there. */
  deferredAt: number | undefined;
  unreachableMsThen: number;
}

/**
 * Sends mails over at most `connections` at once; the rest waits in the order it came. Retries what may come right, with backoff, and
 * gives the rest back as undeliverable. A device's next mail is not handed over before its previous one is through, so mails of one
 * device are never here together.
 */
export class Delivery {
  readonly #mailer: Mailer;
  readonly #renderer: MailRenderer;
  readonly #router: Router;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #log: MailLog;
  readonly #random: () => number;
  readonly #options: DeliveryOptions;
  readonly #onAttempt: (attempt: MailAttempt) => void;
  readonly #pace: Pace;
  readonly #circuit: Circuit;
  readonly #ready = new MailQueue<Sending>((sending) => sending.job);
  readonly #timers = new Set<() => void>();
  #inFlight = 0;
  #stopped = false;
  readonly #idle: (() => void)[] = [];

  constructor(deps: {
    mailer: Mailer;
    renderer: MailRenderer;
    router: Router;
    metrics: Metrics;
    clock: Clock;
    log: Logger;
    /** As log lines show them; default `masked`. */
    recipients?: RecipientMode;
    random: () => number;
    options: DeliveryOptions;
    /** Told of every attempt; must not throw. */
    onAttempt?: (attempt: MailAttempt) => void;
  }) {
    this.#mailer = deps.mailer;
    this.#renderer = deps.renderer;
    this.#router = deps.router;
    this.#metrics = deps.metrics;
    this.#clock = deps.clock;
    const recipients = createRecipientView(deps.recipients ?? "masked");
    this.#log = new MailLog({ log: deps.log, clock: deps.clock, recipients });
    this.#random = deps.random;
    this.#options = deps.options;
    this.#onAttempt = deps.onAttempt ?? (() => undefined);
    this.#pace = new Pace(deps.options.connections);
    this.#circuit = new Circuit({
      clock: deps.clock,
      retryInitialMs: deps.options.retryInitialMs,
      retryMaxMs: deps.options.retryMaxMs,
      random: deps.random,
      onHalfOpen: () => this.#pump(),
    });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get circuitOpen(): boolean {
    return this.#circuit.isOpen;
  }

  submit(job: MailJob): void {
    this.#ready.push({
      job,
      recipients: undefined,
      pending: [],
      failed: [],
      reached: [],
      attempts: 0,
      history: new MailHistory(),
      unreachableMsBefore: this.#circuit.unreachableMs(),
      deferrals: 0,
      deferredAt: undefined,
      unreachableMsThen: 0,
    });
    this.#pump();
  }

  /** Something an owner said no for may have changed. */
  resume(): void {
    this.#pump();
  }

  /** Nothing new starts any more; resolves when the attempts under way have ended. */
  async drain(): Promise<void> {
    this.#stopped = true;
    this.#circuit.stop();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (!this.#stopped && this.#inFlight < this.#pace.limit) {
      const sending = this.#ready.next();
      if (sending === undefined) return;
      if (!this.#circuit.tryStart()) {
        this.#ready.putBack(sending);
        return;
      }
      this.#inFlight++;
      sending.job.owner.attemptStarted();
      void this.#attempt(sending);
    }
  }

  async #attempt(sending: Sending): Promise<void> {
    try {
      const digest = sending.job.compose();
      const mail = this.#prepare(sending, digest);
      if (mail === undefined) {
        this.#circuit.probeWithdrawn();
        return;
      }
      sending.attempts++;
      const startedAt = this.#clock.elapsed();
      const outcome = await this.#mailer.send(mail, sending.pending);
      const elapsedMs = this.#clock.elapsed() - startedAt;
      this.#metrics.sendAttempt(outcome.kind, elapsedMs / 1000);
      // Whatever the circuit and the pace make of it, it will be repeated; the other kinds are counted where that is decided.
      if (outcome.kind === "unreachable") this.#metrics.mailRetried(outcome.failure.reason);
      this.#conclude(sending, digest, mail, outcome, elapsedMs);
    } finally {
      this.#inFlight--;
      sending.job.owner.attemptEnded();
      if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
      this.#pump();
    }
  }

  /** Recipients and message, before any connection is taken. Undefined: it became a dead letter, or everybody has it. */
  #prepare(sending: Sending, digest: Digest): RenderedMail | undefined {
    if (sending.recipients === undefined) {
      sending.recipients = this.#router.recipientsOf(digest);
      const missing = new Set(sending.job.missing(sending.recipients));
      sending.pending = sending.recipients.filter((address) => missing.has(address));
      sending.reached = sending.recipients.filter((address) => !missing.has(address));
    }
    const attempts = sending.attempts;
    const none = { attempts, messageId: undefined, recipients: [], failure: undefined };
    if (sending.recipients.length === 0) {
      const detail = "no recipient: MAIL_TO is empty";
      this.#giveUp(sending, digest, { ...none, stage: "route", reason: "no-recipient", detail });
      return undefined;
    }
    if (sending.pending.length === 0) {
      // Those who were still to get it are no recipients any more.
      this.#log.acceptedBefore(this.#progress(sending, digest));
      sending.job.accepted(digest);
      return undefined;
    }
    try {
      return this.#renderer.render(digest, sending.recipients);
    } catch (error) {
      this.#giveUp(sending, digest, {
        ...none,
        stage: "render",
        reason: "render-failed",
        detail: (error as Error).message,
      });
      return undefined;
    }
  }

  #conclude(sending: Sending, digest: Digest, mail: RenderedMail, outcome: SendOutcome, elapsedMs: number): void {
    const tell = (kind: SendOutcomeKind, failure: SmtpFailure | undefined): void => {
      const { attempts } = sending;
      const { messageId } = mail;
      this.#onAttempt({ digest, messageId, outcome: kind, attempts, seconds: elapsedMs / 1000, failure });
    };
    if (outcome.kind === "unreachable" && outcome.failure.code === 421 && this.#inFlight > 1) {
      // It talks to the others: it does not want so many connections at once (RFC 5321 section 4.2.3). That is no outage.
      tell("deferred", outcome.failure);
      this.#pace.slowDown();
      sending.history.note("unreachable", outcome.failure);
      this.#ready.putBack(sending);
      return;
    }
    if (outcome.kind === "unreachable") {
      tell("unreachable", outcome.failure);
      this.#log.unreachable(sending.history, outcome.failure, this.#circuit.unreachable(outcome.failure));
      // To the front: it waited longest.
      this.#ready.putBack(sending);
      return;
    }
    if (this.#circuit.isOpen) this.#log.reachable();
    this.#circuit.answered();
    this.#pace.note(outcome);
    this.#noteRecipients(sending, outcome);
    if (outcome.kind === "accepted" && sending.pending.length + sending.failed.length > 0)
      sending.job.reached(sending.reached);
    if (sending.pending.length > 0) {
      const failure =
        outcome.kind === "accepted"
          ? (outcome.deferred[0] as RecipientFailure)
          : (outcome as { failure: SmtpFailure }).failure;
      if (this.#retry(sending, digest, mail, failure, outcome.kind, elapsedMs)) {
        tell(outcome.kind === "accepted" ? "deferred" : outcome.kind, failure);
        return;
      }
    }
    if (sending.failed.length > 0) {
      const first = sending.failed[0] as RecipientFailure;
      tell(sending.reached.length > 0 ? "accepted" : outcome.kind, first);
      const why: Undeliverable = {
        stage: "smtp",
        reason: first.reason,
        detail: first.reply || first.detail || `${first.reason} at ${first.phase}`,
        attempts: sending.attempts,
        messageId: mail.messageId,
        recipients: sending.failed,
        failure: first,
      };
      this.#giveUp(sending, digest, why, elapsedMs);
      return;
    }
    tell("accepted", undefined);
    const reply = outcome.kind === "accepted" ? outcome.reply : "";
    this.#log.accepted(this.#progress(sending, digest, mail.messageId, elapsedMs), reply);
    sending.job.accepted(digest);
  }

  #giveUp(sending: Sending, digest: Digest, why: Undeliverable, latencyMs?: number): void {
    this.#log.undeliverable(this.#progress(sending, digest, why.messageId, latencyMs), why);
    sending.job.undeliverable(digest, why, sending.reached.length > 0);
  }

  #progress(sending: Sending, digest: Digest, messageId?: string, latencyMs?: number): MailProgress {
    const { attempts, history, reached, unreachableMsBefore } = sending;
    const serverUnreachableMs = this.#circuit.unreachableMs() - unreachableMsBefore;
    return { digest, messageId, attempts, latencyMs, history, serverUnreachableMs, reached };
  }

  /** Who has it, who never will, who is still to get it. A recipient that accepted is never mailed again. */
  #noteRecipients(sending: Sending, outcome: Exclude<SendOutcome, { kind: "unreachable" }>): void {
    const refused =
      outcome.kind === "refused" ? everyone(sending.pending, outcome.failure, outcome.recipients) : outcome.refused;
    for (const recipient of refused) this.#metrics.recipientRefused(recipient.reason);
    sending.failed.push(...refused);
    if (outcome.kind === "accepted") {
      const without = new Set([...outcome.refused, ...outcome.deferred].map((recipient) => recipient.address));
      sending.reached.push(...sending.pending.filter((address) => !without.has(address)));
      sending.pending = outcome.deferred.map((recipient) => recipient.address);
    } else if (outcome.kind === "refused") {
      sending.pending = [];
    } else {
      const gone = new Set(refused.map((recipient) => recipient.address));
      sending.pending = sending.pending.filter((address) => !gone.has(address));
    }
  }

  /** Schedules the next attempt; false when the budget is used up, and then every pending recipient has failed. */
  #retry(
    sending: Sending,
    digest: Digest,
    mail: RenderedMail,
    failure: SmtpFailure,
    kind: SendOutcome["kind"],
    elapsedMs: number,
  ): boolean {
    // Not the wall clock: setting it must not use up a mail's budget.
    const now = this.#clock.elapsed();
    if (sending.deferredAt === undefined) {
      sending.deferredAt = now;
      sending.unreachableMsThen = this.#circuit.unreachableMs();
    }
    const spentMs = now - sending.deferredAt - (this.#circuit.unreachableMs() - sending.unreachableMsThen);
    if (spentMs >= this.#options.retryBudgetMs) {
      sending.failed.push(...everyone(sending.pending, failure, []));
      sending.pending = [];
      return false;
    }
    const { retryInitialMs, retryMaxMs, retryBudgetMs } = this.#options;
    const backoff = backoffMs(++sending.deferrals, retryInitialMs, retryMaxMs, this.#random);
    // The last attempt comes when the budget ends, not a whole backoff later.
    const delay = Math.min(backoff, Math.max(retryInitialMs, retryBudgetMs - spentMs));
    this.#metrics.mailRetried(failure.reason);
    const progress = this.#progress(sending, digest, mail.messageId, elapsedMs);
    this.#log.willRetry(progress, kind, failure, { pending: sending.pending, retryInMs: delay });
    if (this.#stopped) return true;
    const cancel = this.#clock.after(delay, () => {
      this.#timers.delete(cancel);
      this.#ready.push(sending);
      this.#pump();
    });
    this.#timers.add(cancel);
    return true;
  }
}

/** Each address with what the server said of it, or with what it said of the whole. */
const everyone = (
  addresses: readonly string[],
  failure: SmtpFailure,
  said: readonly RecipientFailure[],
): RecipientFailure[] =>
  addresses.map((address) => said.find((recipient) => recipient.address === address) ?? { ...failure, address });
