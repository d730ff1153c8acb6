/** What was measured, by phase. Pure: times come in as milliseconds since the epoch. */

import { type Phase, phaseAt } from "./plan.js";

/** Of all phases of one name together. */
export interface PhaseFigures {
  readonly name: Phase["name"];
  readonly seconds: number;
  /** Of ordinary devices. */
  readonly alerts: number;
  readonly lost: number;
  /** Milliseconds from the end of its window until the mail server had an alert. */
  readonly delayP99Ms: number;
  readonly delayMostMs: number;
  /** Longest wait for `/livez`, on the port of the page and on that for probes. */
  readonly pageLivezMs: number;
  readonly probeLivezMs: number;
  /** Of the time in which the instances wanted to run they ran so much; undefined where the system does not say. */
  readonly processorShare: number | undefined;
  /** Most that an instance had resident; undefined where the system does not say. */
  readonly rssBytes: number | undefined;
}

interface Tally {
  seconds: number;
  alerts: number;
  readonly delays: number[];
  readonly livez: { page: number; probe: number };
  readonly processor: { ranMs: number; waitedMs: number };
  rss: number | undefined;
}

export class Figures {
  readonly #plan: readonly Phase[];
  readonly #tallies = new Map<Phase["name"], Tally>();
  readonly #windowMs: number;
  readonly #beganMs: number;
  /** Of alerts in no mail: when they were made. */
  readonly #waiting = new Map<string, number>();

  /** `beganMs`: as all times since the epoch, because windows are. */
  constructor(plan: readonly Phase[], beganMs: number, windowMs: number) {
    this.#plan = plan;
    this.#beganMs = beganMs;
    this.#windowMs = windowMs;
    for (const { name, fromMs, toMs } of plan) {
      const tally = this.#tallies.get(name) ?? fresh();
      tally.seconds += (toMs - fromMs) / 1_000;
      this.#tallies.set(name, tally);
    }
  }

  made(alertId: string, epochMs: number): void {
    this.#waiting.set(alertId, epochMs);
    const tally = this.#at(epochMs);
    if (tally !== undefined) tally.alerts++;
  }

  /** Counts the first time only. */
  mailed(alertId: string, epochMs: number): void {
    const madeAt = this.#waiting.get(alertId);
    if (madeAt === undefined) return;
    this.#waiting.delete(alertId);
    const windowEnd = (Math.floor(madeAt / this.#windowMs) + 1) * this.#windowMs;
    this.#at(madeAt)?.delays.push(Math.max(0, epochMs - windowEnd));
  }

  /** Of a question that was asked then. */
  livez(port: "page" | "probe", askedMs: number, waitMs: number): void {
    const livez = this.#at(askedMs)?.livez;
    if (livez !== undefined) livez[port] = Math.max(livez[port], waitMs);
  }

  resident(phase: Phase, bytes: number): void {
    const tally = this.#tallies.get(phase.name);
    if (tally !== undefined) tally.rss = Math.max(tally.rss ?? 0, bytes);
  }

  /** What an instance had of the processors since the last call. */
  processor(phase: Phase, had: { readonly ranMs: number; readonly waitedMs: number }): void {
    const processor = this.#tallies.get(phase.name)?.processor;
    if (processor === undefined) return;
    processor.ranMs += had.ranMs;
    processor.waitedMs += had.waitedMs;
  }

  phases(): PhaseFigures[] {
    const lost = new Map<Tally, number>();
    for (const madeAt of this.#waiting.values()) {
      const tally = this.#at(madeAt);
      if (tally !== undefined) lost.set(tally, (lost.get(tally) ?? 0) + 1);
    }
    return [...this.#tallies].map(([name, tally]) => {
      const sorted = tally.delays.toSorted((a, b) => a - b);
      return {
        name,
        seconds: tally.seconds,
        alerts: tally.alerts,
        lost: lost.get(tally) ?? 0,
        delayP99Ms: sorted[Math.min(sorted.length - 1, Math.floor(0.99 * sorted.length))] ?? 0,
        delayMostMs: sorted.at(-1) ?? 0,
        pageLivezMs: tally.livez.page,
        probeLivezMs: tally.livez.probe,
        processorShare: shareOf(tally.processor),
        rssBytes: tally.rss,
      };
    });
  }

  #at(epochMs: number): Tally | undefined {
    const phase = phaseAt(this.#plan, epochMs - this.#beganMs);
    return phase && this.#tallies.get(phase.name);
  }
}

const shareOf = ({ ranMs, waitedMs }: Tally["processor"]): number | undefined =>
  ranMs + waitedMs === 0 ? undefined : ranMs / (ranMs + waitedMs);

const fresh = (): Tally => ({
  ...{ seconds: 0, alerts: 0, delays: [], livez: { page: 0, probe: 0 } },
  ...{ processor: { ranMs: 0, waitedMs: 0 }, rss: undefined },
});
