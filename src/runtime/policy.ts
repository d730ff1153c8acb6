/** Whether a refusal is a mail's fault or about us: what others got since the last mail that was accepted tells it. */

import type { RecipientFailure } from "./ports.js";
import { speaksOf } from "./refusals.js";

/** A mail that nobody has got since its last pause. */
export interface RefusedMail {
  /** Its identity. */
  readonly mail: object;
  /** Each of its recipients with what the server said. */
  readonly failures: readonly RecipientFailure[];
}

/**
 * `own`: the mail's, or its recipients': a dead letter. `hold`: it cannot be told yet; the mail is tried again after a pause. `us`: no mail's fault, so
 * none is given up for it.
 */
export type Blame = "own" | "hold" | "us";

interface Suspicion {
  /** When it was refused first. */
  readonly since: number;
  tries: number;
}

interface Refusal extends RefusedMail {
  readonly at: number;
}

/**
 * A refusal that speaks of a recipient is that recipient's. Any other is held against nobody at once: where another mail is accepted meanwhile, it was the
 * mail; where others are refused likewise and none is accepted, it is us; where nothing else is sent, the mail is tried twice more. A refusal that speaks
 * of us needs no other mail, unless one was accepted within the last minute.
 */
export class Policy {
  readonly #now: () => number;
  readonly #suspicions = new WeakMap<object, Suspicion>();
  /** Refused since the last mail that was accepted, the oldest first. */
  #refused: Refusal[] = [];
  #acceptedAt = Number.NEGATIVE_INFINITY;
  /** When the last mail that was accepted had begun: what was refused after that, it says nothing of. */
  #acceptedFrom = Number.NEGATIVE_INFINITY;

  /** `now`: milliseconds that only grow. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Somebody was accepted as a recipient of a mail whose attempt began at `from`. Answers overtake each other. */
  accepted(from: number): void {
    this.#acceptedAt = this.#now();
    this.#acceptedFrom = Math.max(this.#acceptedFrom, from);
    this.#refused = this.#refused.filter(({ at }) => at > from);
  }

  /** Refused for all its recipients. */
  refused(one: RefusedMail): Blame {
    if (!one.failures.every(isSuspicious)) return "own";
    const { suspicion, likewise } = this.#note(one);
    suspicion.tries++;
    if (suspicion.tries > 1 && this.#acceptedFrom >= suspicion.since) return "own";
    if (likewise) return "us";
    const saysSo = one.failures.every(({ reason }) => reason === "policy");
    if (saysSo && (suspicion.tries >= TRIES || !this.#acceptedLately)) return "us";
    return suspicion.tries >= TRIES ? "own" : "hold";
  }

  /**
   * Deferred by words about us (4xx), or with 421 to whatever is sent. `spent`: its retry budget is. A deferral holds itself: undefined, it is tried again
   * as any other.
   */
  deferred(one: RefusedMail, spent: boolean): "us" | undefined {
    // "Service not available" (RFC 5321 section 4.2.3). It may pass with fewer mails at once, so other mails that get it prove nothing yet.
    if (one.failures.every(isClosing)) return this.#isOurs(this.#suspicionOf(one.mail), spent);
    if (!one.failures.every(({ reason }) => reason === "policy")) return undefined;
    const { suspicion, likewise } = this.#note(one);
    return likewise ? "us" : this.#isOurs(suspicion, spent);
  }

  /** It got nothing else for all its time, and no other mail was accepted in it. */
  #isOurs({ since }: Suspicion, spent: boolean): "us" | undefined {
    return spent && this.#acceptedFrom < since ? "us" : undefined;
  }

  #suspicionOf(mail: object): Suspicion {
    const known = this.#suspicions.get(mail);
    if (known !== undefined) return known;
    const suspicion = { since: this.#now(), tries: 0 };
    this.#suspicions.set(mail, suspicion);
    return suspicion;
  }

  get #acceptedLately(): boolean {
    return this.#now() - this.#acceptedAt < LATELY_MS;
  }

  /** Whether others were refused as well, with nothing accepted between, that no recipient of theirs explains. */
  #note(one: RefusedMail): { readonly suspicion: Suspicion; readonly likewise: boolean } {
    const suspicion = this.#suspicionOf(one.mail);
    const others = this.#refused.filter(({ mail }) => mail !== one.mail);
    this.#refused = [...others, { ...one, at: this.#now() }].slice(-EVIDENCE_MAX);
    const likewise =
      others.some((other) => isOfSender(one, other) || haveDifferentRecipients(one, other)) ||
      (!atRcpt(one) && others.filter((other) => !atRcpt(other)).length + 1 >= MAILS_TO_ANYBODY);
    return { suspicion, likewise };
  }
}

/** It may be about us. An address or a message that cannot be sent at all is not, nor a recipient that was deferred until its budget ended. */
const isSuspicious = ({ reason, reply }: RecipientFailure): boolean =>
  reason !== "too-large" && reason !== "recipient-deferred" && reply !== "" && speaksOf(reply) !== "recipient";

/** Before or after the recipients: at RCPT, servers also say 421 because of too many recipients that they do not take. */
const isClosing = ({ phase, reason }: RecipientFailure): boolean =>
  phase !== "rcpt" && reason === "service-unavailable";

const atRcpt = ({ failures }: RefusedMail): boolean => failures.every(({ phase }) => phase === "rcpt");
const atMail = ({ failures }: RefusedMail): boolean => failures.every(({ phase }) => phase === "mail");

/** Refused before anybody was named. */
const isOfSender = (one: RefusedMail, other: RefusedMail): boolean => atMail(one) && atMail(other);

/** Each has somebody whom the other has not. */
const haveDifferentRecipients = (one: RefusedMail, other: RefusedMail): boolean =>
  hasOthers(one, other) && hasOthers(other, one);

const hasOthers = (one: RefusedMail, than: RefusedMail): boolean => {
  const known = new Set(than.failures.map(({ address }) => address));
  return one.failures.some(({ address }) => !known.has(address));
};

/** In all, of a mail that nothing else tells of. */
const TRIES = 3;
const LATELY_MS = 60_000;
const EVIDENCE_MAX = 16;
/** Of the same recipients, refused after they were taken at RCPT. */
const MAILS_TO_ANYBODY = 3;
