/** The demo's topics and group: made at the start, read at the end, deleted where the broker is somebody else's. */

import { randomBytes } from "node:crypto";
import { createTopic, quietClient, withAdmin } from "../support/kafka-admin.js";
import { subscribe } from "../support/subscribe.js";
import type { ReceivedDeadLetter } from "./books.js";

export const PARTITIONS = 6;
const READ_TIMEOUT_MS = 30_000;

export interface Names {
  readonly alerts: string;
  readonly deadLetters: string;
  /** The instances make it. */
  readonly status: string;
  readonly group: string;
}

/** On an own broker the names users know; on a foreign one names that nobody else has. */
export function chooseNames(foreignBroker: boolean): Names {
  if (!foreignBroker)
    return { alerts: "alerts", deadLetters: "alerts.dead-letters", status: "alerts.status", group: "alert-digest" };
  const unique = `alert-digest-demo-${randomBytes(4).toString("hex")}`;
  return {
    alerts: `${unique}.alerts`,
    deadLetters: `${unique}.dead-letters`,
    status: `${unique}.status`,
    group: unique,
  };
}

export async function createTopics(brokers: string, names: Names): Promise<void> {
  await createTopic(brokers, names.alerts, PARTITIONS);
  await createTopic(brokers, names.deadLetters, 1);
}

export async function deleteTopicsAndGroup(brokers: string, names: Names): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    const own = [names.group, readerGroup(names)].filter((group) => groups.includes(group));
    if (own.length > 0) await admin.deleteGroups(own);
    const existing = await admin.listTopics();
    const topics = [names.alerts, names.deadLetters, names.status].filter((topic) => existing.includes(topic));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });
}

/** Records of the alerts topic that the group has not committed, as Kafka has it. */
export function committedLag(brokers: string, names: Names): Promise<number> {
  return withAdmin(brokers, async (admin) => {
    const [committed] = await admin.fetchOffsets({ groupId: names.group, topics: [names.alerts] });
    const ends = await admin.fetchTopicOffsets(names.alerts);
    const position = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return ends.reduce((sum, { partition, low, high }) => {
      // -1: nothing committed, so everything is left.
      const from = Math.max(position.get(partition) ?? -1, Number(low));
      return sum + Math.max(0, Number(high) - from);
    }, 0);
  });
}

const readerGroup = (names: Names): string => `${names.group}-books`;

/** Everything in the dead-letter topic. */
export async function readDeadLetters(brokers: string, names: Names): Promise<ReceivedDeadLetter[]> {
  const topic = names.deadLetters;
  const [end] = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
  const wanted = Number(end?.high ?? 0);
  const letters: ReceivedDeadLetter[] = [];
  if (wanted === 0) return letters;
  const consumer = quietClient(brokers).consumer({ groupId: readerGroup(names), maxWaitTimeInMs: 200 });
  try {
    await consumer.connect();
    await subscribe(consumer, topic);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("reading the dead-letter topic took too long")), READ_TIMEOUT_MS);
      const eachMessage = async ({ message }: { message: { offset: string; headers?: object } }): Promise<void> => {
        letters.push(toDeadLetter(message.headers as Readonly<Record<string, unknown>> | undefined));
        if (Number(message.offset) + 1 < wanted) return;
        clearTimeout(timer);
        resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
  } finally {
    await consumer.disconnect().catch(() => {});
  }
  return letters;
}

function toDeadLetter(headers: Readonly<Record<string, unknown>> = {}): ReceivedDeadLetter {
  const header = (name: string): string => String(headers[`dead-letter.${name}`] ?? "");
  return {
    kind: header("kind"),
    partition: Number(header("partition") || Number.NaN),
    offset: Number(header("offset") || Number.NaN),
  };
}
