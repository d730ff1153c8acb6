import { broker, isLoopback } from "./addresses.js";
import { readSasl } from "./kafka-sasl.js";
import { readSsl } from "./kafka-ssl.js";
import type { EnvReader } from "./reader.js";
import type { Config, KafkaStart } from "./shape.js";
import { duration, listOf, name, parsed, topicName, type ValueParser, wrong } from "./values.js";

export const readKafka = (reader: EnvReader, warnings: string[]): Config["kafka"] | undefined => {
  const brokers = reader.required("KAFKA_BROKERS", listOf(broker, broker.expected, broker.example));
  const clientId = reader.read("KAFKA_CLIENT_ID", name(249, "alert-digest"), "alert-digest");
  const groupId = reader.read("KAFKA_GROUP_ID", name(249, "alert-digest"), "alert-digest");
  const alertsTopic = reader.read("KAFKA_ALERTS_TOPIC", topicName("alerts"), "alerts");
  const deadLetterTopic = reader.read(
    "KAFKA_DEAD_LETTER_TOPIC",
    topicName("alerts.dead-letters"),
    "alerts.dead-letters",
  );
  if (alertsTopic === deadLetterTopic) {
    reader.fail(
      "KAFKA_DEAD_LETTER_TOPIC",
      "it is the topic the alerts are read from",
      topicName("alerts.dead-letters"),
    );
  }
  const statusTopic = reader.optional("KAFKA_STATUS_TOPIC", topicName("alerts.status"));
  // The last one holds the notes of `dead-letters redrive`.
  const taken = [alertsTopic, deadLetterTopic, `${deadLetterTopic}.redriven`];
  if (statusTopic !== undefined && taken.includes(statusTopic)) {
    reader.fail("KAFKA_STATUS_TOPIC", "it is a topic that holds something else", topicName("alerts.status"));
  }
  const sentTopic = reader.optional("KAFKA_SENT_TOPIC", topicName("alerts.sent"));
  if (sentTopic !== undefined && [...taken, statusTopic].includes(sentTopic)) {
    reader.fail("KAFKA_SENT_TOPIC", "it is a topic that holds something else", topicName("alerts.sent"));
  }
  const startAt = reader.read<KafkaStart>("KAFKA_START", start, { kind: "earliest" });
  const sessionTimeoutMs = reader.read("KAFKA_SESSION_TIMEOUT", duration("3s", "30m", "15s"), 15_000);
  const rack = reader.optional("KAFKA_RACK", name(249, "ap-northeast-2a"));
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
  return brokers && { brokers, clientId, groupId, ...topics, startAt, sessionTimeoutMs, rack, ssl, sasl };
};

const span = duration("1m", "8784h", "2h");

/** Where a partition without a committed offset begins. */
const start: ValueParser<KafkaStart> = {
  expected: "earliest, latest, or a span from 1m to 8784h: a whole number and s, m or h",
  example: "2h",
  parse(text) {
    const word = text.toLowerCase();
    if (word === "earliest" || word === "latest") return parsed({ kind: word });
    const result = span.parse(text);
    return result.ok
      ? parsed({ kind: "span", spanMs: result.value })
      : wrong(result.problem.replace("a duration", "earliest, latest or a span"));
  },
};
