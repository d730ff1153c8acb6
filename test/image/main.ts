/**
 * `npm run image`: builds both images and runs them as docker-compose.yml does, against a real broker and a real SMTP server. Needs Podman or
 * Docker, and what the integration tests need; no part of `npm test`.
 */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createCleanup } from "../demo/cleanup.js";
import { eventually } from "../support/eventually.js";
import { freePort } from "../support/free-ports.js";
import { startKafka } from "../support/kafka.js";
import { parseMetrics } from "../support/metrics-page.js";
import { after, startSmtpServer } from "../support/smtp-server.js";
import { type Container, findContainerTool } from "./containers.js";

const PRODUCT = "alert-digest:test";
const SIMULATOR = "alert-digest-simulator:test";
const STOP_SECONDS = 30;
const MAIL_MS = 500;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const tool = await findContainerTool(fileURLToPath(new URL("../..", import.meta.url)));
if (!tool) {
  process.stderr.write("image: neither podman nor docker answers; install one of them, or name it in CONTAINER_TOOL\n");
  process.exit(1);
}

const cleanup = createCleanup();
const check = async (): Promise<void> => {
  await tool.build("product", PRODUCT);
  await tool.build("simulator", SIMULATOR);
  for (const tag of [PRODUCT, SIMULATOR]) assert.equal(await tool.user(tag), "node");
  say("built: product and simulator, user node");

  const kafka = await startKafka();
  cleanup.add("broker", () => kafka.close());
  let begun = 0;
  const smtp = await startSmtpServer({
    onMessage: () => {
      begun++;
      return after(MAIL_MS);
    },
  });
  cleanup.add("SMTP server", () => smtp.close());
  await kafka.createTopic("alerts", 6);

  const id = randomBytes(4).toString("hex");
  const start = async (tag: string, name: string, environment: Record<string, string>): Promise<Container> => {
    const container = await tool.run(tag, `${name}-${id}`, { KAFKA_BROKERS: kafka.brokers, ...environment });
    cleanup.add(container.name, () => container.remove());
    return container;
  };
  const port = await freePort();
  const environment = {
    HTTP_HOST: "127.0.0.1",
    HTTP_PORT: String(port),
    SMTP_URL: smtp.url,
    MAIL_FROM: "alerts@example.com",
    MAIL_TO: "operators@example.com",
    WINDOW_SIZE: "2s",
    SMTP_CONNECTIONS: "4",
  };
  const answers = async (path: string): Promise<string | undefined> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return response.ok ? response.text() : undefined;
  };

  const consumer = await start(PRODUCT, "consumer", environment);
  await eventually("the consumer is ready", () => answers("/readyz"));
  await eventually("its health check passes", () => consumer.healthy());
  say("consumer: ready, healthy");
  await refusesToBeChanged(consumer);

  const simulator = await start(SIMULATOR, "simulator", { SIMULATOR_DEVICES: "60", SIMULATOR_RATE: "60" });
  await eventually("the simulator's health check passes", () => simulator.healthy());
  await refusesToBeChanged(simulator);
  await eventually("mails are accepted, others in flight, others wait", async () => {
    const page = parseMetrics((await answers("/metrics")) ?? "");
    return smtp.acceptedCount >= 10 && page.value("smtp_connections", { state: "busy" }) === 4;
  });
  const stopBegan = performance.now();
  assert.equal(await consumer.stop(STOP_SECONDS), 0, await consumer.logs());
  const seconds = ((performance.now() - stopBegan) / 1_000).toFixed(1);
  assert.equal(smtp.acceptedCount, begun, "a mail was cut off");
  say(
    `consumer: SIGTERM with mails in flight ended with 0 after ${seconds} s; ${smtp.acceptedCount} mails begun and accepted`,
  );

  assert.equal(await simulator.stop(STOP_SECONDS), 0, await simulator.logs());
  smtp.behave({ onMessage: undefined });
  const second = await start(PRODUCT, "consumer-again", environment);
  await eventually("everything is mailed and committed", async () => {
    const page = parseMetrics((await answers("/metrics")) ?? "");
    const [open, pending] = [page.value("windows_open"), page.value("windows_pending")];
    const lag = [...(await kafka.consumerGroupLag("alert-digest")).values()].map((partition) => partition.lag);
    return open === 0 && pending === 0 && lag.length > 0 && lag.every((records) => records === 0);
  });
  const ids = await Promise.all(smtp.messages.map((message) => message.header("message-id")));
  assert.equal(new Set(ids).size, ids.length, "a mail was repeated");
  say(`a second consumer mailed the rest: ${ids.length} mails, none repeated`);
  assert.equal(await second.stop(STOP_SECONDS), 0, await second.logs());
};

const refusesToBeChanged = async (container: Container): Promise<void> => {
  const uid = await container.exec("node", "-p", "process.getuid()");
  assert.equal(uid.output.trim(), "1000");
  for (const path of ["/app/x", "/x", "/home/node/x"]) {
    const write = await container.exec("node", "-e", `fs.writeFileSync(${JSON.stringify(path)}, "")`);
    assert.notEqual(write.code, 0, path);
    assert.match(write.output, /EROFS/);
  }
  say(`${container.name}: user 1000, read-only root`);
};

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void cleanup.run().then(() => process.exit(1)));
}
let failed = false;
try {
  await check();
} catch (error) {
  failed = true;
  process.stderr.write(`image: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
for (const failure of await cleanup.run()) process.stderr.write(`image: ${failure}\n`);
process.exit(failed ? 1 : 0);
