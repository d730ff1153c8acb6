/** Since when a type of a device fires, said as slowly and plainly as possible: written from what mails promise, not from `core/faults`. */

export interface HeardOfType {
  readonly offset: number;
  /** In milliseconds. */
  readonly eventTime: number;
  readonly resolved: boolean;
}

export interface TrueSince {
  /** In whole seconds: what was true when the alert was read, and what late alerts of the same fault, read after it, made of it. */
  readonly seconds: readonly number[];
  /** How many faults of the type began after it. */
  readonly later: number;
}

/** `heard`: the alerts of one type of one device, in offset order. `at`: the offset of a firing one. */
export const trueSince = (heard: readonly HeardOfType[], at: number, forgetMs: number): TrueSince => {
  const forget = forgetMs / 1000;
  const faults: { began: number; last: number; to: number; seconds: number[] }[] = [];
  let isOver = true;
  for (const { offset, eventTime, resolved } of heard) {
    const second = Math.floor(eventTime / 1000);
    let fault = faults.at(-1);
    if (resolved) {
      if (fault !== undefined && !isOver) fault.to = offset;
      isOver = true;
      continue;
    }
    if (fault === undefined || isOver || second - fault.last > forget) {
      fault = { began: second, last: second, to: offset, seconds: [] };
      faults.push(fault);
    }
    isOver = false;
    if (second < fault.began && fault.began - second <= forget) fault.began = second;
    fault.last = Math.max(fault.last, second);
    fault.to = offset;
    if (offset >= at) fault.seconds.push(fault.began);
  }
  const own = faults.findIndex(({ to }) => to >= at);
  return { seconds: faults[own]?.seconds ?? [], later: faults.length - 1 - own };
};
