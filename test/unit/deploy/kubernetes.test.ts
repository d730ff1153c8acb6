import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { parseConfig } from "#src/config.js";
import { INVENTORY } from "#src/metrics/inventory.js";
import { KNOWN } from "#test/support/known.js";
import { complaints, kustomized, manifestsOf } from "#test/support/kubernetes.js";

const root = new URL("../../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

const manifests = kustomized();
const one = (kind: string) => {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  assert.equal(found.length, 1, kind);
  return found[0]?.document;
};
const deployment = one("Deployment");
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const environment: Record<string, string> = one("ConfigMap").data;
const [secret] = manifestsOf("secret.example.yaml");
const readFile = (path: string): string => {
  // Where the configuration looks for the secret is where the pod has it.
  const [mount] = container.volumeMounts.filter(({ mountPath }: { mountPath: string }) => path.startsWith(mountPath));
  const volume = pod.volumes.find(({ name }: { name: string }) => name === mount?.name);
  assert.equal(volume?.secret.secretName, secret?.document.metadata.name);
  return secret?.document.stringData[path.slice(mount.mountPath.length + 1)];
};
const parsed = parseConfig({ ...environment, HTTP_HOST: "0.0.0.0" }, readFile, KNOWN);

test("every manifest is what the schema of its kind allows, without unknown fields", () => {
  for (const manifest of [...manifests, ...(secret ? [secret] : [])]) {
    assert.deepEqual(complaints(manifest), [], manifest.file);
  }
});

test("a misspelt field, a wrong type and a missing field are found", () => {
  const broken = structuredClone(deployment);
  broken.spec.replicas = "2";
  broken.spec.template.spec.containers[0].redinessProbe = {};
  delete broken.spec.selector;
  const found = complaints({ kind: "Deployment", document: broken }).join("\n");
  for (const path of ["spec.replicas", "spec.selector", "redinessProbe"]) assert.ok(found.includes(path), found);
  const scaled = structuredClone(one("ScaledObject"));
  delete scaled.spec.triggers[0].metadata;
  assert.ok(complaints({ kind: "ScaledObject", document: scaled }).length > 0);
});

test("every file in the folder is part of the kustomization, but the example of a secret", () => {
  const files = readdirSync(new URL("deploy/kubernetes/", root), { recursive: true, encoding: "utf8" });
  const used = manifests.map(({ file }) => file);
  const others = files.filter((file) => file.endsWith(".yaml") && !used.includes(file)).sort();
  assert.deepEqual(others, [
    "autoscaling/kustomization.yaml",
    "kustomization.yaml",
    "monitoring/kustomization.yaml",
    "secret.example.yaml",
  ]);
});

test("the ConfigMap and the secret are a valid configuration without warnings", () => {
  assert.ok(parsed.ok, JSON.stringify(parsed));
  assert.deepEqual(parsed.warnings, []);
});

test("a stop has more time than the product takes, and so has one whose watchdog fired", () => {
  assert.ok(parsed.ok);
  const { shutdownTimeoutMs } = parsed.config;
  assert.ok(pod.terminationGracePeriodSeconds * 1_000 > shutdownTimeoutMs);
  const { periodSeconds, failureThreshold } = container.livenessProbe;
  assert.ok(periodSeconds * (failureThreshold - 1) * 1_000 > shutdownTimeoutMs);
});

test("probes, Service and ServiceMonitor lead to the port that the image serves, under the job that rules ask for", () => {
  const [page, probes] = container.ports;
  assert.match(text("Dockerfile"), new RegExp(`^EXPOSE ${page.containerPort} ${probes.containerPort}$`, "m"));
  assert.equal(environment["HTTP_PROBE_PORT"], String(probes.containerPort));
  assert.equal(container.livenessProbe.httpGet.path, "/livez");
  assert.equal(container.readinessProbe.httpGet.path, "/readyz");
  const service = one("Service");
  const monitor = one("ServiceMonitor");
  const [endpoint] = monitor.spec.endpoints;
  const named = service.spec.ports.map(({ name, port, targetPort }: Record<string, unknown>) => [
    name,
    port,
    targetPort,
  ]);
  assert.deepEqual(
    named,
    [page, probes].map(({ name, containerPort }) => [name, containerPort, name]),
  );
  const asked = [container.livenessProbe.httpGet.port, container.readinessProbe.httpGet.port, endpoint.port];
  assert.deepEqual(asked, [probes.name, probes.name, probes.name]);
  const open = one("NetworkPolicy").spec.ingress.flatMap(({ ports }: { ports: { port: string }[] }) => ports);
  assert.deepEqual(open.map(({ port }: { port: string }) => port).sort(), [page.name, probes.name]);
  const { global, scrape_configs: jobs } = parse(text("grafana/prometheus/prometheus.yml"));
  assert.equal(service.metadata.name, jobs[0].job_name);
  assert.equal(endpoint.interval, global.scrape_interval);
  assert.equal(endpoint.scrapeTimeout, global.scrape_timeout);
});

test("every selector finds the pods", () => {
  const { labels } = deployment.spec.template.metadata;
  for (const selector of [
    deployment.spec.selector.matchLabels,
    one("Service").spec.selector,
    one("PodDisruptionBudget").spec.selector.matchLabels,
    one("NetworkPolicy").spec.podSelector.matchLabels,
    ...pod.topologySpreadConstraints.map(
      ({ labelSelector }: { labelSelector: { matchLabels: object } }) => labelSelector.matchLabels,
    ),
  ]) {
    assert.deepEqual(selector, labels);
  }
  assert.deepEqual(one("ServiceMonitor").spec.selector.matchLabels, one("Service").metadata.labels);
  assert.equal(pod.serviceAccountName, one("ServiceAccount").metadata.name);
});

test("the network policy names who comes in and where mails, records and questions go: no rule is for everybody", () => {
  const { policyTypes, ingress, egress } = one("NetworkPolicy").spec;
  assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
  type Peer = Readonly<Record<string, object>>;
  const rules: { peers?: readonly Peer[]; ports?: readonly object[] }[] = [
    ...ingress.map(({ from, ports }: { from?: Peer[]; ports?: object[] }) => ({ peers: from, ports })),
    ...egress.map(({ to, ports }: { to?: Peer[]; ports?: object[] }) => ({ peers: to, ports })),
  ];
  assert.ok(rules.length > 4);
  for (const { peers = [], ports = [] } of rules) {
    assert.ok(peers.length > 0 && ports.length > 0, "an empty list is for everybody");
    for (const { namespaceSelector, ipBlock } of peers) {
      const { matchLabels = {} } = (namespaceSelector ?? {}) as { matchLabels?: object };
      const { cidr = "" } = (ipBlock ?? {}) as { cidr?: string };
      assert.ok(Object.keys(matchLabels).length > 0 || !/^(0\.0\.0\.0|::)\/0$|^$/.test(cidr));
    }
  }
});

test("the pod is what the namespace's restricted level asks for, with a root that cannot be written to", () => {
  assert.equal(one("Namespace").metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

test("memory has room for a full buffer, and CPU is not throttled", () => {
  assert.ok(parsed.ok);
  const mebibytes = Number(/^(\d+)Gi$/.exec(container.resources.limits.memory)?.[1]) * 1_024;
  // Measured: 493 MB resident, 83 of them idle, with 165 MB in the buffer.
  const full = 83 + ((493 - 83) / 165) * (parsed.config.buffer.maxBytes / 1024 ** 2);
  assert.ok(mebibytes > full * 1.3, `${mebibytes} of ${full}`);
  assert.equal(container.resources.limits.cpu, undefined);
});

test("a rollout and a drain take one member at a time", () => {
  assert.deepEqual(deployment.spec.strategy.rollingUpdate, { maxUnavailable: 1, maxSurge: 0 });
  assert.equal(one("PodDisruptionBudget").spec.maxUnavailable, 1);
});

test("the autoscaler moves this Deployment between its replicas and the partition count, slowly downwards", () => {
  const { spec } = one("ScaledObject");
  assert.equal(spec.scaleTargetRef.name, deployment.metadata.name);
  assert.ok(spec.minReplicaCount >= 2 && deployment.spec.replicas <= spec.maxReplicaCount);
  assert.equal(spec.minReplicaCount, deployment.spec.replicas);
  const [trigger] = spec.triggers;
  const { query } = trigger.metadata;
  assert.match(
    query,
    /clamp_max\(.*alert_digest_kafka_consumer_lag_records.*scalar\(max\(alert_digest_kafka_topic_partitions/s,
  );
  for (const [, name = ""] of query.matchAll(/alert_digest_(\w+)/g)) assert.ok(name in INVENTORY, name);
  assert.ok(query.includes(`group="${environment["KAFKA_GROUP_ID"]}"`));
  const { scaleUp, scaleDown } = spec.advanced.horizontalPodAutoscalerConfig.behavior;
  assert.ok(scaleDown.stabilizationWindowSeconds > 10 * scaleUp.stabilizationWindowSeconds);
  const patches = parse(text("deploy/kubernetes/autoscaling/kustomization.yaml")).patches;
  assert.deepEqual(parse(patches[0].patch), [{ op: "remove", path: "/spec/replicas" }]);
});
