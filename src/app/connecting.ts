import type { KafkaConnection } from "../kafka/client.js";
import { diagnose } from "../kafka/diagnosis.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";

/** A broker that is well answers long before. */
const LOOK_AFTER_MS = 5_000;

/**
 * KafkaJS tries for a quarter of a minute or longer before it gives up, in silence. This says where it connects to, and, while it still has not come anywhere,
 * what is wrong there. Returns how to end it.
 */
export const tellOfConnecting = (deps: {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly log: Logger;
  /** It reads, has given up, or is asked to stop: there is nothing to tell. */
  readonly isOver: () => boolean;
}): (() => void) => {
  const { connection, clock, log, isOver } = deps;
  const { brokers, ssl, sasl } = connection;
  log.info({ brokers, tls: ssl !== undefined, login: sasl?.mechanism ?? "none" }, "connecting to Kafka");
  return clock.after(LOOK_AFTER_MS, () => {
    if (isOver()) return;
    void diagnose(connection)
      .catch(() => undefined)
      .then((reason) => {
        if (reason !== undefined && !isOver()) log.warn({ reason }, "no use of Kafka yet; trying on");
      });
  });
};
