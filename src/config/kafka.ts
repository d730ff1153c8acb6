/** `KAFKA_*` but TLS and the login. */

import { broker, isLoopback } from "./addresses.js";
import { readSasl } from "./kafka-sasl.js";
import { readSsl } from "./kafka-ssl.js";
import type { EnvReader } from "./reader.js";
import type { Config, KafkaStart } from "./shape.js";
import { duration, hidingLogins, listOf, name, parsed, size, topicName, type ValueParser, wrong } from "./values.js";
import { optional, required, variables, withDefault } from "./variable.js";

const SPAN = duration("1m", "8784h");

/** Where a partition without a committed offset begins. */
const start: ValueParser<KafkaStart> = {
  expected: "earliest, latest, or a span from 1m to 8784h: a whole number and s, m or h",
  parse(text) {
    const word = text.toLowerCase();
    if (word === "earliest" || word === "latest") return parsed({ kind: word });
    const result = SPAN.parse(text);
    return result.ok
      ? parsed({ kind: "span", spanMs: result.value })
      : wrong(result.problem.replace("a duration", "earliest, latest or a span"));
  },
};

export const KAFKA = variables({
  KAFKA_BROKERS: required(hidingLogins(listOf(broker, broker.expected)), {
    says: "brokers to connect to first: host:port,host:port",
    example: "kafka-1:9092,kafka-2:9092",
  }),
  KAFKA_CLIENT_ID: withDefault(name(249), {
    says: "name of this client in the broker's logs and quotas",
    default: "alert-digest",
  }),
  KAFKA_GROUP_ID: withDefault(name(249), {
    says: "consumer group",
    more: "All instances with the same group share the partitions.",
    default: "alert-digest",
  }),
  KAFKA_ALERTS_TOPIC: withDefault(topicName, { says: "topic to read", default: "alerts" }),
  KAFKA_DEAD_LETTER_TOPIC: withDefault(topicName, {
    says: "topic for what cannot be read or delivered",
    more: "It must not be the topic that is read. The command [`dead-letters`](redrive.md) reads it.",
    default: "alerts.dead-letters",
  }),
  KAFKA_START: withDefault(start, {
    says: "where a partition without a commit begins: earliest, latest or 2h",
    more: "A span like `2h` means the records of the last two hours. See [the first start](kafka.md#the-first-start).",
    default: "earliest",
    example: "2h",
  }),
  KAFKA_STATUS_TOPIC: optional(topicName, {
    says: "topic in which the instances tell each other how they are",
    more: "With it, the live page of each instance shows all of them.",
    unset: "off",
    example: "alerts.status",
  }),
  KAFKA_SENT_TOPIC: optional(topicName, {
    says: "topic in which every sent mail is put on record",
    more: "The command `sent` and the daily report read it.",
    unset: "off",
    example: "alerts.sent",
  }),
  KAFKA_SESSION_TIMEOUT: withDefault(duration("3s", "30m"), {
    says: "how long the group waits for an instance that is silent",
    more: "It must lie within the broker's `group.min.session.timeout.ms` and `group.max.session.timeout.ms`.",
    default: "15s",
  }),
  BATCH_MAX_BYTES: withDefault(size("1MB", "1GB"), {
    says: "compressed batches may unpack to so much at a time",
    more: "What is beyond is unpacked piece by piece, and a record over 1 MiB in it becomes a dead letter without its value. See [large batches](kafka.md#large-batches).",
    default: "64MB",
  }),
  KAFKA_RACK: optional(name(249), {
    says: "rack of this instance: it reads from the closest replica",
    more: "Write what the brokers near this instance have as `broker.rack`; in a cloud that is the zone. See [racks](kafka.md#racks).",
    unset: "off",
    example: "ap-northeast-2a",
  }),
});

export const readKafka = (reader: EnvReader, warnings: string[]): Config["kafka"] | undefined => {
  const brokers = reader.read(KAFKA.KAFKA_BROKERS);
  const clientId = reader.read(KAFKA.KAFKA_CLIENT_ID);
  const groupId = reader.read(KAFKA.KAFKA_GROUP_ID);
  const alertsTopic = reader.read(KAFKA.KAFKA_ALERTS_TOPIC);
  const deadLetterTopic = reader.read(KAFKA.KAFKA_DEAD_LETTER_TOPIC);
  if (alertsTopic === deadLetterTopic)
    reader.fail(KAFKA.KAFKA_DEAD_LETTER_TOPIC, "it is the topic the alerts are read from");
  const statusTopic = reader.read(KAFKA.KAFKA_STATUS_TOPIC);
  // The last one holds the notes of `dead-letters redrive`.
  const taken = [alertsTopic, deadLetterTopic, `${deadLetterTopic}.redriven`];
  if (statusTopic !== undefined && taken.includes(statusTopic))
    reader.fail(KAFKA.KAFKA_STATUS_TOPIC, "it is a topic that holds something else");
  const sentTopic = reader.read(KAFKA.KAFKA_SENT_TOPIC);
  if (sentTopic !== undefined && [...taken, statusTopic].includes(sentTopic))
    reader.fail(KAFKA.KAFKA_SENT_TOPIC, "it is a topic that holds something else");
  const startAt = reader.read(KAFKA.KAFKA_START);
  const sessionTimeoutMs = reader.read(KAFKA.KAFKA_SESSION_TIMEOUT);
  const batchMaxBytes = reader.read(KAFKA.BATCH_MAX_BYTES);
  const rack = reader.read(KAFKA.KAFKA_RACK);
  const ssl = readSsl(reader, warnings);
  const sasl = readSasl(reader, warnings);
  if (
    (sasl?.mechanism === "plain" || sasl?.mechanism === "oauthbearer") &&
    !ssl &&
    brokers?.some((entry) => !isLoopback(entry.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")))
  ) {
    const crossing = sasl.mechanism === "plain" ? "password" : "token";
    warnings.push(
      `KAFKA_SASL_MECHANISM is ${sasl.mechanism} and KAFKA_SSL is off: the ${crossing} crosses the network readable`,
    );
  }
  const topics = { alertsTopic, deadLetterTopic, statusTopic, sentTopic };
  return (
    brokers && { brokers, clientId, groupId, ...topics, startAt, sessionTimeoutMs, batchMaxBytes, rack, ssl, sasl }
  );
};
