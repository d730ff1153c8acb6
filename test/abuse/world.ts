/** What a run works with: Kafka, a mail server, two instances of the product as they are shipped, and who is told of what. */

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "#tools/simulator/random.js";
import { type Sink, startSink } from "../chaos/sink.js";
import type { Cleanup } from "../demo/cleanup.js";
import { freePorts } from "../support/free-ports.js";
import { startKafka } from "../support/kafka.js";
import { type Product, startProduct } from "../support/product.js";
import type { Setup } from "./abuser.js";
import type { AbuseOptions } from "./options.js";
import type { ProbeTarget } from "./prober-worker.js";
import { ROUTES } from "./producers.js";

export interface World {
  readonly setup: Setup;
  readonly sink: Sink;
  readonly instances: readonly Product[];
  readonly targets: readonly ProbeTarget[];
}

const PARTITIONS = 12;
const INSTANCES = 2;
export const ORDINARY = "oncall";
const readerOf = (name: string): string => `${name}@plant.example`;
/** Of the address of a mail. */
export const nameOf = (address = ""): string => address.replace(/@.*/, "");

export async function startWorld(
  options: AbuseOptions,
  deps: { readonly signal: AbortSignal; readonly cleanup: Cleanup },
): Promise<World> {
  const { cleanup, signal } = deps;
  const sink = await startSink(seededRandom(options.seed), ([to]) => nameOf(to) === ORDINARY);
  cleanup.add("closing the mail server", () => sink.close());
  const kafka = await startKafka({ signal, heapMegabytes: 512 });
  cleanup.add("ending Kafka", () => kafka.close());
  const topic = `abuse-${randomBytes(3).toString("hex")}`;
  const statusTopic = `${topic}.status`;
  await kafka.createTopic(topic, PARTITIONS);
  await kafka.createTopic(`${topic}.dead-letters`, 1);
  await kafka.createTopic(statusTopic, 1, { "cleanup.policy": "compact" });
  const routes = await writeRoutes(cleanup);
  const ports = await freePorts(2 * INSTANCES);
  const setup: Setup = {
    ...{ brokers: kafka.brokers, topic, group: `${topic}.group`, statusTopic, partitions: PARTITIONS },
    pagePort: ports[0] as number,
  };
  const instances: Product[] = [];
  for (let at = 0; at < INSTANCES; at++) {
    const [page, probe] = ports.slice(2 * at);
    const product = await startProduct({
      env: {
        KAFKA_BROKERS: kafka.brokers,
        KAFKA_GROUP_ID: setup.group,
        KAFKA_ALERTS_TOPIC: topic,
        KAFKA_DEAD_LETTER_TOPIC: `${topic}.dead-letters`,
        KAFKA_STATUS_TOPIC: statusTopic,
        SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
        MAIL_FROM: "alerts@plant.example",
        MAIL_TO: readerOf("flood"),
        MAIL_LOCALE: "en",
        // The books need every alert of ordinary devices by name.
        MAIL_MAX_ALERTS: "1000",
        RECIPIENT_MAX_MAILS: "100",
        ROUTES_FILE: routes,
        WINDOW_SIZE: `${options.windowMs}ms`,
        HTTP_PORT: String(page),
        HTTP_PROBE_PORT: String(probe),
        LOG_LEVEL: "warn",
      },
    });
    cleanup.add("ending an instance", () => product[Symbol.asyncDispose]());
    instances.push(product);
  }
  await Promise.all(instances.map((product) => product.waitReady()));
  const kinds = ["page", "probe"] as const;
  return { setup, sink, instances, targets: ports.map((port, at) => ({ port, kind: kinds[at % 2] ?? "page" })) };
}

async function writeRoutes(cleanup: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "abuse-"));
  cleanup.add("removing the routes", () => rm(folder, { recursive: true }));
  const path = join(folder, "routes.yaml");
  const all = Object.entries({ [ORDINARY]: "device-*", ...ROUTES });
  const lines = all.map(([name, pattern]) => `  - { to: ${readerOf(name)}, match: { device: "${pattern}" } }\n`);
  await writeFile(path, `version: 1\nroutes:\n${lines.join("")}`);
  return path;
}
