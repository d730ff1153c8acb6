/** Who is waited for, and when which of their mails is tried. Pure: the clock comes as an argument. */

import type { WallTime } from "../core/time.js";
import { chainOf, type DueHow, dueOf, nextDueOf } from "./due-shares.js";
import type { SmtpFailure } from "./ports.js";
import { RecipientLanes } from "./recipient-lanes.js";
import type { Deferring, Known, Moment, Share, State } from "./waiting-state.js";

/** What an attempt came to for one recipient that is still to get it. */
export interface Deferral {
  readonly failure: SmtpFailure;
  /** The server spoke of the recipient, not of the message. */
  readonly ofRecipient: boolean;
  /** It may have the mail: no other windows may join it now. */
  readonly ambiguous: boolean;
  /** `elapsed` when the attempt began. */
  readonly startedAt: number;
}

/** A recipient that is waited for, as the page shows it. */
export interface WaitingRecipient {
  readonly address: string;
  readonly since: WallTime;
  readonly failure: SmtpFailure;
}

export interface WaitingOptions {
  readonly budgetMs: number;
  /** `CATCH_UP_AFTER`, or Infinity. */
  readonly catchUpAfterMs: number;
}

/** From how many deferrals there were, and how much of the budget is spent. */
export type Pause = (deferrals: number, spentMs: number) => number;

/**
 * A recipient that the server defers is tried with one mail at a time, after growing pauses, with another lane's mail each time, so that a mail that is
 * itself the trouble blocks none. Once it takes one, all its lanes go on at once. A recipient whose mail used up its budget is waited for no more:
 * each next mail is tried once, until it takes one.
 */
