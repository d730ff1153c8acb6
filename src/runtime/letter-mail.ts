import type { LetterFacts, LetterNews } from "../core/letter-news.js";
import { LetterGathering } from "../core/letter-news.js";
import { backoffMs, type Clock } from "./clock.js";
import { Ambiguities } from "./conclusion.js";
import type { DeadLetter } from "./dead-letter-queue.js";
import { letterFacts } from "./letter-facts.js";
import type { Logger } from "./log.js";
import type { LetterPosition, Mailer, Metrics, RenderedMail, SendOutcome } from "./ports.js";
import { failureOf, judged } from "./send-judgement.js";

export interface LetterMailDeps {
  readonly intervalMs: number;
  readonly to: readonly string[];
  readonly render: (news: LetterNews, recipients: readonly string[]) => RenderedMail;
  readonly mailer: Pick<Mailer, "send">;
  readonly metrics: Pick<Metrics, "deadLetterMail">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

/** A mail that somebody has, or may have, and others are still to get: the same one again. */
interface Task {
  readonly mail: RenderedMail;
  pending: readonly string[];
  reached: number;
  readonly ambiguities: Ambiguities;
}

/**
 * Tells somebody of dead letters, with a timer of its own: nothing waits for it, and a mail of it that fails is no dead letter. While nobody has taken a
 * mail, what gathers joins it. What has not left at a stop is tried once more, and is in the dead-letter topic in any case.
 */
export class LetterMail {
  readonly #deps: LetterMailDeps;
  readonly #gathering: LetterGathering;
  #task: Task | undefined;
  /** In a row, since the last attempt that was accepted. */
  #failures = 0;
  #cancel: () => void = () => undefined;
  #sending: Promise<void> | undefined;
  #draining = false;

  constructor(deps: LetterMailDeps) {
    this.#deps = deps;
    this.#gathering = new LetterGathering(deps.intervalMs);
  }

  /** Never throws: a letter is written, whatever becomes of this. */
  note(letter: DeadLetter, position: LetterPosition | undefined): void {
    this.noteFacts(letterFacts(letter, position, this.#deps.clock.now()));
  }

  noteFacts(facts: LetterFacts): void {
    this.#gathering.note(facts);
    if (this.#failures === 0) this.#schedule();
  }

  /** Nothing new begins but what waits, once; resolves when it has its answer. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#cancel();
    await this.#sending;
    const isFree = this.#task !== undefined || this.#gathering.isFree(this.#deps.clock.now());
    const isWaiting = this.#task !== undefined || this.#gathering.waiting > 0;
    // A server that was away a moment ago does not hold up the stop.
    if (isWaiting && isFree && this.#failures === 0) await this.#send();
    const { waiting } = this.#gathering;
    if (waiting > 0) this.#deps.log.warn({ letters: waiting }, "nobody was told of these dead letters before the stop");
  }

  #schedule(leastMs = 0): void {
    this.#cancel();
    if (this.#draining || this.#sending !== undefined) return;
    const { clock } = this.#deps;
    const due = this.#task === undefined ? this.#gathering.dueMs : clock.now();
    if (due === undefined) return;
    this.#cancel = clock.after(Math.max(leastMs, due - clock.now()), () => {
      this.#sending = this.#send().finally(() => {
        this.#sending = undefined;
        this.#schedule(this.#failures === 0 ? 0 : this.#pauseMs());
      });
    });
  }

  #pauseMs(): number {
    return backoffMs(this.#failures, RETRY_INITIAL_MS, RETRY_MAX_MS, this.#deps.random);
  }

  async #send(): Promise<void> {
    const { mailer, render, to, clock, log } = this.#deps;
    const news = this.#task === undefined ? this.#gathering.take(clock.now()) : undefined;
    try {
      this.#task ??= { mail: render(news as LetterNews, to), pending: to, reached: 0, ambiguities: new Ambiguities() };
      const outcome = await mailer.send(this.#task.mail, this.#task.pending);
      this.#judge(this.#task, outcome, news);
    } catch (error) {
      if (news !== undefined) this.#gathering.back(news);
      this.#failures++;
      log.error({ error: (error as Error).message }, "mail about dead letters cannot be made");
    }
  }

  #judge(task: Task, outcome: SendOutcome, news: (LetterNews & { readonly taken: unknown }) | undefined): void {
    // The server may have it: it is sent again as it was, and is taken for delivered after some times.
    const { refused, still, reached } = judged(outcome, task.pending, task.ambiguities);
    task.reached += reached.length;
    task.pending = still;
    if (still.length === 0) {
      this.#ended(task, outcome, refused.length);
      return;
    }
    this.#failures++;
    if (task.reached === 0 && outcome.kind !== "ambiguous" && news !== undefined) {
      this.#task = undefined;
      this.#gathering.back(news);
    } else if (task.reached > 0 && this.#failures > ATTEMPTS_MAX) {
      this.#ended(task, outcome, still.length);
      return;
    }
    if (this.#failures === 1)
      this.#deps.log.warn(
        { outcome: outcome.kind, ...failureOf(outcome), recipients: still.length },
        "mail about dead letters not accepted yet; will be tried again",
      );
  }

  #ended({ mail, reached }: Task, outcome: SendOutcome, missing: number): void {
    const { metrics, log, clock } = this.#deps;
    this.#task = undefined;
    this.#failures = 0;
    this.#gathering.left(clock.now());
    const about = { messageId: mail.messageId, recipients: reached, missing };
    metrics.deadLetterMail(reached > 0 ? "sent" : "failed");
    if (reached > 0) log.info(about, "mail about dead letters sent");
    else log.error({ ...about, ...failureOf(outcome) }, "mail about dead letters refused; it is given up");
  }
}

const RETRY_INITIAL_MS = 2_000;
const RETRY_MAX_MS = 300_000;
/** For those whom the server defers while others have it. */
const ATTEMPTS_MAX = 10;
