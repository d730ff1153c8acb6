/** A real Apache Kafka on this machine, for tests, the demo and the benchmark. */

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "./free-ports.js";
import { type Guard, type GuardedProcess, startGuard } from "./guard.js";
import { findJava, findMaven } from "./java.js";
import { brokerCount, createTopic } from "./kafka-admin.js";
import { type GroupLag, readGroupLag } from "./kafka-group-lag.js";
import { kafkaClassPath, kafkaJarsDirectory } from "./kafka-jars.js";
import { brokerProperties } from "./kafka-properties.js";
import { readTail } from "./read-tail.js";

export { MissingRequirement } from "./java.js";

/** Compiling less and a small heap: up in about half the time a broker with default flags needs. */
const JVM_FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xms64m"];
const LOG_FLAGS = [
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.showDateTime=true",
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
];
const READY_TIMEOUT_MS = 240_000;
const STOP_TIMEOUT_MS = 90_000;
const START_ATTEMPTS = 3;
const POLL_MS = 100;

export interface KafkaOptions {
  /** 1 or 3; each is broker and controller. */
  readonly brokers?: number;
  /** `message.max.bytes`. */
  readonly messageMaxBytes?: number;
  /** Added to each broker's server.properties, replacing what is there. `{port}`, `{controllerPort}` and `{node}` stand for the broker's own. */
  readonly properties?: Readonly<Record<string, string>>;
  /** More listeners beside the one that `brokers` names, each with an address of its own for clients: a proxy's. */
  readonly listeners?: readonly KafkaListener[];
  /** More arguments of `kafka-storage format`, for example `--add-scram`. */
  readonly formatArguments?: readonly string[];
  readonly heapMegabytes?: number;
  /** A directory with classes that the brokers load: their plugins. */
  readonly classes?: string;
  /** `-Dname=value` of the brokers. */
  readonly systemProperties?: Readonly<Record<string, string>>;
  /** False where a plain client cannot ask (SASL, TLS): then ready means that the port answers. */
  readonly askWhetherReady?: boolean;
  /** Ends the start early; whatever was begun is undone. */
  readonly signal?: AbortSignal | undefined;
}

/** Plaintext on 127.0.0.1. Clients that connect to it are sent to the advertised ports of all brokers. */
export interface KafkaListener {
  /** Upper case letters and digits. */
  readonly name: string;
  /** By broker: where it listens. */
  readonly ports: readonly number[];
  /** By broker: where its clients find it. */
  readonly advertisedPorts: readonly number[];
}

export interface Kafka {
  /** `host:port,host:port`, the form of KAFKA_BROKERS. */
  readonly brokers: string;
  /** Holds properties, data and `broker-N.log` until `close`. */
  readonly directory: string;
  /** SIGKILL; resolves when the processes are gone. Without an index: all brokers. */
  kill(index?: number): Promise<void>;
  /** SIGTERM, a clean shutdown; resolves when the processes are gone. */
  stop(index?: number): Promise<void>;
  /** SIGSTOP: the port stays open and nobody answers. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** Starts what does not run on the same ports and data; resolves when it answers. With an index: that broker only. */
  restart(index?: number): Promise<void>;
  /** Ends everything and deletes the files. Safe to call twice. */
  close(): Promise<void>;
  createTopic(name: string, partitions: number, config?: Readonly<Record<string, string>>): Promise<void>;
  /** What Kafka's own ConsumerGroupCommand prints, by partition. */
  consumerGroupLag(group: string, topic?: string): Promise<Map<number, GroupLag>>;
}

/** Fetches what `startKafka` needs and this machine lacks. Throws MissingRequirement (one line for the user) where it cannot. */
export async function checkKafkaRequirements(signal?: AbortSignal): Promise<void> {
  if (!existsSync(kafkaJarsDirectory())) await findMaven(signal);
  await findJava(signal);
  await kafkaClassPath({ signal });
}

/** Throws MissingRequirement as `checkKafkaRequirements` does. */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  await checkKafkaRequirements(options.signal);
  const java = await findJava(options.signal);
  const classPath = await kafkaClassPath({ signal: options.signal });
  for (let attempt = 1; ; attempt++) {
    const cluster = await EmbeddedKafka.create(java, classPath, options);
    const abort = (): void => void cluster.close();
    options.signal?.addEventListener("abort", abort);
    try {
      options.signal?.throwIfAborted();
      await cluster.format();
      await cluster.restart();
      options.signal?.throwIfAborted();
      return cluster;
    } catch (error) {
      await cluster.close();
      options.signal?.throwIfAborted();
      // A port that was taken meanwhile, or a busy machine on which one gave up before it had met the others.
      const isEnded = error instanceof Error && /^Kafka ended while it started/.test(error.message);
      if (!isEnded || attempt === START_ATTEMPTS) throw error;
    } finally {
      options.signal?.removeEventListener("abort", abort);
    }
  }
}

/** A UUID in Kafka's form. Never with a leading dash, which would be taken for an option. */
function newClusterId(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return bytes.toString("base64url");
}

class EmbeddedKafka implements Kafka {
  readonly brokers: string;
  readonly directory: string;
  readonly #java: string;
  readonly #classPath: string;
  readonly #options: KafkaOptions;
  readonly #guard: Guard;
  readonly #ports: readonly number[];
  readonly #properties: readonly string[];
  readonly #running: (GuardedProcess | undefined)[];
  #closed = false;

