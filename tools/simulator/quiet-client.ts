/** KafkaJS for tools and tests; nothing of the product, so that the simulator's image needs nothing of it. */

import { type Admin, Kafka, logLevel } from "kafkajs";

/** A quiet client that tries a few times: callers poll. It waits long for an answer, since a busy machine may owe it for seconds. */
export const quietClient = (brokers: string, { requestTimeout = 30_000 } = {}): Kafka =>
  new Kafka({
    clientId: "alert-digest-support",
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 10_000,
    requestTimeout,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
  });

export async function withAdmin<T>(brokers: string, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = quietClient(brokers).admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
