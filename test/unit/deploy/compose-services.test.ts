import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { loadTranslateMappings } from "#src/commands/mapping-file.js";
import { parseTranslateConfig } from "#src/config.js";
import { DEAD_LETTER_CONFIG } from "#src/kafka/topics.js";
import { readSimulatorOptions } from "#tools/simulator/options.js";

/** The services around the consumer, beside what the consumer itself and their own files say. */

const root = new URL("../../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}
const services = parse(text("docker-compose.yml")).services as Record<string, Service>;
const service = (name: string): Service => {
  const found = services[name];
  assert.ok(found, `no service ${name}`);
  return found;
};
/** As compose reads it with nothing set: `${NAME:-default}` is the default. */
const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(service(name).environment ?? {}).map(([key, value]) => [
      key,
      String(value).replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1"),
    ]),
  );
const consumer = environmentOf("consumer");
const alertmanager = parse(text("grafana/alertmanager/alertmanager.yml"));

test("every topic that the consumer is configured with is created before it starts", () => {
  const script = service("topics").command?.at(-1) ?? "";
  const created = new Map([...script.matchAll(/^topic (\S+) (.*)$/gm)].map(([, name = "", rest = ""]) => [name, rest]));
  const {
    KAFKA_ALERTS_TOPIC = "alerts",
    KAFKA_DEAD_LETTER_TOPIC = "alerts.dead-letters",
    KAFKA_STATUS_TOPIC,
  } = consumer;
  assert.ok(KAFKA_STATUS_TOPIC);
  assert.match(created.get(KAFKA_ALERTS_TOPIC) ?? "", /PARTITIONS/);
  assert.match(created.get(KAFKA_STATUS_TOPIC) ?? "", /cleanup\.policy=compact/);
  // As the product creates it where it is missing.
  const settings = Object.entries(DEAD_LETTER_CONFIG).map(([key, value]) => `--config ${key}=${value}`);
  assert.equal(created.get(KAFKA_DEAD_LETTER_TOPIC), `"$$PARTITIONS" ${settings.join(" ")}`);
  for (const name of ["consumer", "simulator"]) {
    assert.equal(service(name).depends_on?.["topics"]?.condition, "service_completed_successfully", name);
  }
  assert.equal(service("topics").depends_on?.["kafka"]?.condition, "service_healthy");
  assert.equal(service("topics").image, service("kafka").image);
});

