/**
 * Writes `schema.json` beside this file from the types of the Grafana SDK that is installed. Run it after the SDK's version changed:
 *
 *     node tools/boards/schema/generate.mjs && npm run format
 *
 * The generator needs the JavaScript API of TypeScript 5, which TypeScript 7 does not have, and its newest version a newer Node
 * than this project asks for. So it is no dependency: what it wrote lies here, and a test says when it is not of the SDK's version.
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PACKAGES = ["ts-json-schema-generator@2.4.0", "typescript@5.9.3"];
const TYPES = [
  ["dashboard", "Dashboard"],
  ["prometheus", "Dataquery"],
  ["timeseries", "Options"],
  ["timeseries", "FieldConfig"],
  ["stat", "Options"],
  ["heatmap", "Options"],
  ["heatmap", "FieldConfig"],
  ["table", "Options"],
  ["table", "FieldConfig"],
  ["statetimeline", "Options"],
  ["statetimeline", "FieldConfig"],
];

const root = fileURLToPath(new URL("../../..", import.meta.url));
const sdk = "node_modules/@grafana/grafana-foundation-sdk";
const { version } = JSON.parse(readFileSync(`${root}/${sdk}/package.json`, "utf8"));

/** Strict: what the types do not name is wrong. A query is `{}` in the dashboard's type, whatever the datasource. */
const schemaOf = (module, type) => {
  const options = ["--path", `${sdk}/dist/${module}/types.gen.d.ts`, "--type", type, "--functions", "hide"];
  const args = [...PACKAGES.map((name) => `--package=${name}`), "--", "ts-json-schema-generator", ...options];
  const more = ["--jsDoc", "none", "--no-type-check", "--tsconfig", "tools/boards/schema/tsconfig.json"];
  return JSON.parse(execFileSync("npm", ["exec", "--yes", ...args, ...more], { cwd: root, encoding: "utf8" }));
};

const schemas = Object.fromEntries(TYPES.map(([module, type]) => [`${module}.${type}`, schemaOf(module, type)]));
writeFileSync(new URL("schema.json", import.meta.url), `${JSON.stringify({ sdk: version, schemas }, null, 2)}\n`);
