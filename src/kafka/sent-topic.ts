import { backoffMs, type Clock } from "../runtime/clock.js";
import { FaultLimiter } from "../runtime/fault-limiter.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics, MutedDevice, MutedLog, SentLog, SentMail, SentReport } from "../runtime/ports.js";
import { Fifo } from "../runtime/queues.js";
import { rootCause } from "./client.js";
import { type EncodedSent, encodeMail, encodeMuted, encodeReport, type SentRecordSource } from "./sent-record.js";
import type { SentWriter } from "./sent-writer.js";

export interface SentTopicDeps {
  readonly writer: Pick<SentWriter, "open" | "write" | "close">;
  /** For the log. */
  readonly topic: string;
  readonly source: SentRecordSource;
  readonly metrics: Pick<Metrics, "sentRecords">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

/** A mail that waits for its records: `left` of them. */
interface Waiting {
  left: number;
  readonly done: () => void;
}

interface Entry {
  readonly record: EncodedSent;
  readonly waiting: Waiting | undefined;
  /** `clock.elapsed()`. */
  readonly since: number;
}

/**
 * Writes every mail that is through to a topic, in the order they came, one batch at a time. A batch that fails is tried again until it is written or
 * the process stops; meanwhile at most `QUEUE_MAX` records wait, and what comes on top is dropped and counted.
 *
 * A mail waits for its record, at most `WAIT_MS`. Once a write failed or was late, none waits until one has succeeded in time: a topic that is away
 * costs the mails of one second, not all of them.
 */
export class SentTopic implements SentLog, MutedLog {
  readonly #deps: SentTopicDeps;
  readonly #queue = new Fifo<Entry>();
  readonly #limiter = new FaultLimiter(LINE_EVERY_MS);
  readonly #waiting = new Set<Waiting>();
  #batch: readonly Entry[] = [];
  #running: Promise<void> | undefined;
  /** Failed ones since the last that succeeded. */
  #attempts = 0;
  /** The last write succeeded, in time. */
  #trusted = true;
  #state: "open" | "draining" | "closed" = "open";
  #wake: () => void = () => undefined;

  constructor(deps: SentTopicDeps) {
    this.#deps = deps;
  }

  /** Connects, and creates the topic, before there is anything to write. Never rejects. */
  async start(): Promise<void> {
    try {
      await this.#deps.writer.open();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** 0: none waits. */
  get oldestWaitingMs(): number {
    const oldest = this.#batch[0] ?? this.#queue.peek();
    return oldest === undefined ? 0 : this.#deps.clock.elapsed() - oldest.since;
  }

  record(mail: SentMail): Promise<void> {
    return this.#put(encodeMail(mail, this.#deps.source));
  }

  muted(devices: readonly MutedDevice[]): Promise<void> {
    return this.#put(devices.map((device) => encodeMuted(device, this.#deps.source)));
  }

  /** As `record`. */
  report(report: SentReport): Promise<void> {
    return this.#put([encodeReport(report, this.#deps.source)]);
  }

  /** Writes what waits, for at most `withinMs`; what is left then is lost, counted and told of. Never rejects. */
  async drain(withinMs: number): Promise<void> {
    if (this.#state !== "open") return;
    const { metrics, log, topic, writer } = this.#deps;
    this.#state = "draining";
    this.#wake();
    await this.#within(withinMs, this.#drained());
    this.#state = "closed";
    this.#wake();
    this.#release();
    const lost = this.#batch.length + this.#queue.length;
    if (lost > 0) {
      metrics.sentRecords("failed", lost);
      log.warn({ topic, records: lost }, "sent mails are not on record: the topic did not take them before the stop");
    }
    await this.#within(CLOSE_WITHIN_MS, writer.close());
  }

  #put(records: readonly EncodedSent[]): Promise<void> {
    const room = this.#state === "closed" ? 0 : QUEUE_MAX - this.#queue.length - this.#batch.length;
    const taken = records.slice(0, Math.max(0, room));
    if (taken.length < records.length) this.#dropped(records.length - taken.length);
    if (taken.length === 0) return Promise.resolve();
    if (!this.#trusted) {
      this.#push(taken, undefined);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(WAIT_MS, () => {
        this.#trusted = false;
        waiting.done();
      });
      const waiting: Waiting = {
        left: taken.length,
        done: () => {
          cancel();
          this.#waiting.delete(waiting);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      this.#push(taken, waiting);
    });
  }

  #push(records: readonly EncodedSent[], waiting: Waiting | undefined): void {
    const since = this.#deps.clock.elapsed();
    for (const record of records) this.#queue.push({ record, waiting, since });
    this.#go();
  }

