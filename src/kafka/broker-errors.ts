import { changeOfClass } from "./changed-library.js";

type Ask = (connected: unknown) => Promise<unknown>;
interface BrokerPool {
  /** Asks one broker after another until one answers. */
  withBroker(ask: Ask): Promise<unknown>;
}

/**
 * Where every broker fails to answer, KafkaJS throws all their reasons away (tulios/kafkajs#1630). Of the coordinator of a group it then says "not found" and ends the
 * consumer for good, also where a broker is about to come back, and where what is missing is a right. Here the last reason stays the error: what may pass is
 * tried again as KafkaJS tries again what it knows, and what does not is said in words. Changes the loaded library; calling it again changes nothing more.
 */
export const keepBrokerErrors = changeOfClass<BrokerPool>("cluster/brokerPool.js", (prototype) => {
  const { withBroker } = prototype;
  prototype.withBroker = async function (this: BrokerPool, ask) {
    let last: unknown;
    const answer = await withBroker.call(this, async (connected) => {
      try {
        return await ask(connected);
      } catch (error) {
        last = error;
        throw error;
      }
    });
    if (answer === null && last !== undefined) throw last;
    return answer;
  };
});
