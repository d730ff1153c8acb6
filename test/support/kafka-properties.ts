import { join } from "node:path";
import type { KafkaListener, KafkaOptions } from "./kafka.js";

/**
 * The text of each broker's server.properties (KRaft, broker and controller in one). `ports`: first the brokers', then the
 * controllers'. Everything is sized for a machine that runs tests beside it.
 */
export function brokerProperties(directory: string, ports: readonly number[], options: KafkaOptions): string[] {
  const count = ports.length / 2;
  const controllers = ports.slice(count);
  const voters = controllers.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join(",");
  const replicas = String(Math.min(count, 3));
  return ports.slice(0, count).map((port, index) => {
    const more = options.listeners ?? [];
    const at = (listener: KafkaListener, by: "ports" | "advertisedPorts") =>
      `,${listener.name}://127.0.0.1:${listener[by][index]}`;
    const properties: Record<string, string> = {
      "process.roles": "broker,controller",
      "node.id": String(index + 1),
      "controller.quorum.voters": voters,
      listeners: `CLIENTS://127.0.0.1:{port},CONTROLLERS://127.0.0.1:${controllers[index]}${more.map((one) => at(one, "ports")).join("")}`,
      "advertised.listeners": `CLIENTS://127.0.0.1:{port}${more.map((one) => at(one, "advertisedPorts")).join("")}`,
      "listener.security.protocol.map": `CLIENTS:PLAINTEXT,CONTROLLERS:PLAINTEXT${more.map(({ name }) => `,${name}:PLAINTEXT`).join("")}`,
      "controller.listener.names": "CONTROLLERS",
      "inter.broker.listener.name": "CLIENTS",
      "log.dirs": join(directory, `data-${index + 1}`),
      "auto.create.topics.enable": "false",
      "default.replication.factor": replicas,
      "offsets.topic.replication.factor": replicas,
      "offsets.topic.num.partitions": "4",
      "transaction.state.log.replication.factor": replicas,
      "transaction.state.log.min.isr": "1",
      "transaction.state.log.num.partitions": "2",
      "share.coordinator.state.topic.replication.factor": replicas,
      "share.coordinator.state.topic.num.partitions": "1",
      // Tests write alerts of fixed days. A broker that keeps a week deletes them at its first look, half a minute after its start.
      "log.retention.ms": "-1",
      // A group of one test member need not wait for others.
      "group.initial.rebalance.delay.ms": "0",
      // After a kill the broker's own old session would keep it fenced for 9 s. Of several, one that a busy machine keeps waiting is not to lose what it leads.
      "broker.session.timeout.ms": count > 1 ? "6000" : "3000",
      "initial.broker.registration.timeout.ms": "240000",
      "broker.heartbeat.interval.ms": "500",
      "log.cleaner.dedupe.buffer.size": "4194304",
      "log.index.size.max.bytes": "1048576",
      "num.network.threads": "2",
      "num.io.threads": "4",
      "num.recovery.threads.per.data.dir": "2",
      "controlled.shutdown.enable": count > 1 ? "true" : "false",
    };
    if (options.messageMaxBytes !== undefined) properties["message.max.bytes"] = String(options.messageMaxBytes);
    const lines = Object.entries({ ...properties, ...options.properties }).map(([key, value]) => `${key}=${value}`);
    const text = lines.join("\n").replaceAll("{port}", String(port));
    const named = text.replaceAll("{node}", String(index + 1));
    return `${named.replaceAll("{controllerPort}", String(controllers[index]))}\n`;
  });
}
