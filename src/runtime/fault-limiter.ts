import type { WallTime } from "../core/time.js";

/**
 * Keeps a fault that repeats from filling the log: the first of a kind is told at once, later ones at most every
 * `intervalMs`, with how many were kept back since. Example: broker away, 400 identical errors a minute, 2 lines.
 */
export class FaultLimiter {
  readonly #intervalMs: number;
  readonly #kindsMax: number;
  readonly #kinds = new Map<string, { toldAt: number; suppressed: number }>();

  /** At most `kindsMax` kinds are remembered; beyond it the one told longest ago is forgotten. */
  constructor(intervalMs: number, kindsMax = 100) {
    this.#intervalMs = intervalMs;
    this.#kindsMax = kindsMax;
  }

  /** How many of this kind were kept back since the last one told, or undefined: keep this one back too. */
  admit(kind: string, now: WallTime): { readonly suppressed: number } | undefined {
    const known = this.#kinds.get(kind);
    // A clock set back must not silence a fault until it has caught up.
    if (known !== undefined && now >= known.toldAt && now - known.toldAt < this.#intervalMs) {
      known.suppressed++;
      return undefined;
    }
    this.#kinds.delete(kind);
    if (this.#kinds.size >= this.#kindsMax) {
      const [oldest] = this.#kinds.keys();
      if (oldest !== undefined) this.#kinds.delete(oldest);
    }
    this.#kinds.set(kind, { toldAt: now, suppressed: 0 });
    return { suppressed: known?.suppressed ?? 0 };
  }

  /** The fault is over: its next occurrence is told at once. Returns what was kept back since the last line. */
  clear(kind: string): number {
    const suppressed = this.#kinds.get(kind)?.suppressed ?? 0;
    this.#kinds.delete(kind);
    return suppressed;
  }
}