  static async create(java: string, classPath: string, options: KafkaOptions): Promise<EmbeddedKafka> {
    const count = options.brokers ?? 1;
    const ports = await freePorts(2 * count);
    const guard = await startGuard("kafka");
    const properties: string[] = [];
    try {
      for (const [index, text] of brokerProperties(guard.directory, ports, options).entries()) {
        const file = join(guard.directory, `server-${index + 1}.properties`);
        await writeFile(file, text);
        properties.push(file);
      }
    } catch (error) {
      await guard.close();
      throw error;
    }
    return new EmbeddedKafka(java, classPath, options, guard, ports.slice(0, count), properties);
  }

  private constructor(
    java: string,
    classPath: string,
    options: KafkaOptions,
    guard: Guard,
    ports: readonly number[],
    properties: readonly string[],
  ) {
    this.brokers = ports.map((port) => `127.0.0.1:${port}`).join(",");
    this.directory = guard.directory;
    this.#java = java;
    this.#classPath = classPath;
    this.#options = options;
    this.#guard = guard;
    this.#ports = ports;
    this.#properties = properties;
    this.#running = ports.map(() => undefined);
  }

  #startJava(log: string, main: string, args: readonly string[]): Promise<GuardedProcess> {
    const heap = `-Xmx${this.#options.heapMegabytes ?? 384}m`;
    const { classes, systemProperties = {} } = this.#options;
    const defined = Object.entries(systemProperties).map(([name, value]) => `-D${name}=${value}`);
    const classPath = classes === undefined ? this.#classPath : `${this.#classPath}:${classes}`;
    const flags = [...JVM_FLAGS, heap, ...LOG_FLAGS, ...defined, "-cp", classPath];
    return this.#guard.start(this.#java, [...flags, main, ...args], { cwd: this.directory, logFile: this.#log(log) });
  }

  #log(name: string): string {
    return join(this.directory, `${name}.log`);
  }

  async format(): Promise<void> {
    const clusterId = newClusterId();
    const more = this.#options.formatArguments ?? [];
    await Promise.all(
      this.#properties.map(async (file, index) => {
        const name = `format-${index + 1}`;
        const args = ["format", "--cluster-id", clusterId, "--config", file, ...more];
        const { code } = await (await this.#startJava(name, "kafka.tools.StorageTool", args)).exited();
        if (code !== 0) throw new Error(`formatting Kafka's storage failed\n${await readTail(this.#log(name), 10)}`);
      }),
    );
  }

  async restart(only?: number): Promise<void> {
    for (const [index, file] of this.#properties.entries()) {
      if ((only !== undefined && index !== only) || this.#runs(index)) continue;
      this.#running[index] = await this.#startJava(`broker-${index + 1}`, "kafka.Kafka", [file]);
    }
    const wanted = this.#ports.flatMap((_, index) => (only === undefined || this.#runs(index) ? index : []));
    const brokers = wanted.map((index) => `127.0.0.1:${this.#ports[index]}`).join(",");
    const deadline = Date.now() + READY_TIMEOUT_MS;
    const ask = this.#options.askWhetherReady ?? true;
    while ((await brokerCount(brokers, ask)) < wanted.length) {
      const dead = wanted.find((index) => !this.#runs(index)) ?? -1;
      if (this.#closed) throw new Error("Kafka was closed while it started");
      if (dead >= 0) throw new Error(`Kafka ended while it started\n${await this.#tail(dead)}`);
      if (Date.now() > deadline) throw new Error(`Kafka did not answer in time\n${await this.#tail(0)}`);
      await sleep(POLL_MS);
    }
  }

  #runs(index: number): boolean {
    const process = this.#running[index];
    return process !== undefined && process.exit() === undefined;
  }

  #tail(index: number): Promise<string> {
    return readTail(this.#log(`broker-${index + 1}`), 30);
  }

  #selected(index: number | undefined): GuardedProcess[] {
    return this.#running.filter(
      (process, at) => process !== undefined && (index === undefined || at === index),
    ) as GuardedProcess[];
  }

  async kill(index?: number): Promise<void> {
    const selected = this.#selected(index);
    for (const process of selected) process.signal("SIGKILL");
    await Promise.all(selected.map((process) => process.exited()));
  }

  async stop(index?: number): Promise<void> {
    const selected = this.#selected(index);
    for (const process of selected) process.signal("SIGTERM");
    const killer = setTimeout(() => void this.kill(index), STOP_TIMEOUT_MS);
    await Promise.all(selected.map((process) => process.exited()));
    clearTimeout(killer);
  }

  freeze(): void {
    for (const process of this.#selected(undefined)) process.signal("SIGSTOP");
  }

  thaw(): void {
    for (const process of this.#selected(undefined)) process.signal("SIGCONT");
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#guard.close();
  }

  createTopic(name: string, partitions: number, config: Readonly<Record<string, string>> = {}): Promise<void> {
    return createTopic(this.brokers, name, partitions, config);
  }

  consumerGroupLag(group: string, topic?: string): Promise<Map<number, GroupLag>> {
    return readGroupLag(this.brokers, group, topic);
  }
}
