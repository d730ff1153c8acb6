import type { Config } from "../../config.js";
import { type Finding, fine, wrong } from "./findings.js";

const SUBJECT = "schema registry";

/** Undefined: none is configured. */
export const checkSchemaRegistry = async ({ schemaRegistry }: Config): Promise<Finding | undefined> => {
  if (schemaRegistry === undefined) return undefined;
  const { probeSchemaRegistry } = await import("../../app/schema-registry.js");
  const answer = await probeSchemaRegistry(schemaRegistry);
  return answer.ok
    ? fine(SUBJECT, `answers at ${answer.url}`)
    : wrong(SUBJECT, answer.why, "check SCHEMA_REGISTRY_URL, SCHEMA_REGISTRY_API and the login, and whether it runs");
};
