/** How long after their window's end mails came, by the minute in which they came. Pure. */

export interface PunctualityOfMinute {
  /** Since the first alert. */
  readonly minute: number;
  readonly mails: number;
  /** More than the grace and three seconds after the end of its window: later than promised. */
  readonly late: number;
  /** Milliseconds from a window's end to the acceptance of its mail. */
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

const MINUTE_MS = 60_000;
const GRACE_MS = 2_000;
const PROMISED_MS = GRACE_MS + 3_000;

export class Punctuality {
  /** Delays by the minute since the epoch. */
  readonly #delays = new Map<number, number[]>();

  take(nowMs: number, windowEndMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const delay = nowMs - windowEndMs;
    const delays = this.#delays.get(minute);
    if (delays === undefined) this.#delays.set(minute, [delay]);
    else delays.push(delay);
  }

  /** In the order of time; a run that began within a minute has that one as its minute 0. */
  minutes(beganMs: number): PunctualityOfMinute[] {
    const first = Math.floor(beganMs / MINUTE_MS);
    return [...this.#delays]
      .map(([minute, delays]) => ({ minute: minute - first, ...ofDelays(delays.toSorted((a, b) => a - b)) }))
      .toSorted((a, b) => a.minute - b.minute);
  }
}

function ofDelays(sorted: readonly number[]): Omit<PunctualityOfMinute, "minute"> {
  const quantile = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
  return {
    mails: sorted.length,
    late: sorted.filter((delay) => delay > PROMISED_MS).length,
    p50: quantile(0.5),
    p99: quantile(0.99),
    most: quantile(1),
  };
}
