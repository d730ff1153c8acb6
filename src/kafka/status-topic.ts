import type { Admin, Kafka, Producer } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { SharingState } from "../runtime/ports.js";
import { type EventLoopTurns, OUR_TURNS } from "../runtime/turns.js";
import { rootCause } from "./client.js";
import { kafkajs } from "./kafkajs.js";
import { clusterOf } from "./log-ends.js";
import { PlainFetch } from "./plain-fetch.js";
import { createStatusTopic } from "./topics.js";

export interface StatusTopicDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly topic: string;
  /** The key of what this instance tells. */
  readonly instanceId: string;
  /** What it tells, each time anew; undefined: nothing that could be told. */
  readonly compose: () => string | undefined;
  /** What was told by anyone, this instance included; null: it has stopped. Must not throw. */
  readonly heard: (instanceId: string, value: string | null) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly turns?: Pick<EventLoopTurns, "next">;
}

/**
 * A compacted topic of one partition in which each instance says every `TELL_EVERY_MS` how it is, and hears the others. Nothing depends on it: one
 * record is under way at most, none is repeated, nothing is committed, and a topic that fails is a state (`sharing`) and a line in the log.
 *
 * Reading is plain fetches from the end of the log on. A KafkaJS consumer would be a member of a group of its own for each instance, with rights,
 * heartbeats and rebalances, for records that are worthless when the next ones come.
 */
export class StatusTopic {
  readonly #deps: StatusTopicDeps;
  readonly #producer: Producer;
  readonly #fetches: PlainFetch;
  readonly #turns: Pick<EventLoopTurns, "next">;
  readonly #startedAt: number;
  #telling: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  #created = false;
  #connected = false;
  /** Next offset to read; undefined: the end of the log as it is then. */
  #position: number | undefined;
  /** When this instance last read what it had written: writing and reading both work. */
  #echoedAt: number | undefined;
  #problem: string | undefined;
  #toldOfFailure = false;
  #closed = false;
  readonly #cancel = new Set<() => void>();

  constructor(deps: StatusTopicDeps) {
    this.#deps = deps;
    this.#turns = deps.turns ?? OUR_TURNS;
    this.#startedAt = deps.clock.elapsed();
    this.#fetches = new PlainFetch(clusterOf(deps.kafka), deps.topic);
    this.#producer = deps.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      // The next record says it better.
      retry: { initialRetryTime: 200, maxRetryTime: 1_000, retries: 1 },
    });
  }

  get sharing(): SharingState {
    const now = this.#deps.clock.elapsed();
    if (this.#echoedAt !== undefined) return now - this.#echoedAt <= ECHO_WITHIN_MS ? "on" : "failed";
    return now - this.#startedAt <= START_WITHIN_MS ? "starting" : "failed";
  }

  start(): void {
    this.#tick();
  }

  /** Tells the others that this instance is gone; resolves within `CLOSE_WITHIN_MS`. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#cancel) cancel();
    this.#cancel.clear();
    const farewell = async (): Promise<void> => {
      // One after the other: a status that came after the tombstone would bring this instance back.
      await this.#telling;
      if (this.#echoedAt !== undefined) await this.#write(null);
    };
    const disconnect = (): Promise<unknown> => Promise.all([this.#producer.disconnect(), this.#fetches.close()]);
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.#deps.clock.after(CLOSE_WITHIN_MS, resolve);
    });
    await Promise.race([
      farewell()
        .then(disconnect, disconnect)
        .catch(() => undefined),
      late,
    ]);
    cancel();
  }

  /** What still runs from the last time is left alone. */
  #tick(): void {
    this.#later(TELL_EVERY_MS, () => this.#tick());
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined;
    });
    if (this.#created) this.#listen();
    this.#logChange();
  }

  #listen(): void {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
  }

  async #tell(): Promise<void> {
    try {
      if (!this.#created) {
        await createStatusTopic(this.#deps.admin, this.#deps.topic, this.#deps.log);
        this.#created = true;
        this.#listen();
      }
      const value = this.#deps.compose();
      if (value !== undefined && !this.#closed) await this.#write(value);
    } catch (error) {
      // Perhaps it was deleted.
      this.#created = false;
      this.#problem = rootCause(error).message;
    }
  }

  async #write(value: string | null): Promise<void> {
    if (!this.#connected) await this.#producer.connect();
    this.#connected = true;
    await this.#producer.send({
      topic: this.#deps.topic,
      acks: 1,
      timeout: 5_000,
      compression: kafkajs.CompressionTypes.GZIP,
      messages: [{ key: this.#deps.instanceId, value, partition: PARTITION }],
    });
  }

  async #read(): Promise<void> {
    try {
      await this.#fetches.locate();
      while (!this.#closed) await this.#fetch();
    } catch (error) {
      // What was told meanwhile is old by the time it is read.
      this.#position = undefined;
      if (!this.#closed) this.#problem = rootCause(error).message;
    }
  }

  async #fetch(): Promise<void> {
    this.#position ??= await this.#fetches.end(PARTITION);
    const limits = { maxBytes: FETCH_BYTES_MAX, waitMs: FETCH_WAIT_MS };
    const { records, next, highWatermark } = await this.#fetches.fetch(PARTITION, this.#position, limits);
    for (const { key, value } of records) {
      // Who writes sixty records of a megabyte holds up nobody else here.
      await this.#turns.next();
      this.#hear(key, value);
    }
    // Batches that compaction emptied hold nothing to step over them with.
    this.#position = next === this.#position ? Math.max(next, highWatermark) : next;
    // Records come a few at a time: together they cost one answer.
    await new Promise<void>((resolve) => this.#later(FETCH_EVERY_MS, resolve, resolve));
  }

  #hear(key: Buffer | null, value: Buffer | null): void {
    if (key === null || key.length > KEY_BYTES_MAX || (value !== null && value.length > VALUE_BYTES_MAX)) return;
    const instanceId = key.toString();
    if (instanceId === this.#deps.instanceId && value !== null) {
      this.#echoedAt = this.#deps.clock.elapsed();
      this.#problem = undefined;
      this.#logChange();
    }
    this.#deps.heard(instanceId, value === null ? null : value.toString());
  }

  /** Once when it fails, once when it works again. */
  #logChange(): void {
    const { log, topic } = this.#deps;
    const failed = this.sharing === "failed";
    if (failed === this.#toldOfFailure) return;
    this.#toldOfFailure = failed;
    if (failed)
      log.warn(
        { topic, error: this.#problem ?? "no answer" },
        "status topic does not work: the page shows this instance only; nothing else depends on it",
      );
    else log.info({ topic }, "status topic works again");
  }

  /** `cancelled` is called instead when it stops before. */
  #later(ms: number, action: () => void, cancelled: () => void = () => undefined): void {
    const cancel = this.#deps.clock.after(ms, () => {
      this.#cancel.delete(abandon);
      action();
    });
    const abandon = (): void => {
      cancel();
      cancelled();
    };
    this.#cancel.add(abandon);
  }
}

const PARTITION = 0;
const TELL_EVERY_MS = 2_000;
const FETCH_WAIT_MS = 1_000;
const FETCH_EVERY_MS = 200;
const FETCH_BYTES_MAX = 4 * 1024 * 1024;
const KEY_BYTES_MAX = 400;
const VALUE_BYTES_MAX = 1024 * 1024;
const ECHO_WITHIN_MS = 10_000;
const START_WITHIN_MS = 10_000;
const CLOSE_WITHIN_MS = 1_500;
