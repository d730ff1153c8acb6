import type { Clock } from "./clock.js";
import { type Blame, type Conclusion, conclude, Policy } from "./conclusion.js";
import type { DeliveryOptions } from "./delivery-deps.js";
import type { MailAttempt } from "./mail-job.js";
import type { MailLog } from "./mail-log.js";
import type { Circuit, Pace } from "./mail-server.js";
import {
  digestsOf,
  type Metrics,
  type RecipientFailure,
  type SendOutcome,
  type SendOutcomeKind,
  type SmtpFailure,
} from "./ports.js";
import type { MailQueue } from "./queues.js";
import { wordsOf } from "./send-judgement.js";
import type { Sending, Tried } from "./sending.js";
import type { LastSaid, Settlement } from "./settlement.js";
import type { Stragglers } from "./stragglers.js";
import { whyGivenUp } from "./undeliverable.js";

export interface AfterAttemptDeps {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: MailLog;
  readonly random: () => number;
  readonly options: DeliveryOptions;
  readonly onAttempt: (attempt: MailAttempt) => void;
  readonly circuit: Circuit;
  readonly pace: Pace;
  readonly settlement: Settlement;
  readonly stragglers: Stragglers;
  readonly ready: MailQueue<Sending>;
  /** Puts a mail back into the queue after a pause. */
  readonly later: (sending: Sending, delayMs: number) => void;
}

/** What an attempt changes: for the server, for the mail, for each of its recipients. Does what `conclude` says. */
export class AfterAttempt {
  readonly #deps: AfterAttemptDeps;
  readonly #policy: Policy;

  constructor(deps: AfterAttemptDeps) {
    this.#deps = deps;
    this.#policy = new Policy(() => deps.clock.elapsed());
  }

