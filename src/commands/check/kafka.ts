/** Kafka, its topics, and what this user may do. Creates nothing, joins nothing, commits nothing. */

import type { Config } from "../../config.js";
import { createKafka, explain } from "../../kafka/client.js";
import { explainAfterALook } from "../../kafka/diagnosis.js";
import { clusterOf } from "../../kafka/log-ends.js";
import { whyNoMember, whyNotReadable, whyNotWritable } from "../../kafka/rights.js";
import { whyNotCreated } from "../../kafka/topic-creation.js";
import { DEAD_LETTER_CONFIG, SENT_CONFIG, STATUS_CONFIG } from "../../kafka/topics.js";
import { QUIET } from "../../runtime/log.js";
import { type Finding, fine, wrong } from "./findings.js";

/** Returns whether the alerts topic can be read. */
export const checkKafka = async (kafka: Config["kafka"], tell: (finding: Finding) => void): Promise<boolean> => {
  const { alertsTopic, deadLetterTopic, statusTopic, sentTopic, groupId } = kafka;
  const client = createKafka(kafka, QUIET, { retries: 2 });
  const admin = client.admin();
  const cluster = clusterOf(client);
  const names = { topic: alertsTopic, group: groupId };
  let isReadable = false;
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    tell(fine("Kafka", `${brokers.length} broker${brokers.length === 1 ? "" : "s"} at ${kafka.brokers.join(", ")}`));
    const topics = new Set(await admin.listTopics());
    const why = (error: Error, topic: string): string => explain(error, kafka, { ...names, topic });

    if (topics.has(alertsTopic)) {
      const error = await whyNotReadable(cluster, alertsTopic);
      const partitions = cluster.findTopicPartitionMetadata(alertsTopic).length;
      isReadable = error === undefined;
      if (error === undefined) tell(fine(`topic ${alertsTopic}`, `can be read, ${partitions} partitions`));
      else tell(wrong(`topic ${alertsTopic}`, why(error, alertsTopic)));
    } else
      tell(
        wrong(
          `topic ${alertsTopic}`,
          "it does not exist, or this user may not see it",
          "create it with as many partitions as instances may ever run, or grant DESCRIBE on it (KAFKA_ALERTS_TOPIC)",
        ),
      );

    const error = await whyNoMember(cluster, groupId);
    if (error === undefined) tell(fine(`group ${groupId}`, "can be joined"));
    else tell(wrong(`group ${groupId}`, why(error, alertsTopic)));

    const written = [
      [deadLetterTopic, "KAFKA_DEAD_LETTER_TOPIC", DEAD_LETTER_CONFIG],
      [statusTopic, "KAFKA_STATUS_TOPIC", STATUS_CONFIG],
      [sentTopic, "KAFKA_SENT_TOPIC", SENT_CONFIG],
    ] as const;
    for (const [topic, variable, config] of written) {
      if (topic === undefined) continue;
      if (!topics.has(topic)) {
        const problem = await whyNotCreated(admin, { topic, config }, { variable, log: QUIET });
        if (problem === undefined) tell(fine(`topic ${topic}`, `does not exist yet: run creates it (${variable})`));
        else tell(wrong(`topic ${topic}`, problem));
        continue;
      }
      const refused = await whyNotWritable(cluster, topic);
      if (refused === undefined) tell(fine(`topic ${topic}`, "can be written"));
      else tell(wrong(`topic ${topic}`, why(refused, topic), `grant WRITE and DESCRIBE on it (${variable})`));
    }
  } catch (error) {
    tell(wrong("Kafka", await explainAfterALook(error, kafka, names)));
  } finally {
    await Promise.allSettled([admin.disconnect(), cluster.disconnect()]);
  }
  return isReadable;
};