test("inside, Kafka is reached by the name it advertises, and from this machine by localhost", () => {
  const { KAFKA_ADVERTISED_LISTENERS = "" } = environmentOf("kafka");
  const advertised = KAFKA_ADVERTISED_LISTENERS.split(",").map((listener) => listener.replace(/^\w+:\/\//, ""));
  assert.ok(advertised.includes(consumer["KAFKA_BROKERS"] ?? ""));
  assert.equal(environmentOf("simulator")["KAFKA_BROKERS"], consumer["KAFKA_BROKERS"]);
  const outside = advertised.find((address) => address.startsWith("localhost:"));
  assert.ok(service("kafka").ports?.some((port) => `localhost:${port.split(":")[1]}` === outside));
});

test("the simulator's environment is a valid one, for the topic that the consumer reads", () => {
  const read = readSimulatorOptions(environmentOf("simulator"));
  assert.ok(read.ok, JSON.stringify(read));
  assert.equal(read.options.topic, consumer["KAFKA_ALERTS_TOPIC"] ?? "alerts");
});

test("what is built here runs from a read-only root without capabilities; each from a stage of the Dockerfile", () => {
  const built = Object.entries(services).filter(([, { build }]) => build !== undefined);
  assert.deepEqual(built.map(([name]) => name).sort(), ["consumer", "simulator", "translator"]);
  for (const [name, { build, read_only }] of built) {
    assert.match(text("Dockerfile"), new RegExp(`^FROM \\S+ AS ${build?.target}$`, "m"), name);
    assert.equal(read_only, true, name);
  }
});

test("no service has capabilities of its own, or can get any", () => {
  for (const [name, { cap_drop, security_opt }] of Object.entries(services)) {
    assert.deepEqual(cap_drop, ["ALL"], name);
    assert.deepEqual(security_opt, ["no-new-privileges:true"], name);
  }
});

test("Grafana's password is made up at the first start, and stays; Grafana alone can read it", (t) => {
  const { command = [], image, volumes = [] } = service("grafana-login");
  const grafana = service("grafana");
  const file = environmentOf("grafana")["GF_SECURITY_ADMIN_PASSWORD__FILE"] ?? "";
  const [volume, folder = ""] = (volumes[0] ?? "").split(":");
  assert.equal(file, `${folder}/password`);
  assert.equal(image, grafana.image);
  assert.equal(grafana.depends_on?.["grafana-login"]?.condition, "service_completed_successfully");
  const readers = Object.entries(services).filter(([, { volumes = [] }]) =>
    volumes.some((one) => one.includes(folder)),
  );
  assert.deepEqual(
    readers.map(([name]) => name),
    ["grafana-login", "grafana"],
  );
  assert.ok(grafana.volumes?.includes(`${volume}:${folder}:ro`));

  const own = mkdtempSync(join(tmpdir(), "grafana-login-"));
  t.after(() => rmSync(own, { recursive: true }));
  const script = (command.at(-1) ?? "").replaceAll(folder, own);
  const start = (): string => {
    execFileSync("sh", ["-euc", script]);
    return readFileSync(join(own, "password"), "utf8");
  };
  const password = start();
  assert.match(password, /^[\w+/]{24}\n$/);
  assert.equal(start(), password);
  assert.deepEqual(readdirSync(own), ["password"]);
});

test("the live page leads to the consumer's port, whichever instance answers", () => {
  const { command = [], ports = [], healthcheck } = service("live-page");
  const [{ names }] = parse(text("grafana/prometheus/prometheus.yml")).scrape_configs[0].dns_sd_configs;
  const port = /HTTP_PORT=(\d+)$/m.exec(text("Dockerfile"))?.[1];
  assert.equal(command[command.indexOf("--to") + 1], `${names[0]}:${port}`);
  const listens = /^http:\/\/:(\d+)$/.exec(command[command.indexOf("--from") + 1] ?? "")?.[1];
  assert.ok(ports.some((published) => published.endsWith(`:${listens}`)));
  assert.match(JSON.stringify(healthcheck), new RegExp(`localhost:${listens}/`));
});

test("Prometheus sends its alerts to the Alertmanager that is here, with its configuration mounted where it looks", () => {
  const [{ static_configs: configs }] = parse(text("grafana/prometheus/prometheus.yml")).alerting.alertmanagers;
  const [host = "", port = ""] = configs[0].targets[0].split(":");
  const { ports = [], volumes = [], command = [] } = service(host);
  assert.ok(ports.some((published) => published.endsWith(`:${port}`)));
  const mount = volumes.find((volume) => volume.startsWith("./grafana/alertmanager:"))?.split(":")[1];
  assert.ok(command.includes(`--config.file=${mount}/alertmanager.yml`));
});

test("alerts about the mailing do not leave by mail", () => {
  const names = alertmanager.receivers.map(({ name }: { name: string }) => name);
  for (const receiver of alertmanager.receivers) assert.equal(receiver.email_configs, undefined, receiver.name);
  assert.ok(!Object.keys(alertmanager.global ?? {}).some((key) => key.startsWith("smtp_")));
  for (const { receiver } of [alertmanager.route, ...alertmanager.route.routes]) assert.ok(names.includes(receiver));
});

test("every host that a service waits for is there, and a wait for health has a health check to wait for", () => {
  for (const [name, { depends_on = {} }] of Object.entries(services)) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const { healthcheck, build } = service(other);
      if (condition === "service_healthy") assert.ok(healthcheck ?? build, `${name} waits for ${other}`);
    }
  }
});

test("ports of this machine are published once each, and the file's head and docs/running.md name those with a page", () => {
  const published = Object.values(services).flatMap(({ ports = [] }) => ports.map((port) => port.split(":")[1]));
  assert.equal(new Set(published).size, published.length);
  const head = text("docker-compose.yml").match(/^#.*$/gm)?.join("\n") ?? "";
  const page = text("docs/running.md");
  for (const port of ["8080", "8025", "3000", "9090", "9093"]) {
    assert.ok(published.includes(port), port);
    assert.ok(head.includes(`localhost:${port}`), port);
    assert.ok(page.includes(`localhost:${port}`), `docs/running.md: ${port}`);
  }
  assert.ok(existsSync(new URL("grafana/alertmanager/alertmanager.yml", root)));
});

test("the translator reads a topic that is created, with an example's mapping, and takes the settings it is given", () => {
  const environment = environmentOf("translator");
  const script = service("topics").command?.at(-1) ?? "";
  assert.match(script, new RegExp(`^topic ${environment["TRANSLATE_FROM"]} \\d+$`, "m"));
  const [folder = ""] = (service("translator").volumes?.[0] ?? "").split(":");
  const file = environment["MAPPING_FILE"]?.replace("/mappings/", `${folder}/`) ?? "";
  const result = parseTranslateConfig(environment, () => assert.fail("no variable of it names a secret"));
  assert.ok(result.ok, JSON.stringify(result));
  assert.deepEqual(result.warnings, []);
  const mappings = loadTranslateMappings(new URL(file, root).pathname, result.config.from, (path) =>
    readFileSync(path, "utf8"),
  );
  assert.ok(mappings.ok);
});
