interface Entry<T> {
  readonly deviceId: string;
  readonly answer: T;
  /** In `elapsed` time. */
  expiresAt: number;
}

/**
 * Answers by key, the least recently used one forgotten first. An answer that has expired is kept: while nobody can be asked it is better than none.
 * One that was dropped is known to be wrong and gone for good.
 */
export class AnswerCache<T> {
  readonly #max: number;
  readonly #ttlMs: number;
  readonly #elapsed: () => number;
  /** In order of use. */
  readonly #entries = new Map<string, Entry<T>>();
  readonly #keysOf = new Map<string, Set<string>>();

  constructor(deps: { max: number; ttlMs: number; elapsed: () => number }) {
    this.#max = deps.max;
    this.#ttlMs = deps.ttlMs;
    this.#elapsed = deps.elapsed;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Undefined also when it has expired. */
  fresh(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.expiresAt <= this.#elapsed() ? undefined : this.#used(key, entry).answer;
  }

  /** Also when it has expired. */
  last(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry && this.#used(key, entry).answer;
  }

  put(key: string, deviceId: string, answer: T): void {
    this.#forget(key);
    this.#entries.set(key, { deviceId, answer, expiresAt: this.#elapsed() + this.#ttlMs });
    const keys = this.#keysOf.get(deviceId);
    if (keys === undefined) this.#keysOf.set(deviceId, new Set([key]));
    else keys.add(key);
    if (this.#entries.size <= this.#max) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  /** Everything of a device; without one, everything. */
  drop(deviceId?: string): void {
    if (deviceId === undefined) {
      this.#entries.clear();
      this.#keysOf.clear();
      return;
    }
    for (const key of this.#keysOf.get(deviceId) ?? []) this.#entries.delete(key);
    this.#keysOf.delete(deviceId);
  }

  /** Nothing is fresh any more. */
  expireAll(): void {
    for (const entry of this.#entries.values()) entry.expiresAt = Number.NEGATIVE_INFINITY;
  }

  #used(key: string, entry: Entry<T>): Entry<T> {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    const keys = this.#keysOf.get(entry.deviceId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOf.delete(entry.deviceId);
  }
}