  #go(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // One that came after the last look at the queue.
      if (this.#queue.length > 0 && this.#state !== "closed") this.#go();
    });
  }

  async #drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    const { writer, clock, random } = this.#deps;
    while (this.#state !== "closed") {
      if (this.#batch.length === 0) this.#batch = this.#next();
      if (this.#batch.length === 0) return;
      const startedAt = clock.elapsed();
      const records = this.#batch.map(({ record }) => record);
      const outcome = await writer.write(records).catch((error: unknown) => ({ error }));
      if (this.#isClosed()) return;
      if (outcome === "written") this.#written(clock.elapsed() - startedAt);
      else if (outcome === "refused") this.#makeSmaller();
      else {
        this.#failed(outcome.error);
        await this.#pause(backoffMs(this.#attempts, RETRY_INITIAL_MS, RETRY_MAX_MS, random));
      }
    }
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #next(): readonly Entry[] {
    const batch: Entry[] = [];
    for (let length = 0; batch.length < BATCH_RECORDS && length < BATCH_LENGTH; ) {
      const entry = this.#queue.shift();
      if (entry === undefined) break;
      length += entry.record.value.length;
      batch.push(entry);
    }
    return batch;
  }

  #written(tookMs: number): void {
    const { metrics, log, topic } = this.#deps;
    const batch = this.#batch;
    this.#batch = [];
    metrics.sentRecords("written", batch.length);
    if (tookMs < WAIT_MS) this.#trusted = true;
    if (this.#attempts > 0) log.info({ topic, waiting: this.#queue.length }, "sent mails are put on record again");
    this.#attempts = 0;
    this.#limiter.clear("failed");
    batch.forEach(settle);
  }

  #failed(error: unknown): void {
    this.#attempts++;
    this.#release();
    const waiting = this.#batch.length + this.#queue.length;
    this.#tell(
      "failed",
      { error: rootCause(error).message, waiting },
      "sent mails cannot be put on record (KAFKA_SENT_TOPIC); no mail waits for that",
    );
  }

  /** A single record that the topic does not take, it never takes. */
  #makeSmaller(): void {
    const [first, ...rest] = this.#batch;
    if (rest.length > 0) {
      const half = Math.ceil(this.#batch.length / 2);
      for (const entry of this.#batch.slice(half).reverse()) this.#queue.unshift(entry);
      this.#batch = this.#batch.slice(0, half);
      return;
    }
    this.#batch = [];
    this.#deps.metrics.sentRecords("failed", 1);
    this.#tell("refused", {}, "a sent mail is not on record: the topic does not take such a record");
    if (first !== undefined) settle(first);
  }

  #dropped(records: number): void {
    this.#deps.metrics.sentRecords("dropped", records);
    this.#tell("dropped", { records, waiting: QUEUE_MAX }, "sent mails are not on record: too many wait");
  }

  #tell(kind: string, fields: Record<string, unknown>, line: string): void {
    const { log, clock, topic } = this.#deps;
    const more = this.#limiter.admit(kind, clock.now());
    if (more !== undefined) log.warn({ topic, ...fields, ...more }, line);
  }

  /** Nobody waits any more, until a write has succeeded in time. */
  #release(): void {
    this.#trusted = false;
    for (const waiting of [...this.#waiting]) waiting.done();
  }

  #pause(ms: number): Promise<void> {
    if (this.#state === "closed") return Promise.resolve();
    const bounded = this.#state === "draining" ? Math.min(ms, DRAINING_PAUSE_MS) : ms;
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(bounded, () => this.#wake());
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  async #within(ms: number, promise: Promise<void>): Promise<void> {
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.#deps.clock.after(ms, resolve);
    });
    await Promise.race([promise, late]);
    cancel();
  }
}

const settle = ({ waiting }: Entry): void => {
  if (waiting !== undefined && --waiting.left === 0) waiting.done();
};

/** What a mail waits for its record, at most. */
export const WAIT_MS = 1_000;
export const QUEUE_MAX = 10_000;
const BATCH_RECORDS = 500;
/** In UTF-16 units; well below the 1 MB a topic takes by default. */
const BATCH_LENGTH = 256 * 1024;
const RETRY_INITIAL_MS = 500;
const RETRY_MAX_MS = 15_000;
const DRAINING_PAUSE_MS = 250;
const LINE_EVERY_MS = 30_000;
const CLOSE_WITHIN_MS = 500;
