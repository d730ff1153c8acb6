import type { Digest, RecipientFailure, SendOutcome, SmtpFailure } from "#src/runtime/ports.js";
import type { Random } from "#test/support/random.js";
import type { VirtualClock } from "#test/support/virtual-clock.js";
import { type Ledger, RECIPIENTS } from "./ledger.js";
import type { Moods } from "./moods.js";

const failure = (reason: SmtpFailure["reason"]): SmtpFailure => ({
  phase: "data",
  reason,
  reply: "450 later",
  code: 450,
});
const failureOf = (address: string, reason: SmtpFailure["reason"]): RecipientFailure => ({
  ...failure(reason),
  address,
});

/** What is seen where nobody said what became of the message. */
const UNANSWERED: readonly SmtpFailure[] = [
  { phase: "sent", reason: "connection-lost", reply: "", code: undefined, detail: "read ECONNRESET" },
  { phase: "sent", reason: "timeout", reply: "", code: undefined, detail: "no reply" },
  { phase: "sent", reason: "protocol", reply: "gone for lunch", code: undefined },
];

const TOO_MANY_CONNECTIONS: SmtpFailure = {
  phase: "greeting",
  reason: "service-unavailable",
  reply: "421 4.7.0 too many connections",
  code: 421,
};
const REFUSES_US: SmtpFailure = {
  phase: "rcpt",
  reason: "policy",
  reply: "554 5.7.1 relay access denied",
  code: 554,
};
const TOO_MANY_RECIPIENTS: SmtpFailure = {
  phase: "rcpt",
  reason: "too-many-recipients",
  reply: "452 4.5.3 too many recipients",
  code: 452,
};

export interface Attempt {
  /** One, or those of a fleet mail. */
  readonly digests: readonly Digest[];
  readonly messageId: string;
  readonly to: readonly string[];
  /** The server has taken it for these. Nobody may have heard of it. */
  readonly taken: (recipients: readonly string[]) => void;
}

/** The SMTP server: takes mails, or not, and does not always tell the truth. What it takes goes into the ledger. */
export class SmtpServer {
  readonly #clock: VirtualClock;
  readonly #ledger: Ledger;
  readonly #moods: Moods;
  #connections = 0;

  constructor(clock: VirtualClock, ledger: Ledger, moods: Moods) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.#moods = moods;
  }

  /** Decides in its own time, also when the sender is gone by then; `answer` comes later still. */
  attempt(attempt: Attempt, random: Random, answer: (outcome: SendOutcome) => void): void {
    const { slowestMs } = this.#moods.smtp(attempt.digests[0]?.deviceId ?? "");
    const answersAfter = random.between(5, Math.max(5, slowestMs));
    const decidesAfter = random.between(2, answersAfter);
    this.#connections++;
    this.#clock.after(decidesAfter, () => {
      const outcome = this.#decide(attempt, random);
      this.#clock.after(answersAfter - decidesAfter, () => {
        this.#connections--;
        answer(outcome);
      });
    });
  }

  #decide(attempt: Attempt, random: Random): SendOutcome {
    const { digests, to } = attempt;
    const excuse = (): void => {
      for (const { partition, listed } of digests)
        this.#ledger.excuse(
          partition,
          listed.map(({ offset }) => offset),
          to,
        );
    };
    const mood = this.#moods.smtp(digests[0]?.deviceId ?? "");
    if (mood.connectionsMax > 0 && this.#connections > mood.connectionsMax)
      return { kind: "unreachable", failure: TOO_MANY_CONNECTIONS };
    if (mood.refusesUs)
      return { kind: "refused", failure: REFUSES_US, recipients: to.map((address) => ({ ...REFUSES_US, address })) };
    if (mood.recipientsMax > 0 && to.length > mood.recipientsMax) {
      this.#take(attempt, to.slice(0, mood.recipientsMax));
      const others = to.slice(mood.recipientsMax);
      const deferred = others.map((address) => ({ ...TOO_MANY_RECIPIENTS, address }));
      return { kind: "accepted", reply: "250 OK", refused: [], deferred };
    }
    if (mood.down) return { kind: "unreachable", failure: failure("connection-refused") };
    if (random.chance(mood.deferred)) return { kind: "deferred", failure: failure("message-deferred"), refused: [] };
    if (random.chance(mood.refused)) return { kind: "refused", failure: failure("message-refused"), recipients: [] };
    if (random.chance(mood.lies)) {
      this.#take(attempt, to);
      excuse();
      return { kind: "deferred", failure: failure("message-deferred"), refused: [] };
    }
    if (mood.silent || random.chance(mood.ambiguous)) {
      const how = random.next();
      if (how < 0.4) this.#take(attempt, to);
      else if (how < 0.6) this.#clock.after(random.between(1, 3000), () => this.#take(attempt, to));
      if (how < 0.6) excuse();
      for (const { partition, listed } of digests) this.#ledger.unanswered(partition, listed, to);
      // Of the same draw.
      const seen = UNANSWERED[Math.floor(how * 100) % UNANSWERED.length] as SmtpFailure;
      return { kind: "ambiguous", failure: seen, refused: [] };
    }
    const full = mood.full ? to.find((address) => address === RECIPIENTS[1]) : undefined;
    const bad = full ?? (random.chance(mood.partly) ? random.pick(to) : undefined);
    const good = to.filter((address) => address !== bad);
    const forGood = full === undefined && random.chance(0.3);
    if (bad !== undefined && good.length === 0 && !forGood)
      return { kind: "deferred", failure: failure("recipient-deferred"), refused: [] };
    if (bad !== undefined && good.length === 0)
      return {
        kind: "refused",
        failure: failure("recipient-refused"),
        recipients: [failureOf(bad, "recipient-refused")],
      };
    this.#take(attempt, good);
    return {
      kind: "accepted",
      reply: "250 OK",
      refused: bad !== undefined && forGood ? [failureOf(bad, "recipient-refused")] : [],
      deferred: bad !== undefined && !forGood ? [failureOf(bad, "recipient-deferred")] : [],
    };
  }

  #take({ digests, messageId, taken }: Attempt, recipients: readonly string[]): void {
    for (const digest of digests) this.#ledger.accepted(digest, messageId, recipients);
    taken(recipients);
  }
}
