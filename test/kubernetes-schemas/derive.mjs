/**
 * Makes the JSON Schemas in this folder from what Kubernetes, Prometheus Operator and KEDA publish: only the kinds that the manifests use, no
 * descriptions, and no unknown fields, as `kubectl apply --validate=strict` has it. Needs Go, which fetches the sources as modules.
 *
 *     node test/kubernetes-schemas/derive.mjs
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

const KUBERNETES = "k8s.io/kubernetes@v1.36.3";
const OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0";
const KEDA = "github.com/kedacore/keda/v2@v2.21.0";

/** OpenAPI file of an API group → kinds. */
const BUILT_IN = {
  "api__v1_openapi.json": ["ConfigMap", "Namespace", "Secret", "Service", "ServiceAccount"],
  "apis__apps__v1_openapi.json": ["Deployment"],
  "apis__networking.k8s.io__v1_openapi.json": ["NetworkPolicy"],
  "apis__policy__v1_openapi.json": ["PodDisruptionBudget"],
};
const CUSTOM = [
  [OPERATOR, "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"],
  [KEDA, "config/crd/bases/keda.sh_scaledobjects.yaml"],
];

const work = mkdtempSync(join(tmpdir(), "schemas-"));
try {
  writeFileSync(join(work, "go.mod"), "module schemas\n");
  const directories = Object.fromEntries(
    [KUBERNETES, OPERATOR, KEDA].map((module) => {
      const answer = execFileSync("go", ["mod", "download", "-json", module], { cwd: work, encoding: "utf8" });
      return [module, JSON.parse(answer).Dir];
    }),
  );
  for (const [file, kinds] of Object.entries(BUILT_IN)) {
    const openApi = JSON.parse(readFileSync(join(directories[KUBERNETES], "api/openapi-spec/v3", file), "utf8"));
    for (const kind of kinds) write(kind, fromOpenApi(openApi.components.schemas, kind), KUBERNETES);
  }
  for (const [module, file] of CUSTOM) {
    const { spec } = parse(readFileSync(join(directories[module], file), "utf8"));
    const version = spec.versions.find(({ storage }) => storage);
    const schema = strict(version.schema.openAPIV3Schema);
    schema.properties.metadata = metadata(directories);
    schema.properties.apiVersion = { const: `${spec.group}/${version.name}` };
    schema.properties.kind = { const: spec.names.kind };
    write(spec.names.kind, schema, module);
  }
} finally {
  rmSync(work, { recursive: true });
}

function metadata(directories) {
  const file = join(directories[KUBERNETES], "api/openapi-spec/v3/apis__apps__v1_openapi.json");
  const { schemas } = JSON.parse(readFileSync(file, "utf8")).components;
  return fromOpenApi(schemas, "Deployment").properties.metadata;
}

/** One schema without references: nothing in these kinds is recursive. */
function fromOpenApi(schemas, kind) {
  const [name] = Object.entries(schemas).find(([, schema]) => {
    const [known] = schema["x-kubernetes-group-version-kind"] ?? [];
    return known?.kind === kind;
  });
  const { group, version } = schemas[name]["x-kubernetes-group-version-kind"][0];
  const inline = (value) => {
    if (Array.isArray(value)) return value.map(inline);
    if (typeof value !== "object" || value === null) return value;
    if (value.allOf?.length === 1) {
      const { allOf, ...others } = value;
      return inline({ ...others, ...allOf[0] });
    }
    if (value.$ref !== undefined) return inline(schemas[value.$ref.split("/").at(-1)]);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inline(inner)]));
  };
  const schema = strict(inline(schemas[name]));
  delete schema.properties.status;
  schema.properties.apiVersion = { const: group === "" ? version : `${group}/${version}` };
  schema.properties.kind = { const: kind };
  return schema;
}

/** `isMap`: the keys are names of fields, not words of JSON Schema. */
function strict(value, isMap = false) {
  if (Array.isArray(value)) return value.map((inner) => strict(inner));
  if (typeof value !== "object" || value === null) return value;
  if (isMap) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strict(inner)]));
  const result = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith("x-") || key === "description" || key === "default" || key === "format") continue;
    result[key] = key === "required" || key === "enum" ? inner : strict(inner, key === "properties");
  }
  // `int-or-string` has its own word in CRDs and another one in OpenAPI.
  if (value["x-kubernetes-int-or-string"] || value.format === "int-or-string") {
    result.type = ["integer", "string"];
    delete result.anyOf;
    delete result.oneOf;
  }
  if (result.properties && result.additionalProperties === undefined) result.additionalProperties = false;
  if (value["x-kubernetes-preserve-unknown-fields"]) delete result.additionalProperties;
  return result;
}

function write(kind, schema, source) {
  const first = { $schema: "http://json-schema.org/draft-07/schema#", $comment: `from ${source}, Apache-2.0` };
  // The API server refuses these kinds without a spec, though their schemas do not say so.
  const required = ["apiVersion", "kind", "metadata", "spec"].filter(
    (name) => name in schema.properties && !(kind === "Namespace" && name === "spec"),
  );
  const file = new URL(`./${kind}.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify({ ...first, ...schema, required })}\n`);
}
