import type { Consumer } from "kafkajs";
import { eventually } from "./eventually.js";

/**
 * Subscribes to topics that may have been created a moment ago, from their beginning. A broker answers who created a topic before it tells others of it,
 * on a busy machine seconds before, and KafkaJS takes its answer for a refusal.
 */
export async function subscribe(consumer: Pick<Consumer, "subscribe">, ...topics: string[]): Promise<void> {
  let refused: unknown;
  await eventually(`the broker knows ${topics.join(", ")}`, async () => {
    refused = undefined;
    try {
      await consumer.subscribe({ topics, fromBeginning: true });
    } catch (error) {
      if (isUnknown(error)) return false;
      refused = error;
    }
    return true;
  });
  if (refused !== undefined) throw refused;
}

const isUnknown = (error: unknown): boolean =>
  (error as { readonly type?: string }).type === "UNKNOWN_TOPIC_OR_PARTITION";
