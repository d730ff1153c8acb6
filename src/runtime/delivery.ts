import { Circuit } from "./circuit.js";
import { backoffMs, type Clock } from "./clock.js";
import type { Logger } from "./log.js";
import type { Gathering, MailAttempt, MailJob, Undeliverable } from "./mail-job.js";
import { MailLog, type MailProgress } from "./mail-log.js";
import { MailQueue } from "./mail-queue.js";
import { Pace } from "./pace.js";
import {
  type Addressing,
  type Attachment,
  type Digest,
  digestsOf,
  type MailContent,
  type Mailer,
  type MailRenderer,
  type Metrics,
  type RecipientFailure,
  type RenderedMail,
  type Router,
  type SendOutcome,
  type SendOutcomeKind,
  type SentLog,
  type SentMail,
  type SmtpFailure,
} from "./ports.js";
import { createRecipientView, type RecipientMode } from "./recipient-view.js";
import { type Envelope, Sending } from "./sending.js";

export interface DeliveryOptions {
  readonly connections: number;
  /** Of one transaction; absent: as many as there are. */
  readonly maxRecipients?: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  readonly retryBudgetMs: number;
}

/**
 * Asks who is told, then sends mails over at most `connections` at once; the rest waits in the order it came. Retries what may come right, with
 * backoff, and gives the rest back as undeliverable. A device's next mail is not handed over before its previous one is through, so mails of one
 * device are never here together, but for different readers where mails are folded. A mail with several messages (readers with other languages, or more than one transaction takes) sends them one
 * after the other, each by its own turn.
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
  readonly #attach: ((content: MailContent, job: MailJob) => Promise<Attachment | undefined>) | undefined;
  readonly #sent: SentLog | undefined;
  readonly #gathering: Gathering | undefined;
  readonly #pace: Pace;
  readonly #circuit: Circuit;
  readonly #ready = new MailQueue<Sending>((sending) => sending.job);
  readonly #timers = new Set<() => void>();
  #inFlight = 0;
  #recording = 0;
  #routing = 0;
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
    /** What goes with a mail, asked for before each attempt; never rejects. */
    attach?: (content: MailContent, job: MailJob) => Promise<Attachment | undefined>;
    /** Told of each mail that is through, before it is settled. */
    sent?: SentLog;
    /** Makes one mail of many. */
    gathering?: Gathering;
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
    this.#attach = deps.attach;
    this.#sent = deps.sent;
    this.#gathering = deps.gathering;
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

  /** Mails that wait for an answer to who is told. */
  get routing(): number {
    return this.#routing;
  }

  submit(job: MailJob): void {
    const addressings = this.#router.route(() => job.compose() as Digest);
    if (!(addressings instanceof Promise)) {
      this.#gather(job, addressings);
      return;
    }
    this.#routing++;
    void addressings.then((known) => {
      this.#routing--;
      if (!this.#stopped && job.owner.isWanted()) this.#gather(job, known);
    });
  }

  #gather(job: MailJob, addressings: readonly Addressing[]): void {
    if (this.#gathering === undefined || addressings.length === 0) this.#enqueue(job, addressings);
    else this.#gathering.offer(job, addressings, (one, to) => this.#enqueue(one, to));
  }

  #enqueue(job: MailJob, addressings: readonly Addressing[]): void {
    if (this.#stopped || !job.owner.isWanted()) return;
    const { maxRecipients = Number.POSITIVE_INFINITY } = this.#options;
    const unreachableMsBefore = this.#circuit.unreachableMs();
    this.#ready.push(new Sending(job, addressings, { maxRecipients, unreachableMsBefore }));
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
    if (this.#inFlight + this.#recording > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
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
      const last = await this.#sendNext(sending).finally(() => this.#inFlight--);
      if (last !== undefined) {
        // A record takes no connection; until it is there, or given up, the mail is not settled.
        this.#recording++;
        this.#pump();
        await last.recorded.finally(() => this.#recording--);
      }
    } finally {
      sending.job.owner.attemptEnded();
      if (this.#inFlight + this.#recording === 0) for (const resolve of this.#idle.splice(0)) resolve();
      this.#pump();
    }
  }

  /** At most one transaction. What is still to be waited for when it is over: nothing, or the record of the mail. */
  async #sendNext(sending: Sending): Promise<{ readonly recorded: Promise<void> } | undefined> {
    const content = sending.job.compose();
    const envelope = sending.next();
    if (envelope === undefined) {
      this.#circuit.probeWithdrawn();
      return recorded(this.#withoutSending(sending, content));
    }
    const attachment = this.#attach === undefined ? undefined : await this.#attach(content, sending.job);
    if (this.#attach !== undefined && (this.#stopped || !sending.job.owner.mayGoOn())) {
      this.#circuit.probeWithdrawn();
      this.#ready.putBack(sending);
      return undefined;
    }
    const mail = this.#render(content, envelope, attachment);
    if (mail instanceof Error) {
      this.#circuit.probeWithdrawn();
      return recorded(this.#giveUp(sending, content, renderFailed(mail, sending)));
    }
    sending.attempts++;
    const startedAt = this.#clock.elapsed();
    const outcome = await this.#mailer.send(mail, envelope.pending);
    const elapsedMs = this.#clock.elapsed() - startedAt;
    this.#metrics.sendAttempt(outcome.kind, elapsedMs / 1000);
    // Whatever the circuit and the pace make of it, it will be repeated; the other kinds are counted where that is decided.
    if (outcome.kind === "unreachable") this.#metrics.mailRetried(outcome.failure.reason);
    return recorded(this.#conclude(sending, content, envelope, mail, outcome, elapsedMs));
  }

  /** Nobody is to be told; or everybody has it: those who were still to get it are no recipients any more. */
  #withoutSending(sending: Sending, content: MailContent): Promise<void> | undefined {
    if (sending.addressings.length === 0) {
      const detail = "no recipient: no route matches and MAIL_TO is empty";
      return this.#giveUp(sending, content, { ...NOT_SENT, stage: "route", reason: "no-recipient", detail });
    }
    for (const digest of digestsOf(content)) this.#log.acceptedBefore(this.#progress(sending, content, digest));
    sending.job.accepted(content);
    return undefined;
  }

  /** Before any connection is taken. */
  #render(content: MailContent, { addressing }: Envelope, attachment: Attachment | undefined): RenderedMail | Error {
    try {
      return this.#renderer.render(content, addressing, attachment);
    } catch (error) {
      return error as Error;
    }
  }

  #conclude(
    sending: Sending,
    content: MailContent,
    envelope: Envelope,
    mail: RenderedMail,
    outcome: SendOutcome,
    elapsedMs: number,
  ): Promise<void> | undefined {
    const tell = (kind: SendOutcomeKind, failure: SmtpFailure | undefined): void => {
      const { attempts } = sending;
      const { messageId } = mail;
      this.#onAttempt({ content, messageId, outcome: kind, attempts, seconds: elapsedMs / 1000, failure });
    };
    if (outcome.kind === "unreachable" && outcome.failure.code === 421 && this.#inFlight > 1) {
      // It talks to the others: it does not want so many connections at once (RFC 5321 section 4.2.3). That is no outage.
      tell("deferred", outcome.failure);
      this.#pace.slowDown();
      sending.history.note("unreachable", outcome.failure);
      this.#ready.putBack(sending);
      return undefined;
    }
    if (outcome.kind === "unreachable") {
      tell("unreachable", outcome.failure);
      this.#log.unreachable(sending.history, outcome.failure, this.#circuit.unreachable(outcome.failure));
      // To the front: it waited longest.
      this.#ready.putBack(sending);
      return undefined;
    }
    if (this.#circuit.isOpen) this.#log.reachable();
    this.#circuit.answered();
    this.#pace.note(outcome);
    sending.messageIds.add(mail.messageId);
    for (const recipient of sending.note(envelope, outcome)) this.#metrics.recipientRefused(recipient.reason);
    if (outcome.kind === "accepted" && sending.pending.length + sending.failed.length > 0)
      sending.job.reached(sending.reached);
    if (sending.hasMore) {
      tell(outcome.kind, sending.deferral?.failure);
      this.#ready.putBack(sending);
      return undefined;
    }
    if (sending.deferral !== undefined) {
      const { failure, kind } = sending.deferral;
      if (this.#retry(sending, content, mail, failure, kind, elapsedMs)) {
        tell(kind === "accepted" ? "deferred" : kind, failure);
        return undefined;
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
      return this.#giveUp(sending, content, why, elapsedMs);
    }
    tell("accepted", undefined);
    const reply = outcome.kind === "accepted" ? outcome.reply : "";
    for (const digest of digestsOf(content))
      this.#log.accepted(this.#progress(sending, content, digest, mail.messageId, elapsedMs), reply);
    const last = { messageId: mail.messageId, reply, seconds: elapsedMs / 1000 };
    return this.#recorded(sending, content, last, () => sending.job.accepted(content));
  }

  #giveUp(sending: Sending, content: MailContent, why: Undeliverable, latencyMs?: number): Promise<void> | undefined {
    for (const digest of digestsOf(content))
      this.#log.undeliverable(this.#progress(sending, content, digest, why.messageId, latencyMs), why);
    const seconds = latencyMs === undefined ? undefined : latencyMs / 1000;
    return this.#recorded(sending, content, { messageId: why.messageId, reply: why.detail, seconds }, () =>
      sending.job.undeliverable(content, why, sending.reached.length > 0),
    );
  }

  /** On record first, so that what is settled is; without a record at once. */
  #recorded(
    sending: Sending,
    content: MailContent,
    last: Pick<SentMail, "messageId" | "reply" | "seconds">,
    settle: () => void,
  ): Promise<void> | undefined {
    if (this.#sent === undefined) {
      settle();
      return undefined;
    }
    const { reached, failed, attempts } = sending;
    const outcome = reached.length > 0 ? "accepted" : "dead_lettered";
    const otherMessageIds = [...sending.messageIds].filter((id) => id !== last.messageId);
    const what = { content, recipients: reached, failed, outcome, otherMessageIds } as const;
    return this.#sent.record({ ...what, attempts, at: this.#clock.now(), ...last }).then(settle);
  }

  #progress(
    sending: Sending,
    content: MailContent,
    digest: Digest,
    messageId?: string,
    latencyMs?: number,
  ): MailProgress {
    const { attempts, history, reached, unreachableMsBefore } = sending;
    const serverUnreachableMs = this.#circuit.unreachableMs() - unreachableMsBefore;
    const devices = digestsOf(content).length;
    return { digest, devices, messageId, attempts, latencyMs, history, serverUnreachableMs, reached };
  }

  /** Schedules the next attempt; false when the budget is used up, and then every pending recipient has failed. */
  #retry(
    sending: Sending,
    content: MailContent,
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
      sending.giveUp(failure);
      return false;
    }
    const { retryInitialMs, retryMaxMs, retryBudgetMs } = this.#options;
    const backoff = backoffMs(++sending.deferrals, retryInitialMs, retryMaxMs, this.#random);
    // The last attempt comes when the budget ends, not a whole backoff later.
    const delay = Math.min(backoff, Math.max(retryInitialMs, retryBudgetMs - spentMs));
    this.#metrics.mailRetried(failure.reason);
    sending.again();
    const [digest] = digestsOf(content);
    const { pending } = sending;
    if (digest !== undefined) {
      const progress = this.#progress(sending, content, digest, mail.messageId, elapsedMs);
      this.#log.willRetry(progress, kind, failure, { pending, retryInMs: delay });
    }
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

const NOT_SENT = { attempts: 0, messageId: undefined, recipients: [], failure: undefined };

const renderFailed = (error: Error, { attempts }: Sending): Undeliverable => ({
  ...NOT_SENT,
  attempts,
  stage: "render",
  reason: "render-failed",
  detail: error.message,
});

const recorded = (record: Promise<void> | undefined) => (record === undefined ? undefined : { recorded: record });
