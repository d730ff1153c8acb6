/** The instances of the product in one phase, each in a slot with doors of its own to Kafka and to the mail server. */

import { type Product, startProduct } from "../support/product.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { type Cluster, SLOTS } from "./cluster.js";

export const WINDOW_MS = 2_000;
export const GRACE_MS = 300;
export const SMTP_CONNECTIONS = 8;
const READY_TIMEOUT_MS = 90_000;

export interface Instances {
  /** Slots with a running instance, ascending. */
  readonly running: readonly number[];
  /** Resolves when it has its partitions. */
  start(slot: number): Promise<void>;
  /** Starts it and does not wait. */
  launch(slot: number): Promise<void>;
  waitReady(slot: number): Promise<void>;
  /** SIGTERM; notes an exit code other than 0. */
  stop(slot: number): Promise<void>;
  /** SIGKILL. */
  kill(slot: number): Promise<void>;
  signal(slot: number, name: "SIGSTOP" | "SIGCONT"): void;
  /** Instances that ended though nobody told them to are started again, as a supervisor does; how often, is counted. */
  revive(): Promise<void>;
  readonly revived: number;
  smtpProxyOf(slot: number): TcpProxy;
  /** Whoever starts from now on uses that cluster. */
  moveTo(cluster: Cluster): void;
  /** What should not have been. */
  readonly problems: readonly string[];
  /** Logs of all that ever ran, by name. */
  logs(): ReadonlyMap<string, readonly unknown[]>;
  close(): Promise<void>;
}

export async function startInstances(options: {
  readonly cluster: Cluster;
  readonly smtpPort: number;
  readonly topic: string;
  readonly group: string;
  /** The command; default `run`. */
  readonly args?: readonly string[];
  /** On top of what `run` needs. */
  readonly more?: Readonly<Record<string, string>>;
}): Promise<Instances> {
  const { topic, group } = options;
  let { cluster } = options;
  const proxies = await Promise.all(Array.from({ length: SLOTS }, () => startTcpProxy(options.smtpPort)));
  const products = new Map<number, Product>();
  const all: { readonly name: string; readonly product: Product }[] = [];
  const problems: string[] = [];
  let revived = 0;

  const env = (slot: number): Record<string, string> => ({
    KAFKA_BROKERS: cluster.brokersOf(slot),
    // One for all of them, as where they are replicas of one deployment: a quota is of the client ID.
    KAFKA_CLIENT_ID: group,
    KAFKA_GROUP_ID: group,
    KAFKA_ALERTS_TOPIC: topic,
    KAFKA_DEAD_LETTER_TOPIC: `${topic}.dead-letters`,
    SMTP_URL: `smtp://127.0.0.1:${smtpProxyOf(slot).port}`,
    SMTP_CONNECTIONS: String(SMTP_CONNECTIONS),
    SMTP_TIMEOUT: "10s",
    SMTP_RETRY_INITIAL: "200ms",
    SMTP_RETRY_MAX: "2s",
    MAIL_FROM: "alerts@plant.example",
    MAIL_TO: "oncall@plant.example",
    MAIL_LOCALE: "en",
    MAIL_MAX_ALERTS: "5000",
    WINDOW_SIZE: `${WINDOW_MS}ms`,
    WINDOW_GRACE: `${GRACE_MS}ms`,
    LOG_LEVEL: process.env["LOG_LEVEL"] ?? "info",
    ...options.more,
  });
  const smtpProxyOf = (slot: number): TcpProxy => proxies[slot] as TcpProxy;
  const productOf = (slot: number): Product => {
    const product = products.get(slot);
    if (product === undefined) throw new Error(`no instance in slot ${slot}`);
    return product;
  };
  const launch = async (slot: number): Promise<void> => {
    const product = await startProduct({ env: env(slot), ...(options.args && { args: options.args }) });
    products.set(slot, product);
    all.push({ name: `${slot}-pid${product.pid}`, product });
  };
  const waitReady = (slot: number): Promise<void> => productOf(slot).waitReady(READY_TIMEOUT_MS);

  return {
    get running() {
      return [...products.keys()].sort((a, b) => a - b);
    },
    problems,
    get revived() {
      return revived;
    },
    launch,
    waitReady,
    async start(slot) {
      await launch(slot);
      await waitReady(slot);
    },
    async stop(slot) {
      const product = productOf(slot);
      products.delete(slot);
      const code = await product.stop();
      // One that had already said that it cannot go on, and why, was to be started again by its supervisor.
      const gaveUp = product.logs.some((entry) => entry["level"] === "fatal");
      if (gaveUp) revived++;
      else if (code !== 0) problems.push(`the instance in slot ${slot} ended with ${code} after SIGTERM`);
    },
    async kill(slot) {
      const product = productOf(slot);
      products.delete(slot);
      await product.kill();
    },
    signal: (slot, name) => productOf(slot).signal(name),
    async revive() {
      for (const [slot, product] of products) {
        if (product.running()) continue;
        revived++;
        await launch(slot);
      }
    },
    smtpProxyOf,
    moveTo(other) {
      cluster = other;
    },
    logs: () => new Map(all.map(({ name, product }) => [name, [...product.logs, { stderr: product.stderr() }]])),
    async close() {
      await Promise.all(all.map(({ product }) => product[Symbol.asyncDispose]()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
