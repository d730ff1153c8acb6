/**
 * Names the log that a checkpoint was made for: two logs with one name are the same log. Undefined: the brokers tell no cluster ID, and nobody can
 * say whether two logs are the same.
 */
export type LogName = string | undefined;

/** Neither a topic's name nor a number has a slash in it, so no two logs get one name. */
export const logName = (clusterId: string | null | undefined, topic: string, partition: number): LogName =>
  clusterId ? `${topic}/${partition}/${clusterId}` : undefined;