export class WaitingRecipients<S extends Share> {
  readonly #options: WaitingOptions;
  readonly #known = new Map<string, Known<S>>();
  readonly #states = new Map<S, State>();
  readonly #exhausted = new Set<string>();
  readonly #how: DueHow<S>;
  #seq = 0;

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#how = {
      ...options,
      stateOf: (share) => this.#stateOf(share),
      isExhausted: (address) => this.#exhausted.has(address),
    };
  }

  get shares(): Iterable<S> {
    return this.#states.keys();
  }

  get size(): number {
    return this.#states.size;
  }

  /** Nobody is waited for, and nobody was for too long. */
  get isIdle(): boolean {
    return this.#states.size + this.#exhausted.size === 0;
  }

  /** Its next mail has to wait: the server defers it, or one of these devices' mails is before it. */
  mustWait(address: string, lanes: readonly string[]): boolean {
    const known = this.#known.get(address);
    if (known === undefined) return false;
    return known.deferring !== undefined || lanes.some((lane) => known.lanes.has(lane));
  }

  /** `elapsed` before which it is not tried again with this share. */
  nextTryOf(share: S): number {
    return this.#known.get(share.address)?.deferring?.nextTryAt ?? this.#states.get(share)?.notBefore ?? 0;
  }

  /** Its budget ran out, and it has taken no mail since. */
  isExhausted(address: string): boolean {
    return this.#exhausted.has(address);
  }

  lastFailure(address: string): SmtpFailure | undefined {
    return this.#known.get(address)?.deferring?.failure;
  }

  add(share: S): void {
    const known = this.#known.get(share.address) ?? {
      lanes: new RecipientLanes<S>(),
      deferring: undefined,
    };
    this.#known.set(share.address, known);
    const seq = this.#seq++;
    this.#states.set(share, {
      seq,
      deferredAt: undefined,
      deferrals: 0,
      notBefore: 0,
      triedAt: -1,
      held: undefined,
      frozen: undefined,
    });
    known.lanes.add(share);
  }

  /**
   * It was deferred. `spent`: its budget is used up, or nothing is waited for, and it is for `through` to take it out; until then it stays under way, for
   * it takes a moment to put that on record.
   */
  deferred(
    chain: readonly S[],
    { failure, ofRecipient, ambiguous, startedAt }: Deferral,
    now: Moment,
    pause: Pause,
  ): "waits" | "begins" | "spent" {
    const [head] = chain as readonly [S];
    const known = this.#known.get(head.address);
    const state = this.#states.get(head);
    if (known === undefined || state === undefined) return "waits";
    state.triedAt = Math.max(state.triedAt, startedAt);
    // Minutes without an answer are nobody's refusal: they use up no budget.
    if (!ambiguous) state.deferredAt ??= now.worked;
    const spentMs = now.worked - (state.deferredAt ?? now.worked);
    const isExhausted = this.#exhausted.has(head.address);
    if (ofRecipient && (isExhausted || spentMs >= this.#options.budgetMs)) {
      this.#exhaust(head.address);
      known.deferring = undefined;
      return "spent";
    }
    if (!ambiguous && spentMs >= this.#options.budgetMs) return "spent";
    for (const share of chain) if (this.#states.has(share)) known.lanes.end(share);
    state.frozen = ambiguous ? chain : undefined;
    if (!ofRecipient) {
      state.notBefore = now.elapsed + pause(++state.deferrals, spentMs);
      state.held = { since: state.held?.since ?? now.wall, failure };
      return "waits";
    }
    const { deferring } = known;
    if (deferring === undefined) {
      const nextTryAt = now.elapsed + pause(1, spentMs);
      known.deferring = { since: now.wall, deferrals: 1, nextTryAt, lastDeferredAt: now.elapsed, failure };
      return "begins";
    }
    deferring.failure = failure;
    // One of several that were under way together: one refusal, not many.
    if (startedAt < deferring.lastDeferredAt) return "waits";
    deferring.nextTryAt = now.elapsed + pause(++deferring.deferrals, spentMs);
    deferring.lastDeferredAt = now.elapsed;
    return "waits";
  }

  /** The server takes mail for it. Gives since when it did not. */
  took(address: string): Deferring | undefined {
    this.#exhausted.delete(address);
    const known = this.#known.get(address);
    const deferring = known?.deferring;
    if (known !== undefined) known.deferring = undefined;
    return deferring;
  }

  /** The server refuses it for good: no reason to wait with its other mails. */
  spokeOf(address: string): void {
    const known = this.#known.get(address);
    if (known !== undefined) known.deferring = undefined;
  }

  /** It is under way: nothing else is to be done with it. */
  take(share: S, now: Moment): void {
    const known = this.#known.get(share.address);
    if (known !== undefined && this.#states.has(share)) this.#try(known, share, now);
  }

  isTrying(share: S): boolean {
    return this.#known.get(share.address)?.lanes.isUnderWay(share) === true;
  }

  /** It needs nothing more: its recipient has it, or never will. False: that was known. */
  through(share: S): boolean {
    const known = this.#known.get(share.address);
    if (known === undefined || !this.#states.delete(share)) return false;
    known.lanes.remove(share);
    if (known.lanes.size === 0) this.#known.delete(share.address);
    return true;
  }

  /** Whether one went before it in a lane since it came: how it leaves depends on what became of that. */
  hasPredecessor(share: S): boolean {
    const known = this.#known.get(share.address);
    return known !== undefined && !known.lanes.isFirst(share);
  }

  /** What to try now: for each attempt the recipients, each with the shares that it gets as one mail, in order. They are under way then. */
  due(now: Moment): (readonly S[])[][] {
    const attempts = new Map<string, (readonly S[])[]>();
    const mails = new Map<object, number>();
    const numberOf = (mail: object): number => {
      const number = mails.get(mail) ?? mails.size;
      mails.set(mail, number);
      return number;
    };
    for (const known of this.#known.values()) {
      for (const head of dueOf(known, now, this.#how)) {
        const chain = this.#frozenOf(head) ?? chainOf(known, head, now, this.#how);
        for (const share of chain) this.#try(known, share, now);
        const key = `${head.look} ${chain.map(({ mail }) => numberOf(mail)).join(" ")}`;
        const attempt = attempts.get(key);
        if (attempt === undefined) attempts.set(key, [chain]);
        else attempt.push(chain);
      }
    }
    return [...attempts.values()];
  }

  /** `elapsed` of the next attempt; undefined: none is to be waited for. */
  get nextDueAt(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const [address, known] of this.#known) next = Math.min(next, nextDueOf(address, known, this.#how));
    return Number.isFinite(next) ? next : undefined;
  }

  /** Whose mail is deferred, the one that waits longest first. */
  waiting(): (WaitingRecipient & { readonly shares: readonly S[] })[] {
    const byAddress = new Map<string, S[]>();
    for (const share of this.#states.keys()) {
      const some = byAddress.get(share.address);
      if (some === undefined) byAddress.set(share.address, [share]);
      else some.push(share);
    }
    const waiting = [...byAddress].flatMap(([address, shares]) => {
      const held = this.#known.get(address)?.deferring ?? this.#heldOf(shares);
      return held === undefined ? [] : [{ address, since: held.since, failure: held.failure, shares }];
    });
    return waiting.sort((a, b) => a.since - b.since);
  }

  #heldOf(shares: readonly S[]): State["held"] {
    const held = shares.flatMap((share) => this.#stateOf(share).held ?? []);
    return held.sort((a, b) => a.since - b.since)[0];
  }

  /** It goes again with those that it went with, and no others, where that may have come. */
  #frozenOf(head: S): readonly S[] | undefined {
    const { frozen } = this.#stateOf(head);
    return (frozen as readonly S[] | undefined)?.filter((share) => this.#states.has(share));
  }

  #try(known: Known<S>, share: S, now: Moment): void {
    this.#stateOf(share).triedAt = now.elapsed;
    known.lanes.begin(share);
  }

  #exhaust(address: string): void {
    this.#exhausted.delete(address);
    this.#exhausted.add(address);
    const [oldest] = this.#exhausted;
    if (this.#exhausted.size > EXHAUSTED_MAX && oldest !== undefined) this.#exhausted.delete(oldest);
  }

  #stateOf(share: S): State {
    return this.#states.get(share) as State;
  }
}

/** One that is forgotten is waited for once more. */
const EXHAUSTED_MAX = 10_000;
