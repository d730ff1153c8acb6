import type { Admin } from "kafkajs";
import { rootCause } from "./client.js";

/** Whether the coordinator answered a join with "unknown server error", which says nothing to anybody. */
export const isUnexplained = (error: unknown): boolean => (rootCause(error) as { type?: string }).type === "UNKNOWN";

/**
 * What an unexplained answer to a join means. A broker gives it when the group belongs to the new protocol already (`group.protocol=consumer`, Kafka 4): it tries to
 * take the classic member in, and cannot read its metadata (see `METADATA_VERSION`). Such a group does not exist for a classic client that asks
 * about it; a group of the classic protocol does.
 */
export const joinFailure = async (
  error: Error,
  admin: Pick<Admin, "describeGroups">,
  groupId: string,
): Promise<Error> => {
  const said = rootCause(error).message;
  const state = await admin.describeGroups([groupId]).then(
    ({ groups }) => groups[0]?.state,
    () => undefined,
  );
  if (state === undefined || state === "Dead") {
    return new Error(
      `the broker could not let this instance into consumer group ${groupId} (${said}). A program that uses Kafka's new group protocol ` +
        "(group.protocol=consumer) is in it, most likely: look with kafka-consumer-groups --describe --members --group " +
        `${groupId}; stop that program or give it another group, or choose another KAFKA_GROUP_ID`,
    );
  }
  return new Error(
    `the broker could not let this instance into consumer group ${groupId} (${said}): the log of the broker that coordinates the group says why`,
    { cause: error },
  );
};
