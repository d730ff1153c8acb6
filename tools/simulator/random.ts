/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole, both ends included. */
  whole(lowest: number, highest: number): number;
  pick<T>(items: readonly T[]): T;
  /** Waiting time until the next of events that come `perSecond` on average, in milliseconds. */
  waitMs(perSecond: number): number;
}

/** mulberry32: 32 bits of state, good enough for a play. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (lowest: number, highest: number): number => lowest + Math.floor(next() * (highest - lowest + 1));
  return {
    next,
    whole,
    pick: (items) => {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    waitMs: (perSecond) => (-Math.log(1 - next()) / perSecond) * 1_000,
  };
}
