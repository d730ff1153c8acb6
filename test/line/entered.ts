/** Which functions of the product are entered, by V8's precise call counts. */

import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";

const DIST = new URL("../../dist/", import.meta.url).href;

/** File and place of a function → its name. */
export type Entered = ReadonlyMap<string, { readonly file: string; readonly name: string }>;

export class CallCounts implements AsyncDisposable {
  readonly #session = new Session();

  static async start(): Promise<CallCounts> {
    const counts = new CallCounts();
    counts.#session.connect();
    await counts.#session.post("Profiler.enable");
    await counts.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    return counts;
  }

  /** Since it was asked last. A module that is loaded meanwhile does not count as a function. */
  async take(): Promise<Entered> {
    const { result } = await this.#session.post("Profiler.takePreciseCoverage");
    const entered = new Map<string, { file: string; name: string }>();
    for (const { url, functions } of result) {
      if (!url.startsWith(DIST)) continue;
      const file = fileURLToPath(url).slice(fileURLToPath(DIST).length).replace(/\.js$/, "");
      for (const { functionName: name, ranges } of functions) {
        const [range] = ranges;
        if (range === undefined || range.count === 0 || range.startOffset === 0) continue;
        entered.set(`${file}:${range.startOffset}`, { file, name });
      }
    }
    return entered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }
}

export const without = (entered: Entered, idle: Entered): Entered =>
  new Map([...entered].filter(([place]) => !idle.has(place)));
