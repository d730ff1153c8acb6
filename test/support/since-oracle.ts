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
  const faults = faultsOf(heard, forgetMs);
  const own = faults.findIndex(({ to }) => to >= at);
  const seconds = faults[own]?.began.filter(({ from }) => from >= at) ?? [];
  return { seconds: seconds.map(({ second }) => second), later: faults.length - 1 - own };
};

/** Whether the type fires once the alert at offset `at` was read, at `time` in milliseconds; and how many faults of it began after that. */
export const trueFiring = (
  heard: readonly HeardOfType[],
  at: number,
  time: number,
  forgetMs: number,
): { readonly fires: boolean; readonly later: number } => {
  const faults = faultsOf(heard, forgetMs);
  const begun = faults.filter(({ from }) => from <= at).length;
  const last = faults[begun - 1];
  const isOver = last?.resolvedAt !== undefined && last.resolvedAt <= at;
  const fires = last !== undefined && !isOver && Math.floor(time / 1000) - last.heard <= forgetMs / 1000;
  return { fires, later: faults.length - begun };
};

interface TrueFault {
  /** Offsets of its first alert, and of its last one, which may have resolved it. */
  readonly from: number;
  to: number;
  resolvedAt: number | undefined;
  /** The highest event time of those that fired, in seconds. */
  heard: number;
  /** When it had begun, in seconds, as it was known from the alert at this offset on. */
  readonly began: { readonly from: number; readonly second: number }[];
}

const faultsOf = (heard: readonly HeardOfType[], forgetMs: number): readonly TrueFault[] => {
  const faults: TrueFault[] = [];
  for (const { offset, eventTime, resolved } of heard) {
    const second = Math.floor(eventTime / 1000);
    let fault = faults.at(-1);
    if (resolved) {
      if (fault !== undefined && fault.resolvedAt === undefined)
        Object.assign(fault, { to: offset, resolvedAt: offset });
      continue;
    }
    const forget = forgetMs / 1000;
    if (fault === undefined || fault.resolvedAt !== undefined || second - fault.heard > forget) {
      fault = { from: offset, to: offset, resolvedAt: undefined, heard: second, began: [] };
      faults.push(fault);
    }
    const before = fault.began.at(-1)?.second ?? second;
    const isEarlier = second < before && before - second <= forget;
    fault.heard = Math.max(fault.heard, second);
    fault.to = offset;
    fault.began.push({ from: offset, second: isEarlier ? second : before });
  }
  return faults;
};
