import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { AlertCodec, ArchiveAnswer, ArchiveRequest, WindowArchive } from "../runtime/ports.js";
import { type EventLoopTurns, OUR_TURNS } from "../runtime/turns.js";
import { rootCause } from "./client.js";
import { sliceEnd } from "./fetched-records.js";
import type { PlainFetch, PlainRecord } from "./plain-fetch.js";
import { WindowReading } from "./window-reading.js";

/**
 * Reads windows back from the alerts topic: of a storm only counts are in memory. Plain fetches, so the group and its consumer notice nothing; at most
 * `AT_ONCE` windows are being read, each for `WITHIN_MS` with the time it waited for its turn. What was read by then is the answer.
 */
export class KafkaWindowArchive implements WindowArchive {
  readonly #fetches: PlainFetch;
  readonly #codec: AlertCodec;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #turns: Pick<EventLoopTurns, "next">;
  readonly #waiting: WindowReading[] = [];
  /** Also those whose time is over and whose broker has not answered yet. */
  readonly #running = new Set<WindowReading>();
  #located = false;

  constructor(deps: {
    fetches: PlainFetch;
    codec: AlertCodec;
    clock: Clock;
    log: Logger;
    turns?: Pick<EventLoopTurns, "next">;
  }) {
    this.#fetches = deps.fetches;
    this.#codec = deps.codec;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#turns = deps.turns ?? OUR_TURNS;
  }

  async read(request: ArchiveRequest): Promise<ArchiveAnswer> {
    const reading = new WindowReading(request);
    const startedAt = this.#clock.elapsed();
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(WITHIN_MS, () => reading.end("time is over"));
      reading.onEnd = () => {
        cancel();
        resolve();
      };
      // A broker that does not answer: nobody else waits for it.
      if (this.#running.size >= AT_ONCE && [...this.#running].every(({ ended }) => ended)) {
        reading.end("earlier questions are not answered");
        return;
      }
      this.#waiting.push(reading);
      this.#startNext();
    });
    const answer = reading.answer();
    const { missing, beyond } = answer;
    if (missing + beyond > 0) {
      const [first, last] = [request.runs[0]?.[0], request.runs.at(-1)?.[1]];
      const tookMs = Math.round(this.#clock.elapsed() - startedAt);
      this.#log.warn(
        {
          partition: request.partition,
          first,
          last,
          read: answer.alerts.length,
          missing,
          beyond,
          why: reading.why,
          tookMs,
        },
        "a window was not read back whole: the CSV file of its mail says so",
      );
    }
    return answer;
  }

  close(): Promise<void> {
    return this.#fetches.close();
  }

  #startNext(): void {
    while (this.#running.size < AT_ONCE) {
      const reading = this.#waiting.shift();
      if (reading === undefined) return;
      if (reading.ended) continue;
      this.#running.add(reading);
      void this.#readWhole(reading).finally(() => {
        this.#running.delete(reading);
        reading.end("");
        this.#startNext();
      });
    }
  }

  /** Never rejects. Ends with the window, at a limit, when its time is over, or at an error that stays. */
  async #readWhole(reading: WindowReading): Promise<void> {
    while (!reading.ended) {
      try {
        if (!this.#located) await this.#fetches.locate();
        this.#located = true;
        while (reading.position !== undefined && !reading.ended) await this.#readSome(reading, reading.position);
        return;
      } catch (error) {
        const { message, retriable, type } = rootCause(error) as Error & { retriable?: boolean; type?: string };
        reading.why = message;
        if (type !== OUT_OF_RANGE && retriable !== true) return;
        if (type === OUT_OF_RANGE && (await this.#skipDeleted(reading))) continue;
        // Another leader, a broker that went: where they are now is asked anew.
        this.#located = false;
        await new Promise<void>((resolve) => void this.#clock.after(AGAIN_AFTER_MS, resolve));
      }
    }
  }

  async #readSome(reading: WindowReading, position: number): Promise<void> {
    const { partition } = reading.request;
    const fetched = await this.#fetches.fetch(partition, position, { maxBytes: FETCH_BYTES, waitMs: FETCH_WAIT_MS });
    await this.#prepare(reading, fetched.records);
    const { records } = fetched;
    for (let from = 0, to = 0; from < records.length; from = to) {
      await this.#turns.next();
      if (reading.ended) return;
      to = sliceEnd(records, from);
      const slice = records.slice(from, to);
      await this.#codec.ahead?.(slice);
      if (reading.ended) return;
      reading.take(slice, this.#codec);
    }
    if (reading.ended) return;
    if (fetched.next > position) reading.moveTo(fetched.next);
    // Compaction left an empty batch; how far it reaches is not said.
    else if (position < fetched.highWatermark) reading.moveTo(position + 1);
    else throw Object.assign(new Error("the log ends before the window"), { retriable: true });
  }

  /** Has what decoding needs from outside, such as schemas. One that does not come is waited for as a broker is that does not answer. */
  async #prepare(reading: WindowReading, records: readonly PlainRecord[]): Promise<void> {
    for (;;) {
      const preparation = reading.ended ? undefined : this.#codec.prepare?.(records);
      if (preparation === undefined) return;
      reading.why = "a schema is not known yet";
      await preparation.ready;
      reading.why = "";
    }
  }

  /** False when nothing was deleted, or nobody knows. */
  async #skipDeleted(reading: WindowReading): Promise<boolean> {
    try {
      const start = await this.#fetches.start(reading.request.partition);
      if (start <= (reading.position ?? start)) return false;
      reading.why = "deleted from the topic";
      reading.moveTo(start);
      return true;
    } catch {
      return false;
    }
  }
}

const OUT_OF_RANGE = "OFFSET_OUT_OF_RANGE";
const AT_ONCE = 2;
const WITHIN_MS = 5_000;
const FETCH_BYTES = 1024 * 1024;
const FETCH_WAIT_MS = 500;
const AGAIN_AFTER_MS = 200;
