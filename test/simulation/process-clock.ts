import type { WallTime } from "#src/core/time.js";
import type { Clock } from "#src/runtime/clock.js";
import type { VirtualClock } from "#test/support/virtual-clock.js";

/** The world's clock as one process has it: after a crash nothing comes any more, and while it is frozen everything waits. */
export class ProcessClock implements Clock {
  readonly #clock: VirtualClock;
  #state: "running" | "frozen" | "dead" = "running";
  #waiting: (() => void)[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  now(): WallTime {
    return this.#clock.now();
  }

  elapsed(): number {
    return this.#clock.elapsed();
  }

  after(ms: number, action: () => void): () => void {
    let wanted = true;
    const once = (): void => {
      if (wanted) action();
    };
    const cancel = this.#clock.after(ms, () => this.run(once));
    return () => {
      wanted = false;
      cancel();
    };
  }

  /** Something reaches the process: now, when it is thawed, or never. */
  run(action: () => void): void {
    if (this.#state === "running") action();
    else if (this.#state === "frozen") this.#waiting.push(action);
  }

  get alive(): boolean {
    return this.#state !== "dead";
  }

  get frozen(): boolean {
    return this.#state === "frozen";
  }

  die(): void {
    this.#state = "dead";
    this.#waiting = [];
  }

  freeze(): void {
    if (this.#state === "running") this.#state = "frozen";
  }

  /** Everything that came meanwhile comes now, a step each. */
  thaw(): void {
    if (this.#state !== "frozen") return;
    this.#state = "running";
    for (const action of this.#waiting) this.#clock.after(0, () => this.run(action));
    this.#waiting = [];
  }
}