  /** `inFlight`: attempts under way, with this one. What is still to be waited for: nothing, or the record of the mail. */
  conclude(sending: Sending, tried: Tried, inFlight: number): Promise<void> | undefined {
    const { outcome, mail, content, elapsedMs } = tried;
    const { metrics, clock, log, random, options, circuit, pace, settlement, ready } = this.#deps;
    const refused = outcome.kind === "unreachable" ? [] : this.#noteAnswer(sending, tried, outcome);
    const spentMs = sending.spentMs(clock.elapsed(), circuit.unreachableMs());
    // Somebody got it: nobody else is to blame.
    const isJudged = outcome.kind !== "unreachable" && outcome.kind !== "accepted";
    const blame = isJudged ? this.#blame(sending, spentMs >= options.retryBudgetMs) : undefined;
    // Those of a mail that is tried again are none yet.
    if (blame === undefined || blame === "own") for (const { reason } of refused) metrics.recipientRefused(reason);
    const { retryInitialMs, retryMaxMs, retryBudgetMs } = options;
    // Named one by one: V8 takes ten times as long for a literal that begins with a spread.
    const situation = { inFlight, spentMs, retryInitialMs, retryMaxMs, retryBudgetMs, random, blame };
    const conclusion = conclude(outcome, sending, situation);
    this.#deps.onAttempt({
      content,
      messageId: mail.messageId,
      outcome: conclusion.told.outcome,
      attempts: sending.attempts,
      seconds: elapsedMs / 1000,
      failure: conclusion.told.failure,
    });
    if (conclusion.kind !== "refuses-us") circuit.inconclusive();
    switch (conclusion.kind) {
      case "refuses-us":
        return this.#refusesUs(sending, conclusion.failure);
      case "hold":
        sending.takeBack(true);
        sending.holds++;
        return this.#retry(sending, tried, conclusion);
      case "too-many-connections":
        pace.slowDown();
        sending.history.note("unreachable", conclusion.failure);
        ready.putBack(sending);
        return undefined;
      case "server-away":
        log.unreachable(sending.history, conclusion.failure, circuit.open(conclusion.failure));
        // To the front: it waited longest.
        ready.putBack(sending);
        return undefined;
      case "next-message": {
        const partly = settlement.partly(sending, content, saidOf(tried));
        ready.putBack(sending);
        return partly;
      }
      case "leave-behind":
        return this.#leaveBehind(sending, tried, conclusion);
      case "retry":
        return this.#retry(sending, tried, conclusion);
      case "give-up":
        if (conclusion.spent !== undefined) sending.giveUp(conclusion.spent);
        return settlement.givenUp(sending, content, whyGivenUp(sending, mail.messageId), elapsedMs);
      case "presumed":
        return settlement.through(sending, content, saidOf(tried, wordsOf(conclusion.failure)), conclusion.failure);
      case "through":
        return settlement.through(sending, content, saidOf(tried, conclusion.reply));
    }
  }

  /** No mail's fault: they wait, and another one is tried next. */
  #refusesUs(sending: Sending, failure: SmtpFailure): undefined {
    this.#deps.metrics.mailRetried(failure.reason);
    this.#deps.log.unreachable(sending.history, failure, this.#deps.circuit.open(failure));
    sending.takeBack(false);
    sending.again();
    this.#deps.ready.push(sending);
  }

  #blame(sending: Sending, isSpent: boolean): Blame | undefined {
    const mail = sending.job;
    const { refusedForAll, deferredForAll } = sending;
    if (refusedForAll !== undefined) return this.#policy.refused({ mail, failures: refusedForAll });
    if (deferredForAll === undefined) return undefined;
    return this.#policy.deferred({ mail, failures: deferredForAll }, isSpent);
  }

  /** The server spoke of the mail: who has it now, who never will. */
  #noteAnswer(
    sending: Sending,
    { envelope, mail, elapsedMs }: Tried,
    outcome: Exclude<SendOutcome, { kind: "unreachable" }>,
  ): readonly RecipientFailure[] {
    const { metrics, clock, log, circuit, pace, stragglers } = this.#deps;
    if (outcome.kind === "accepted") this.#policy.accepted(clock.elapsed() - elapsedMs);
    if (circuit.answered(outcome.kind === "accepted")) log.reachable();
    sending.messageIds.add(mail.messageId);
    const before = sending.reached.length;
    const { refused, cut } = sending.note(envelope, outcome);
    // Where it had enough of one transaction, it is not one mail too many.
    if (!cut) pace.note(outcome);
    else if (outcome.kind !== "accepted") sending.history.note(outcome.kind, outcome.failure);
    const took = sending.reached.slice(before);
    metrics.recipientsReached(took);
    stragglers.noteAnswer(sending, took, refused);
    // Not the wall clock: setting it must not use up a mail's budget.
    if (!sending.hasMore && sending.deferral !== undefined && sending.ambiguities === 0)
      sending.startBudget(clock.elapsed(), circuit.unreachableMs());
    return refused;
  }

  /** Those who have it, and those who never will, are through with it; the others get it by and by. */
  #leaveBehind(
    sending: Sending,
    tried: Tried,
    { failure }: Conclusion & { kind: "leave-behind" },
  ): Promise<void> | undefined {
    const { content, mail, elapsedMs } = tried;
    const { pending } = sending;
    const kind = kindOf(sending, tried);
    this.#deps.metrics.mailRetried(failure.reason);
    const retryInMs = this.#deps.stragglers.leaveBehind(sending, this.#deps.clock.elapsed() - elapsedMs);
    this.#sayRetry(sending, tried, kind, failure, { pending, retryInMs });
    if (sending.failed.length > 0)
      return this.#deps.settlement.givenUp(sending, content, whyGivenUp(sending, mail.messageId), elapsedMs);
    if (sending.reachedHere === 0) return undefined;
    return this.#deps.settlement.through(sending, content, saidOf(tried));
  }

  #retry(
    sending: Sending,
    tried: Tried,
    { kind: what, failure, delayMs }: Conclusion & { kind: "retry" | "hold" },
  ): undefined {
    // A mail that is held uses up no budget, and lengthens no pause of it.
    if (what === "retry") sending.deferrals++;
    this.#deps.metrics.mailRetried(failure.reason);
    const kind = kindOf(sending, tried);
    sending.again();
    this.#sayRetry(sending, tried, kind, failure, { pending: sending.pending, retryInMs: delayMs });
    this.#deps.later(sending, delayMs);
  }

  #sayRetry(
    sending: Sending,
    { content, mail, elapsedMs }: Tried,
    kind: SendOutcomeKind,
    failure: SmtpFailure,
    next: { readonly pending: readonly string[]; readonly retryInMs: number },
  ): void {
    const [digest] = digestsOf(content);
    if (digest === undefined) return;
    const progress = this.#deps.settlement.progress(sending, content, digest, { messageId: mail.messageId, elapsedMs });
    this.#deps.log.willRetry(progress, kind, failure, next);
  }
}

/** What deferred it, of all its messages since the last pause. Ask before that is forgotten. */
const kindOf = (sending: Sending, { outcome }: Tried): SendOutcomeKind => sending.deferral?.kind ?? outcome.kind;

/** What is put on record of an attempt. */
const saidOf = (
  { mail, outcome, elapsedMs }: Tried,
  reply = outcome.kind === "accepted" ? outcome.reply : "",
): LastSaid => ({ messageId: mail.messageId, reply, elapsedMs });
