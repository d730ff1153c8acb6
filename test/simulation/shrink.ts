/** Whether it still fails in the way that is looked into. */
export type Fails<T> = (events: readonly T[]) => Promise<boolean>;

/**
 * A shortest list of events that still fails, in the sense that none can be left out (delta debugging: Zeller and Hildebrandt, "Simplifying and
 * isolating failure-inducing input", 2002); then each is made as small as it may be. Ends after `tries` runs with the best so far.
 */
export const shrink = async <T>(
  events: readonly T[],
  fails: Fails<T>,
  smaller: (event: T) => readonly T[],
  tries: number,
): Promise<readonly T[]> => {
  let left = tries;
  const still = async (candidate: readonly T[]): Promise<boolean> => left-- > 0 && (await fails(candidate));
  let best = events;
  const leaveOut = async (): Promise<void> => {
    for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < best.length && left > 0; ) {
        const candidate = [...best.slice(0, from), ...best.slice(from + size)];
        if (await still(candidate)) best = candidate;
        else from += size;
      }
    }
  };
  const makeSmaller = async (): Promise<boolean> => {
    let any = false;
    for (let at = 0; at < best.length && left > 0; at++) {
      for (let again = true; again && left > 0; ) {
        again = false;
        for (const event of smaller(best[at] as T)) {
          if (!(await still(best.with(at, event)))) continue;
          best = best.with(at, event);
          any = again = true;
          break;
        }
      }
    }
    return any;
  };
  // Leaving one out can make another needless.
  for (let before = -1; before !== best.length && left > 0; ) {
    before = best.length;
    await leaveOut();
    if ((await makeSmaller()) && left > 0) before = -1;
  }
  return best;
};
