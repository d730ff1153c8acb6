import { changeOfClass } from "./changed-library.js";

interface Connected {
  readonly nodeId: string;
  readonly broker: unknown;
}
interface BrokerPool {
  /** Connects to it, unless it is connected. */
  findBroker(which: { readonly nodeId: string }): Promise<unknown>;
  /** Asks one broker after another, in the order of a lot, until one answers. */
  withBroker(ask: (connected: Connected) => Promise<unknown>): Promise<unknown>;
}

/**
 * KafkaJS asks the next broker where one gives no answer, but not where it cannot be reached: that ends the question. One that has just died is still
 * in the lot for some seconds. Here the next one is asked then, too.
 *
 * Where every broker fails to answer, KafkaJS throws all their reasons away (tulios/kafkajs#1630). Of the coordinator of a group it then says "not found" and ends the
 * consumer for good, also where a broker is about to come back, and where what is missing is a right. Here the last reason stays the error: what may pass is
 * tried again as KafkaJS tries again what it knows, and what does not is said in words. Changes the loaded library; calling it again changes nothing more.
 */
export const askBrokersInTurn = changeOfClass<BrokerPool>("cluster/brokerPool.js", (prototype) => {
  const { withBroker } = prototype;
  prototype.withBroker = async function (this: BrokerPool, ask) {
    let unreachable: unknown;
    let refused: unknown;
    // It finds each at once; who is to be asked is connected to below, where a failure leads on to the next one.
    const unconnected = Object.create(this, { findBroker: { value: async () => undefined } }) as BrokerPool;
    const answer = await withBroker.call(unconnected, async ({ nodeId }) => {
      const broker = await this.findBroker({ nodeId }).catch((error: unknown) => {
        unreachable = error;
        throw error;
      });
      try {
        return await ask({ nodeId, broker });
      } catch (error) {
        refused = error;
        throw error;
      }
    });
    const reason = refused ?? unreachable;
    if (answer === null && reason !== undefined) throw reason;
    return answer;
  };
});
