import type { RepairsReport } from "../core/report.js";
import type { Clock } from "./clock.js";
import type { RepairCount, RepairedField } from "./ports.js";

const FIELDS_TOLD = 3;

/** Fields that were not written as documented, since somebody was told of them last. They are on no record: each instance knows those that it read. */
export class RepairsSince {
  readonly #counts: () => readonly RepairCount[];
  readonly #clock: Clock;
  #sinceMs: number;
  #told: ReadonlyMap<RepairedField, number> = new Map();

  /** `counts`: since the start of the process. */
  constructor(counts: () => readonly RepairCount[], clock: Clock) {
    this.#counts = counts;
    this.#clock = clock;
    this.#sinceMs = clock.now();
  }

  /** The commonest ones; what comes from now on is for the next call. Undefined: there were none. */
  take(): RepairsReport | undefined {
    const counts = this.#counts();
    const sinceMs = this.#sinceMs;
    const fields = counts
      .map(({ field, count }) => ({ field, count: count - (this.#told.get(field) ?? 0) }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count)
      .slice(0, FIELDS_TOLD);
    this.#told = new Map(counts.map(({ field, count }) => [field, count]));
    this.#sinceMs = this.#clock.now();
    return fields.length === 0 ? undefined : { sinceMs, fields };
  }
}
