import { AfterAttempt } from "./after-attempt.js";
import type { DeliveryDeps } from "./delivery-deps.js";
import type { MailJob, MailOwner } from "./mail-job.js";
import { MailHistory, MailLog } from "./mail-log.js";
import { Circuit, Pace, ServerMemory } from "./mail-server.js";
import { restricted } from "./only-to.js";
import type { Addressing, Attachment, Digest, MailContent, ProbeOutcome, RenderedMail } from "./ports.js";
import { MailQueue } from "./queues.js";
import { createRecipientView, type RecipientView } from "./recipient-view.js";
import { Sending, type Tried } from "./sending.js";
import { Settlement } from "./settlement.js";
import { Stragglers, type StragglingRecipient } from "./stragglers.js";
import { Slices } from "./turns.js";
import { noRecipient, renderFailed, whyGivenUp } from "./undeliverable.js";

/**
 * Asks who is told, then sends mails over at most `connections` at once; the rest waits in the order it came. Retries what may come right, with
 * backoff, and gives the rest back as undeliverable. A device's next mail is not handed over before its previous one is through, so mails of one
 * device are never here together, but for different readers where mails are folded. A mail with several messages (readers with other languages, or more than one transaction takes) sends them one
 * after the other, each by its own turn.
 */
export class Delivery {
  /** What hands mails over takes its turns with the others that do. */
  readonly slices: Slices;
  readonly #deps: DeliveryDeps;
  readonly #recipients: RecipientView;
  readonly #log: MailLog;
  readonly #pace: Pace;
  readonly #circuit: Circuit;
  readonly #memory: ServerMemory;
  readonly #settlement: Settlement;
  readonly #stragglers: Stragglers;
  readonly #after: AfterAttempt;
  readonly #ready = new MailQueue<Sending>();
  readonly #timers = new Set<() => void>();
  #inFlight = 0;
  #recording = 0;
  #routing = 0;
  #stopped = false;
  readonly #idle: (() => void)[] = [];

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.slices = new Slices(deps.clock, deps.slice);
    this.#recipients = createRecipientView(deps.recipients ?? "masked");
    this.#log = new MailLog({ log: deps.log, clock: deps.clock, recipients: this.#recipients, server: deps.server });
    this.#pace = new Pace(deps.options.connections);
    this.#memory = new ServerMemory(() => deps.clock.elapsed());
    this.#circuit = new Circuit({
      clock: deps.clock,
      retryInitialMs: deps.options.retryInitialMs,
      retryMaxMs: deps.options.retryMaxMs,
      random: deps.random,
      onHalfOpen: () => this.#pump(),
    });
    this.#stragglers = new Stragglers({
      clock: deps.clock,
      log: this.#log,
      random: deps.random,
      options: deps.options,
      memory: this.#memory,
      unreachableMs: () => this.#circuit.unreachableMs(),
      start: (sending) => this.#start(sending),
      giveUp: (sending) =>
        void this.#settlement.givenUp(sending, sending.job.compose(), whyGivenUp(sending, undefined)),
    });
    this.#settlement = new Settlement({ log: this.#log, clock: deps.clock, circuit: this.#circuit, sent: deps.sent });
    this.#after = new AfterAttempt({
      metrics: deps.metrics,
      clock: deps.clock,
      log: this.#log,
      random: deps.random,
      options: deps.options,
      onAttempt: deps.onAttempt ?? (() => undefined),
      circuit: this.#circuit,
      pace: this.#pace,
      settlement: this.#settlement,
      stragglers: this.#stragglers,
      ready: this.#ready,
      later: (sending, delayMs) => this.#later(sending, delayMs),
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
    if (this.#stopped) return;
    const addressings = this.#deps.router.route(() => job.compose() as Digest);
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

  #gather(job: MailJob, told: readonly Addressing[]): void {
    const addressings = job.onlyTo === undefined ? told : restricted(told, job.onlyTo);
    if (this.#deps.gathering === undefined || addressings.length === 0) this.#enqueue(job, addressings);
    else this.#deps.gathering.offer(job, addressings, (one, to) => this.#enqueue(one, to));
  }

  #enqueue(job: MailJob, addressings: readonly Addressing[]): void {
    if (this.#stopped || !job.owner.isWanted()) return;
    const { maxRecipients = Number.POSITIVE_INFINITY } = this.#deps.options;
    const unreachableMsBefore = this.#circuit.unreachableMs();
    this.#start(new Sending(job, addressings, { maxRecipients, unreachableMsBefore, memory: this.#memory }));
  }

  /** As soon as its turn comes. */
  #start(sending: Sending): void {
    this.#ready.push(sending);
    this.#pump();
  }

  /** Whose mail is tried again while others have it. */
  get recipientsWaiting(): number {
    return this.#stragglers.waiting().filter(({ othersHaveIt }) => othersHaveIt).length;
  }

  /** Whom the server defers, as the log may show them; the longest first. */
  waitingRecipients(): readonly StragglingRecipient[] {
    return this.#stragglers.waiting().map(({ address, failure, ...one }) => ({
      ...one,
      recipient: this.#recipients.one(address),
      failure: { ...failure, reply: this.#recipients.text(failure.reply) },
    }));
  }

  /** The checkpoint has no room for more mails that some have and others wait for. */
  shed(owner: MailOwner): void {
    this.#stragglers.shed(owner);
  }

  /** Something an owner said no for may have changed. */
  resume(): void {
    this.#stragglers.forgetUnwanted();
    this.#stragglers.pump();
    this.#pump();
  }

  /** Tries the server without a mail. Undefined: mails do, or it is too soon after the last time. */
  async probe(): Promise<ProbeOutcome | undefined> {
    if (this.#stopped || this.#inFlight > 0 || !this.#circuit.tryStart()) return undefined;
    const outcome = await this.#deps.mailer.probe();
    if (outcome.kind === "unreachable") {
      this.#log.unreachable(new MailHistory(), outcome.failure, this.#circuit.open(outcome.failure));
      return outcome;
    }
    // It answers all along: whether it takes mails again, only a mail can tell.
    if (this.#circuit.refusesUs) this.#circuit.probeWithdrawn();
    else if (this.#circuit.answered(false)) this.#log.reachable();
    this.#pump();
    return outcome;
  }

  /** Nothing new starts any more; resolves when the attempts under way have ended. */
  async drain(): Promise<void> {
    this.#stopped = true;
    this.#circuit.stop();
    this.#stragglers.stop();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    if (this.#inFlight + this.#recording > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (!this.#stopped && this.#inFlight < this.#pace.limit) {
      // Whoever is taken out to be put back would lose its turn as the probe.
      if (!this.#circuit.mayStart) return;
      const sending = this.#ready.next();
      if (sending === undefined) return;
      this.#circuit.tryStart();
      this.#inFlight++;
      sending.job.owner.attemptStarted();
      void this.#attempt(sending);
    }
  }

  async #attempt(sending: Sending): Promise<void> {
    let record: Promise<void> | undefined;
    try {
      try {
        record = this.#conclude(sending, await this.#sendNext(sending));
      } finally {
        this.#inFlight--;
      }
      if (record !== undefined) {
        // It takes no connection; until it is there, or given up, the mail is not settled.
        this.#recording++;
        this.#pump();
        await record.finally(() => this.#recording--);
      }
    } finally {
      sending.job.owner.attemptEnded();
      if (this.#inFlight + this.#recording === 0) for (const resolve of this.#idle.splice(0)) resolve();
      this.#stragglers.pump();
      this.#pump();
    }
  }

  /** At most one transaction. */
  async #sendNext(sending: Sending): Promise<Turn> {
    this.#stragglers.split(sending);
    const envelope = sending.next();
    if (envelope === undefined) return "nothing-to-send";
    const content = sending.job.compose();
    // Before any connection is taken.
    const attached = this.#deps.attach?.(content, sending.job);
    const attachment = attached instanceof Promise ? await attached : attached;
    if (attached instanceof Promise && this.#isGone(sending)) return "put-back";
    const rendered = this.#render(content, envelope.addressing, attachment);
    const mail = rendered instanceof Promise ? await rendered : rendered;
    if (rendered instanceof Promise && this.#isGone(sending)) return "put-back";
    if (mail instanceof Error) return { content, error: mail };
    sending.attempts++;
    const startedAt = this.#deps.clock.elapsed();
    const outcome = await this.#deps.mailer.send(mail, envelope.pending);
    const elapsedMs = this.#deps.clock.elapsed() - startedAt;
    this.#deps.metrics.sendAttempt(outcome.kind, elapsedMs / 1000);
    // Whatever the circuit and the pace make of it, it will be repeated; the other kinds are counted where that is decided.
    if (outcome.kind === "unreachable") this.#deps.metrics.mailRetried(outcome.failure.reason);
    return { content, envelope, mail, outcome, elapsedMs };
  }

  /** What its turn changes. What is still to be waited for: nothing, or the record of the mail. */
  #conclude(sending: Sending, turn: Turn): Promise<void> | undefined {
    if (typeof turn !== "string" && "outcome" in turn) return this.#after.conclude(sending, turn, this.#inFlight);
    this.#circuit.probeWithdrawn();
    if (turn === "nothing-to-send") return this.#withoutSending(sending);
    if (turn !== "put-back") return this.#settlement.givenUp(sending, turn.content, renderFailed(turn.error, sending));
    this.#ready.putBack(sending);
    return undefined;
  }

  /** The mail, or why there is none: at once where it is quick. Never throws, never rejects. */
  #render(content: MailContent, ...how: [Addressing, Attachment | undefined]): Rendered | Promise<Rendered> {
    const { renderer } = this.#deps;
    try {
      const mail = renderer.renderInTurns?.(content, ...how) ?? renderer.render(content, ...how);
      return mail instanceof Promise ? mail.catch((error: Error) => error) : mail;
    } catch (error) {
      return error as Error;
    }
  }

  /** While something was waited for, all was stopped, or the partition may have become someone else's. */
  #isGone({ job }: Sending): boolean {
    return this.#stopped || !job.owner.mayGoOn();
  }

  #later(sending: Sending, delayMs: number): void {
    if (this.#stopped) return;
    const cancel = this.#deps.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      this.#start(sending);
    });
    this.#timers.add(cancel);
  }

  /** Nobody is to be told; or everybody has it; or all wait. */
  #withoutSending(sending: Sending): Promise<void> | undefined {
    const nobody = sending.addressings.length === 0;
    if (sending.failed.length > 0 || nobody) {
      const why = nobody ? noRecipient(sending) : whyGivenUp(sending, undefined);
      return this.#settlement.givenUp(sending, sending.job.compose(), why);
    }
    if (!this.#stragglers.has(sending)) this.#settlement.acceptedBefore(sending, sending.job.compose());
    return undefined;
  }
}

type Rendered = RenderedMail | Error;

/** What came of the turn of a mail. `put-back`: it has to wait again. */
type Turn = Tried | { readonly content: MailContent; readonly error: Error } | "nothing-to-send" | "put-back";
