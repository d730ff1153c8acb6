import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { parseConfig } from "#src/config.js";
import { INVENTORY } from "#src/metrics/inventory.js";
import { type MetricSpec, PREFIX } from "#src/metrics/metric-spec.js";
import { KNOWN } from "#test/support/known.js";

/** Facts that no single file shows: what one says and another relies on. */

const root = new URL("../../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

interface Service {
  image?: string;
  build?: { context: string; target: string };
  environment?: Record<string, string | number>;
  volumes?: string[];
  ports?: string[];
  expose?: string[];
  healthcheck?: unknown;
  scale?: number;
  stop_grace_period?: string;
  depends_on?: Record<string, { condition: string }>;
}
const compose = parse(text("docker-compose.yml")) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const prometheus = parse(text("grafana/prometheus/prometheus.yml"));
const rules: unknown[] = prometheus.rule_files.map((file: string) => parse(text(`grafana/prometheus/${file}`)));
const datasource = parse(text("grafana/provisioning/datasources/prometheus.yml")).datasources[0];
const boardFiles = readdirSync(new URL("grafana/dashboards/", root)).filter((file) => file.endsWith(".json"));
const boards = boardFiles.map((file) => JSON.parse(text(`grafana/dashboards/${file}`)));
const dockerfile = text("Dockerfile");

const service = (name: string): Service => {
  const found = compose.services[name];
  assert.ok(found, `no service ${name}`);
  return found;
};
const product = service("consumer");
const environment = Object.fromEntries(
  Object.entries(product.environment ?? {}).map(([name, value]) => [name, String(value)]),
);

test("the consumer's environment is a valid configuration without warnings, and reaches services by name", () => {
  const result = parseConfig({ ...environment, HTTP_HOST: "0.0.0.0" }, () => assert.fail("no files"), KNOWN);
  assert.ok(result.ok, JSON.stringify(result));
  assert.deepEqual(result.warnings, []);
  for (const broker of result.config.kafka.brokers) service(broker.split(":")[0] ?? "");
  service(result.config.smtp.host);
  assert.ok(Number.parseInt(product.stop_grace_period ?? "", 10) * 1_000 > result.config.shutdownTimeoutMs);
});

test("every image is pinned to a version, and every service that stays up has a health check", () => {
  for (const [name, { image, build, healthcheck }] of Object.entries(compose.services)) {
    if (build === undefined) assert.match(image ?? "", /:v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?$/, name);
    // These end.
    if (name === "topics" || name === "grafana-login") continue;
    assert.ok(healthcheck !== undefined || (build !== undefined && /^HEALTHCHECK /m.test(dockerfile)), name);
  }
  for (const [, from] of dockerfile.matchAll(/^FROM (\S+:\S+)/gm)) assert.match(from ?? "", /:24\.\d+\.\d+-/);
});

test("mounted files exist, named volumes are declared, and nothing is published beyond this machine", () => {
  for (const [name, { volumes = [], ports = [] }] of Object.entries(compose.services)) {
    for (const volume of volumes) {
      const source = volume.split(":")[0] ?? "";
      if (source.startsWith("./")) assert.ok(existsSync(new URL(source, root)), `${name}: ${source}`);
      else assert.ok(source in compose.volumes, `${name}: ${source}`);
    }
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
  }
});

test("the scaled consumer publishes no port of the machine and has a partition for each instance", () => {
  assert.equal(product.ports, undefined);
  const partitions = /^\$\{PARTITIONS:-(\d+)\}$/.exec(String(service("topics").environment?.["PARTITIONS"]));
  assert.ok((product.scale ?? 1) <= Number(partitions?.[1]));
});

test("Prometheus scrapes the port the image serves, of every instance by the service's name", () => {
  const [{ dns_sd_configs: discoveries }] = prometheus.scrape_configs;
  const [{ names, port }] = discoveries;
  for (const name of names) service(name);
  const pagePort = /HTTP_HOST=0\.0\.0\.0 HTTP_PORT=(\d+)$/m.exec(dockerfile)?.[1];
  assert.equal(environment["HTTP_PROBE_PORT"], String(port));
  assert.deepEqual(product.expose, [pagePort, String(port)]);
  assert.match(dockerfile, new RegExp(`^EXPOSE ${pagePort} ${port}$`, "m"));
  const mounted = service("prometheus").volumes?.some((volume) =>
    volume.startsWith("./grafana/prometheus:/etc/prometheus:"),
  );
  assert.ok(mounted);
  for (const file of prometheus.rule_files) assert.ok(existsSync(new URL(`grafana/prometheus/${file}`, root)), file);
});

test("Grafana's datasource is the boards' default, and its interval is the scrape interval", () => {
  assert.equal(datasource.jsonData.timeInterval, prometheus.global.scrape_interval);
  const url = new URL(datasource.url);
  service(url.hostname);
  assert.ok(boards.length > 0);
  for (const board of boards) {
    const variable = board.templating.list.find(({ type }: { type: string }) => type === "datasource");
    assert.equal(variable.current.value, datasource.uid);
    assert.equal(variable.query, datasource.type);
  }
  const provider = parse(text("grafana/provisioning/dashboards/alert-digest.yml")).providers[0];
  const mounts = service("grafana").volumes ?? [];
  assert.ok(mounts.includes(`./grafana/dashboards:${provider.options.path}:ro`));
  const home = String(service("grafana").environment?.["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]);
  assert.ok(boardFiles.some((file) => home === `${provider.options.path}/${file}`));
});

test("every panel has its own id, a description, a unit, and asks the datasource of the variable", () => {
  for (const board of boards) {
    assert.equal(board.schemaVersion, 42);
    const ids = board.panels.map(({ id }: { id: number }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const cells = new Set<string>();
    for (const { title, description, fieldConfig, datasource: own, targets, gridPos } of board.panels) {
      assert.ok(description.length > 20, title);
      assert.ok(fieldConfig.defaults.unit, title);
      for (const { uid } of [own, ...targets.map((target: { datasource: unknown }) => target.datasource)])
        assert.match(uid, /^\$\{datasource\}$/);
      assert.equal(new Set(targets.map(({ refId }: { refId: string }) => refId)).size, targets.length, title);
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!cells.has(`${x} ${y}`), `${title} lies on another panel`);
          cells.add(`${x} ${y}`);
        }
      }
    }
  }
});

test("every metric that a board, a rule or a document names is in the inventory, with labels it has", () => {
  const inventory = new Map(Object.entries<MetricSpec>(INVENTORY));
  const expressions = [
    ...boards.flatMap((board) => JSON.stringify(board).match(/(?<!:)alert_digest_\w+(\{[^}]*\})?/g) ?? []),
    ...(JSON.stringify(rules).match(/(?<!:)alert_digest_\w+(\{[^}]*\})?/g) ?? []),
    ...(text("docs/metrics.md").match(/alert_digest_\w+(\{[^}]*\})?/g) ?? []),
  ].filter((expression) => expression !== PREFIX);
  assert.ok(expressions.length > 20);
  for (const expression of expressions) {
    const [, name = "", selector = ""] = /^alert_digest_(\w+)(\{.*)?$/.exec(expression) ?? [];
    const histogram = inventory.get(name.replace(/_(bucket|sum|count)$/, ""));
    const spec = inventory.get(name) ?? (histogram?.type === "histogram" ? histogram : undefined);
    assert.ok(spec, expression);
    assert.ok(spec.type !== "histogram" || spec !== inventory.get(name), `${expression} needs _bucket, _sum or _count`);
    const known: readonly string[] = [...spec.labels, "job", "instance", "le"];
    for (const [, label = ""] of selector.matchAll(/(\w+)=~?/g))
      assert.ok(known.includes(label), `${expression}: ${label}`);
  }
});
