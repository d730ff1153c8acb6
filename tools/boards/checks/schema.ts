/** Boards against the JSON Schema of the Grafana SDK's types: wrong enums, misspelt options, wrong shapes. */

import { readFileSync } from "node:fs";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { Ajv } from "ajv";
import { panelsOf } from "./expressions.js";

interface SchemaFile {
  /** Version of the SDK whose types these are. */
  readonly sdk: string;
  readonly schemas: Readonly<Record<string, { $id?: string; definitions: Record<string, object> }>>;
}

export const schemaFile = (): SchemaFile =>
  JSON.parse(readFileSync(new URL("../../../tools/boards/schema/schema.json", import.meta.url), "utf8"));

/** Answers the problems of a board as it is in its file. */
export const schemaCheck = (): ((board: Dashboard) => readonly string[]) => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const { schemas } = schemaFile();
  for (const [name, schema] of Object.entries(schemas)) {
    // A board's queries are of any datasource in the SDK's type; here they are Prometheus'.
    if (name === "dashboard.Dashboard") schema.definitions["Dataquery"] = { $ref: "prometheus.Dataquery" };
    ajv.addSchema({ ...schema, $id: name });
  }
  const problems = (name: string, value: unknown, where: string): string[] => {
    const validate = ajv.getSchema(name);
    if (validate === undefined) return [`${where}: there is no schema ${name}`];
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${where}${instancePath}: ${message} ${JSON.stringify(params)}`,
    );
  };
  return (board) => [
    ...problems("dashboard.Dashboard", board, `${board.uid}`),
    ...panelsOf(board).flatMap(({ type, title, options, fieldConfig }) => {
      const module = type.replace("-", "");
      const custom = fieldConfig?.defaults.custom;
      return [
        ...problems(`${module}.Options`, options, `${title}.options`),
        ...(custom === undefined ? [] : problems(`${module}.FieldConfig`, custom, `${title}.custom`)),
      ];
    }),
  ];
};
