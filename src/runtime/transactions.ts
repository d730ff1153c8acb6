/** Which recipients of a message go in its next transaction. Pure: told what each transaction ended in, it says who is next. */

import type { ServerMemory } from "./mail-server.js";
import type { RecipientFailure, SendOutcome, SmtpFailure } from "./ports.js";

type Ended = Exclude<SendOutcome, { kind: "unreachable" }>;

/** What is final after a transaction: who has the message, and who never will. */
export interface TransactionEnd {
  readonly reached: readonly string[];
  readonly refused: readonly RecipientFailure[];
  /** Why recipients of this transaction wait for the next pause; undefined when none of them does. */
  readonly deferral: SmtpFailure | undefined;
  /** It ended before everybody was answered for: those go on in smaller ones, at once. */
  readonly cut: boolean;
}

/**
 * Between two pauses each recipient goes in one transaction, unless the server ended one without an answer for everybody, limits their number, or
 * refuses a message that it may take for some: then in smaller ones, at once. Each of them answers for somebody, or is at most half as large, so
 * their number is bounded; whoever ends one alone waits for the next pause by itself.
 */
export class Transactions {
  readonly #memory: ServerMemory;
  readonly #most: number;
  readonly #all: number;
  /** Due, each in a transaction of its own, before the queue. */
  #groups: (readonly string[])[] = [];
  /** Due, in order. */
  #queue: string[];
  /** Most of the queue in one transaction; halved by one that is cut, doubled by one that is not. */
  #size = Number.POSITIVE_INFINITY;
  /** After the next pause, with what the server said. */
  readonly #later = new Map<string, SmtpFailure>();
  /** Cut a transaction that was theirs alone. */
  readonly #alone = new Set<string>();
  /** Cut in a row without an answer for anybody. */
  #silent = 0;
  #search: Search | undefined;
  /** It was refused for everybody that was tried. */
  #searched = false;

  constructor(pending: readonly string[], how: { readonly most: number; readonly memory: ServerMemory }) {
    this.#most = how.most;
    this.#memory = how.memory;
    this.#all = pending.length;
    this.#queue = [...pending];
  }

