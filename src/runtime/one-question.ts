/** Several who ask for a partition each → one question at a time, for all that wait. */

interface Waiting<T> {
  readonly partition: number;
  resolve(answer: T | undefined): void;
  reject(error: unknown): void;
}

/**
 * `ask` is never called while a call is under way. A question is put after everything that came before the call to `of`, so its answer is no older than that.
 */
export class OneQuestion<T extends { readonly partition: number }> {
  readonly #ask: (partitions: readonly number[]) => Promise<readonly T[]>;
  #waiting: Waiting<T>[] = [];
  #isAsking = false;

  constructor(ask: (partitions: readonly number[]) => Promise<readonly T[]>) {
    this.#ask = ask;
  }

  /** Undefined: the answer says nothing of it. Rejects as `ask` does. */
  of(partition: number): Promise<T | undefined> {
    const answer = new Promise<T | undefined>((resolve, reject) => this.#waiting.push({ partition, resolve, reject }));
    if (!this.#isAsking) void this.#askAll();
    return answer;
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      try {
        const answers = await this.#ask([...new Set(waiting.map(({ partition }) => partition))]);
        for (const { partition, resolve } of waiting) resolve(answers.find((one) => one.partition === partition));
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    this.#isAsking = false;
  }
}
