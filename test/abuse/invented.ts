/** Whoever may write to the status topic, and invents sixty instances. */

import { CompressionTypes } from "kafkajs";
import { instanceStatus } from "#src/http/status.js";
import { encodeStatus } from "#src/http/status-record.js";
import { groupSource } from "../support/group-source.js";
import { quietClient } from "../support/kafka-admin.js";
import { partitionState, runtimeState } from "../support/runtime-states.js";
import type { StartAbuser } from "./abuser.js";
import { rounds } from "./producers.js";

const INSTANCES = 60;
/** So many partitions of each make a record of about 0.8 MB. */
const PARTITIONS = 5_200;
const EVERY_MS = 2_000;

export const startInvented: StartAbuser = async ({ brokers, topic, group, statusTopic }) => {
  const names = { group, topic };
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partitionState(partition));
  const state = () => runtimeState({ partitionCount: PARTITIONS, partitions });
  const messages = Array.from({ length: INSTANCES }, (_, i) => {
    const instance = { id: `invented-${i}`, host: `invented-${i}`, startedAt: groupSource().instance.startedAt };
    const value = encodeStatus(names, instanceStatus(groupSource({ names, state, instance })));
    if (value === undefined) throw new Error("an invented status is too large to be written");
    return { key: instance.id, value, partition: 0 };
  });
  const producer = quietClient(brokers).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  return {
    run: (signal) =>
      rounds(EVERY_MS, signal, async () => {
        await producer.send({ topic: statusTopic, messages, acks: 1, compression: CompressionTypes.GZIP });
      }),
    close: () => producer.disconnect(),
  };
};