  /** Those who don't have it yet, and may. */
  get pending(): readonly string[] {
    return [...this.#groups.flat(), ...this.#queue, ...this.#later.keys()];
  }

  /** Who waits for the next pause, with what the server said of it or of its transaction. */
  get deferred(): ReadonlyMap<string, SmtpFailure> {
    return this.#later;
  }

  get hasMore(): boolean {
    return this.#groups.length + this.#queue.length > 0;
  }

  /** Those of the next transaction; the same until `note` is told of it. */
  next(): readonly string[] | undefined {
    const [group] = this.#groups;
    if (group !== undefined) return group;
    const [first] = this.#queue;
    if (first === undefined) return undefined;
    if (this.#goesAlone(first)) return [first];
    const most = Math.max(1, Math.min(this.#most, this.#size, this.#memory.mostRecipients));
    const some: string[] = [];
    for (const address of this.#queue) {
      if (some.length === most) break;
      if (!this.#goesAlone(address)) some.push(address);
    }
    return some;
  }

  #goesAlone(address: string): boolean {
    return this.#alone.has(address) || this.#memory.isCulprit(address);
  }

  /** What became of the transaction that `next` gave. */
  note(to: readonly string[], outcome: Ended): TransactionEnd {
    this.leave(to);
    switch (outcome.kind) {
      case "accepted":
        return this.#accepted(to, outcome);
      case "refused":
        return this.#refused(to, outcome);
      case "deferred":
      case "ambiguous":
        return this.#deferredOrCut(to, outcome);
    }
  }

  /** After a pause: all who are not through, those who had no turn before it first. */
  again(): void {
    this.#queue.push(...this.#later.keys());
    this.#later.clear();
    this.#silent = 0;
  }

  /** They are to get it after all, after the next pause. `searched`: it is not worth while to look for one because of whom it was refused. */
  takeBack(failures: readonly RecipientFailure[], searched: boolean): void {
    this.#defer(failures);
    this.#search = undefined;
    this.#searched = searched;
  }

  /** These are not waited for here any more. */
  leave(addresses: readonly string[]): void {
    const gone = new Set(addresses);
    const stays = (address: string): boolean => !gone.has(address);
    this.#groups = this.#groups.map((group) => group.filter(stays)).filter((group) => group.length > 0);
    this.#queue = this.#queue.filter(stays);
    for (const address of gone) this.#later.delete(address);
  }

  #accepted(to: readonly string[], outcome: Extract<Ended, { kind: "accepted" }>): TransactionEnd {
    const without = new Set([...outcome.refused, ...outcome.deferred].map(({ address }) => address));
    const reached = to.filter((address) => !without.has(address));
    for (const address of reached) this.#alone.delete(address);
    this.#silent = 0;
    const surplus = outcome.deferred.filter(isSurplus);
    if (surplus.length > 0) this.#limited(to, surplus, reached.length);
    else {
      this.#memory.took(to.length);
      this.#size *= 2;
    }
    if (this.#search !== undefined) this.#search.accepted(this.#memory);
    const deferral = this.#defer(outcome.deferred.filter((failure) => !isSurplus(failure)));
    return { reached, refused: outcome.refused, deferral, cut: false };
  }

  /** The rest goes in the next one, before all others. */
  #limited(to: readonly string[], surplus: readonly RecipientFailure[], taken: number): void {
    const addresses = surplus.map(({ address }) => address);
    this.#memory.limited(Math.max(taken, to.indexOf(addresses[0] ?? "")));
    this.#queue.unshift(...addresses);
  }

  #refused(to: readonly string[], outcome: Extract<Ended, { kind: "refused" }>): TransactionEnd {
    const { failure, recipients, rcpt } = outcome;
    const said = new Set(recipients.map(({ address }) => address));
    const unnamed = to.filter((address) => !said.has(address));
    const taken = rcpt?.taken ?? [];
    const afterRcpt = failure.phase === "data" || failure.phase === "sent";
    const surplus = (rcpt?.deferred ?? []).filter(isSurplus);
    const deferred = (rcpt?.deferred ?? []).filter((one) => !isSurplus(one));
    if (failure.phase === "data" && taken.length > 0 && taken.length < to.length) {
      // It does so where it refused some at RCPT (Exim's recipients_max_reject): the others alone.
      this.#groups.unshift(taken);
      if (surplus.length > 0) this.#limited(to, surplus, taken.length);
      return { reached: [], refused: recipients, deferral: this.#defer(deferred), cut: true };
    }
    const maybeOne = failure.reason === "message-refused" || /^\d{3}[ -]\d\.2\.\d/.test(failure.reply);
    const refusedNow = (addresses: readonly string[]) => addresses.map((address) => ({ ...failure, address }));
    const isSearch = unnamed.length > 1 || (unnamed.length === 1 && this.#search !== undefined);
    if (!afterRcpt || !maybeOne || this.#searched || !isSearch) {
      const refused = to.map((address) => recipients.find((one) => one.address === address) ?? { ...failure, address });
      return { reached: [], refused, deferral: undefined, cut: false };
    }
    this.#search ??= new Search();
    const found = this.#search.refused(unnamed, this.#groups, this.#memory);
    this.#groups = found.groups;
    this.#searched = found.isMessage;
    return { reached: [], refused: [...recipients, ...refusedNow(found.refused)], deferral: undefined, cut: true };
  }

  #deferredOrCut(to: readonly string[], outcome: Extract<Ended, { kind: "deferred" | "ambiguous" }>): TransactionEnd {
    const { failure, refused } = outcome;
    const { taken = [], deferred = [] } = ("rcpt" in outcome && outcome.rcpt) || {};
    const surplus = deferred.filter(isSurplus);
    const answered = new Set([...refused, ...deferred].map(({ address }) => address));
    const rest = to.filter((address) => !answered.has(address));
    const isCut =
      outcome.kind === "deferred" &&
      (failure.code === 421 || failure.reply === "") &&
      MAY_BE_RECIPIENTS.has(failure.phase);
    const own = deferred.filter((one) => !isSurplus(one));
    // Where it took nobody, the first of the surplus was not too many, unless others before it were answered.
    const surplusGoesOn = surplus.length > 0 && (isCut || to.indexOf(surplus[0]?.address ?? "") > 0);
    if (surplusGoesOn) this.#limited(to, surplus, taken.length);
    const deferral = this.#defer(surplusGoesOn ? own : deferred);
    if (!isCut || rest.length === 0 || taken.length === to.length) {
      return { reached: [], refused, deferral: this.#deferAll(rest, failure) ?? deferral, cut: false };
    }
    return { reached: [], refused, deferral: this.#cut(to, rest, taken, failure) ?? deferral, cut: true };
  }

  #cut(
    to: readonly string[],
    rest: readonly string[],
    taken: readonly string[],
    failure: SmtpFailure,
  ): SmtpFailure | undefined {
    const wasTaken = new Set(taken);
    const unanswered = rest.filter((address) => !wasTaken.has(address));
    this.#silent = unanswered.length === to.length ? this.#silent + 1 : 0;
    const isAlone = to.length === 1;
    if (isAlone) {
      for (const address of to) this.#alone.add(address);
      this.#deferAll(to, failure);
    } else {
      if (taken.length > 0) this.#groups.unshift(taken);
      this.#queue.unshift(...unanswered);
      if (unanswered.length > 0) this.#size = Math.ceil(unanswered.length / 2);
    }
    // At MAIL with one recipient nobody's turn had come: it is the server. So it is where it never says anything.
    const isServer = (isAlone && failure.phase === "mail") || this.#silent > Math.ceil(Math.log2(this.#all)) + 1;
    if (isServer) this.#pause(failure);
    return isAlone || isServer ? failure : undefined;
  }

  #pause(failure: SmtpFailure): void {
    this.#deferAll([...this.#groups.flat(), ...this.#queue], failure);
    this.#groups = [];
    this.#queue = [];
  }

  #defer(failures: readonly RecipientFailure[]): SmtpFailure | undefined {
    for (const { address, ...failure } of failures) this.#later.set(address, failure);
    return failures[0];
  }

  #deferAll(addresses: readonly string[], failure: SmtpFailure): SmtpFailure | undefined {
    for (const address of addresses) this.#later.set(address, failure);
    return addresses.length > 0 ? failure : undefined;
  }
}

/**
 * A message was refused after its end, for several recipients: halves, then their halves, until those because of whom it is are alone. Where nobody
 * is accepted, some are tried alone; where none of them is either, it is the message.
 */
class Search {
  #refusals = 0;
  #someoneHasIt = false;
  readonly #refusedAlone: string[] = [];

