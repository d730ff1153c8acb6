import { broker, isLoopback } from "./addresses.js";
import { readSsl } from "./kafka-ssl.js";
import type { EnvReader } from "./reader.js";
import { type Config, SASL_MECHANISMS } from "./shape.js";
import { duration, listOf, name, oneOf, secret, topicName } from "./values.js";

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
  const sessionTimeoutMs = reader.read("KAFKA_SESSION_TIMEOUT", duration("3s", "30m", "15s"), 15_000);
  const ssl = readSsl(reader, warnings);
  const sasl = readSasl(reader);
  if (
    sasl?.mechanism === "plain" &&
    !ssl &&
    brokers?.some((entry) => !isLoopback(entry.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")))
  ) {
    warnings.push("KAFKA_SASL_MECHANISM is plain and KAFKA_SSL is off: the password crosses the network readable");
  }
  const topics = { alertsTopic, deadLetterTopic, statusTopic, sentTopic };
  return brokers && { brokers, clientId, groupId, ...topics, sessionTimeoutMs, ssl, sasl };
};

const readSasl = (reader: EnvReader): Config["kafka"]["sasl"] => {
  const mechanism = reader.optional("KAFKA_SASL_MECHANISM", oneOf(SASL_MECHANISMS, "scram-sha-512"));
  const username = reader.optional("KAFKA_SASL_USERNAME", name(1024, "alert-digest"));
  const password = reader.secret("KAFKA_SASL_PASSWORD", secret("secret"));
  const hasMechanism = reader.text("KAFKA_SASL_MECHANISM") !== undefined;
  const hasUsername = reader.text("KAFKA_SASL_USERNAME") !== undefined;
  const hasPassword = reader.hasSecret("KAFKA_SASL_PASSWORD");
  const all = "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD together, or none of them";
  if (!hasMechanism && (hasUsername || hasPassword)) {
    reader.fail("KAFKA_SASL_MECHANISM", "it is not set, but a user or a password is", {
      expected: all,
      example: "scram-sha-512",
    });
  }
  if (hasMechanism && !hasUsername)
    reader.fail("KAFKA_SASL_USERNAME", "it is not set", { expected: all, example: "alert-digest" });
  if (hasMechanism && !hasPassword)
    reader.fail("KAFKA_SASL_PASSWORD", "it is not set", { expected: all, example: "secret" });
  return mechanism && username && password ? { mechanism, username, password } : undefined;
};
