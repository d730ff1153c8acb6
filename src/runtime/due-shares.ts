/** Which of the shares that wait for one recipient are tried now, and what leaves with each. Pure: the clock comes as an argument. */

import type { Known, Moment, Share, State } from "./waiting-state.js";

export interface DueHow<S> {
  readonly stateOf: (share: S) => State;
  readonly isExhausted: (address: string) => boolean;
  readonly budgetMs: number;
  /** `CATCH_UP_AFTER`, or Infinity. */
  readonly catchUpAfterMs: number;
}

/** Those that may be tried: one, where the server defers the recipient. */
export function dueOf<S extends Share>(known: Known<S>, now: Moment, how: DueHow<S>): readonly S[] {
  const { deferring, lanes } = known;
  const [some] = lanes.heads;
  if (some === undefined) return [];
  const ready = [...lanes.heads].filter((head) => how.stateOf(head).notBefore <= now.elapsed);
  if (deferring === undefined && !how.isExhausted(some.address)) return ready;
  if (lanes.someUnderWay || (deferring !== undefined && now.elapsed < deferring.nextTryAt)) return [];
  const spent = (share: S): boolean => {
    const { deferredAt } = how.stateOf(share);
    return deferredAt !== undefined && now.worked - deferredAt >= how.budgetMs;
  };
  const next = ready.find(spent) ?? ready.sort(byTurn(how))[0];
  if (next !== undefined) return [next];
  // All wait for their own pauses.
  if (deferring !== undefined) deferring.nextTryAt = firstPauseEnd(known, how);
  return [];
}

/** `elapsed` from which one of them may be tried; Infinity: none is to be waited for. */
export function nextDueOf<S extends Share>(address: string, known: Known<S>, how: DueHow<S>): number {
  const { deferring, lanes } = known;
  if (lanes.heads.size === 0) return Number.POSITIVE_INFINITY;
  if (lanes.someUnderWay && (deferring !== undefined || how.isExhausted(address))) return Number.POSITIVE_INFINITY;
  return deferring?.nextTryAt ?? firstPauseEnd(known, how);
}

/** As `CATCH_UP` merges: once the oldest ended long ago, all that wait behind it leave with it. */
export function chainOf<S extends Share>(known: Known<S>, head: S, now: Moment, how: DueHow<S>): readonly S[] {
  if (now.wall - head.windowEnd <= how.catchUpAfterMs) return [head];
  const chain = new Set([head]);
  for (const share of [...known.lanes.besides(head)].sort(byArrival(how))) {
    const mayJoin = !known.lanes.isUnderWay(share) && how.stateOf(share).frozen === undefined;
    if (!chain.has(share) && mayJoin && share.look === head.look && known.lanes.isFirstBut(chain, share))
      chain.add(share);
  }
  return [...chain];
}

function firstPauseEnd<S extends Share>({ lanes }: Known<S>, { stateOf }: DueHow<S>): number {
  let first = Number.POSITIVE_INFINITY;
  for (const head of lanes.heads) first = Math.min(first, stateOf(head).notBefore);
  return first;
}

const byArrival =
  <S>({ stateOf }: DueHow<S>) =>
  (a: S, b: S): number =>
    stateOf(a).seq - stateOf(b).seq;

/** The one that was tried longest ago first. */
const byTurn =
  <S>(how: DueHow<S>) =>
  (a: S, b: S): number =>
    how.stateOf(a).triedAt - how.stateOf(b).triedAt || byArrival(how)(a, b);