  accepted(memory: ServerMemory): void {
    if (!this.#someoneHasIt) for (const address of this.#refusedAlone) memory.blame(address);
    this.#someoneHasIt = true;
  }

  /** Who of the refused group never gets it, and what is tried next. */
  refused(
    group: readonly string[],
    others: readonly (readonly string[])[],
    memory: ServerMemory,
  ): { readonly refused: readonly string[]; readonly groups: (readonly string[])[]; readonly isMessage: boolean } {
    this.#refusals++;
    const isAlone = group.length === 1;
    if (isAlone) {
      this.#refusedAlone.push(...group);
      if (this.#someoneHasIt) for (const address of group) memory.blame(address);
    }
    const middle = Math.ceil(group.length / 2);
    const groups = [...others, ...(isAlone ? [] : [group.slice(0, middle), group.slice(middle)])];
    const refused = isAlone ? group : [];
    if (this.#someoneHasIt || this.#refusals < REFUSALS_BEFORE_SAMPLES) return { refused, groups, isMessage: false };
    if (this.#refusals === REFUSALS_BEFORE_SAMPLES) return { refused, groups: sampled(groups), isMessage: false };
    if (this.#refusals < REFUSALS_BEFORE_SAMPLES + SAMPLES) return { refused, groups, isMessage: false };
    return { refused: [...refused, ...groups.flat()], groups: [], isMessage: true };
  }
}

/** The first of each group alone, so that one that could get it is found soon. */
const sampled = (groups: readonly (readonly string[])[]): (readonly string[])[] => {
  const some = groups.slice(0, SAMPLES);
  const alone = some.map((group) => group.slice(0, 1));
  const rest = [...some.map((group) => group.slice(1)), ...groups.slice(SAMPLES)];
  return [...alone, ...rest.filter((group) => group.length > 0)];
};

const isSurplus = ({ reason }: SmtpFailure): boolean => reason === "too-many-recipients";

/** With PIPELINING all of them have gone out when the reply to MAIL is awaited. */
const MAY_BE_RECIPIENTS: ReadonlySet<SmtpFailure["phase"]> = new Set(["mail", "rcpt", "data"]);

/** A message and its halves and quarters. */
const REFUSALS_BEFORE_SAMPLES = 7;
const SAMPLES = 8;
