import type { SendOutcome } from "./ports.js";

/**
 * How many mails may be in flight: all connections, until the server says that it is overloaded (421, RFC 5321 section 3.8). Then half as many, and
 * one more for each round of mails that it takes.
 */
export class Pace {
  readonly #connections: number;
  #allowed: number;

  constructor(connections: number) {
    this.#connections = connections;
    this.#allowed = connections;
  }

  get limit(): number {
    return Math.floor(this.#allowed);
  }

  note(outcome: SendOutcome): void {
    if (outcome.kind === "accepted") this.#allowed = Math.min(this.#connections, this.#allowed + 1 / this.#allowed);
    else if (outcome.kind === "deferred" && outcome.failure.reason === "service-unavailable") {
      this.slowDown();
    }
  }

  slowDown(): void {
    this.#allowed = Math.max(1, this.#allowed / 2);
  }
}
