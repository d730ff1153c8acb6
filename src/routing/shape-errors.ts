/** What zod says of a document, in the words of whoever wrote it. */

import type { z } from "zod";
import { cutAfter } from "../core/at-most.js";
import type { DataPath } from "../yaml-file/yaml-text.js";
import { FIELDS, type Field, type FieldName } from "./schema.js";

export interface DocumentError extends Field {
  readonly path: DataPath;
  /** The error is this key of what is at `path`. */
  readonly key?: string;
  readonly problem: string;
}

type Issue = z.core.$ZodIssue;

export const shapeErrors = (
  issues: readonly Issue[],
  document: unknown,
  nearest: (name: string, known: readonly string[]) => string,
): readonly DocumentError[] =>
  issues.flatMap((issue) => deepest(issue, document)).flatMap((issue) => errorsOf(issue, document, nearest));

/** One or many: what is wrong with a list is wrong inside it. */
const deepest = (issue: Issue, document: unknown): readonly Issue[] => {
  if (issue.code !== "invalid_union") return [issue];
  const branch = issue.errors[Array.isArray(valueAt(document, issue.path)) ? 1 : 0] ?? [];
  return branch.flatMap((inner) => deepest({ ...inner, path: [...issue.path, ...inner.path] }, document));
};

const errorsOf = (
  issue: Issue,
  document: unknown,
  nearest: (name: string, known: readonly string[]) => string,
): readonly DocumentError[] => {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const field = fieldOf(path);
  if (issue.code === "unrecognized_keys") {
    const known = keysOf(field);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return { path, key, problem: `unknown key ${shown(key)}; the nearest known is ${near}`, ...rightOf(field, near) };
    });
  }
  return [{ path, problem: problemOf(issue, valueAt(document, path), path), ...FIELDS[field] }];
};

const problemOf = (issue: Issue, value: unknown, path: DataPath): string => {
  if (issue.code === "invalid_key") return `${shown(String(path.at(-1)))} cannot be the name of a label`;
  if (value === undefined) return `${nameOf(path)} is missing`;
  if (value === null) return path.length === 0 ? "the file is empty" : `${nameOf(path)} has no value`;
  if (issue.code === "too_small") return `${nameOf(path)} is empty`;
  if (issue.code === "too_big") return `${nameOf(path)} is too long: at most ${issue.maximum}`;
  if (issue.code === "invalid_type" && issue.expected === "string" && typeof value !== "object")
    return `${shown(String(value))} is a ${typeof value}; in quotes it would be text`;
  if (typeof value === "object") return `${nameOf(path)} is a ${Array.isArray(value) ? "list" : "mapping"}`;
  if (issue.code === "invalid_value" && issue.values.length > 1)
    return `${shown(String(value))} is none of ${issue.values.join(", ")}`;
  return path.length === 0 ? "the file has no mapping" : `${shown(String(value))} is not right for ${nameOf(path)}`;
};

const nameOf = (path: DataPath): string => {
  if (path.length === 0) return "the file";
  const last = path.at(-1);
  return typeof last === "number" ? `entry ${last + 1} of ${path.at(-2)}` : String(last);
};

/** Of `["routes", 0, "match", "labels", "site", 1]`: `match.labels.*`. */
export const fieldOf = (path: DataPath): FieldName => {
  const names = path.filter((step) => typeof step === "string");
  if (names.length === 1 && path.length === 2) return "routes.*";
  const inside = names[0] === "routes" && names.length > 1 ? names.slice(1) : names;
  const name =
    inside[0] === "match" && inside[1] === "labels" && inside.length > 2 ? "match.labels.*" : inside.join(".");
  return name in FIELDS ? (name as FieldName) : "";
};

const keysOf = (field: FieldName): readonly string[] => {
  if (field === "") return ["version", "routes"];
  const all = Object.keys(FIELDS).filter((name) => !name.includes("*") && name !== "");
  if (isGroup(field))
    return all.filter((name) => name.startsWith(`${field}.`)).map((name) => name.slice(field.length + 1));
  return all.filter((name) => !name.includes(".") && name !== "version" && name !== "routes");
};

const rightOf = (field: FieldName, key: string): Field => ({
  expected: `${keysOf(field).join(", ")}`,
  example: FIELDS[(isGroup(field) ? `${field}.${key}` : key) as FieldName].example,
});

const isGroup = (field: FieldName): boolean => field === "match" || field === "during";

const valueAt = (document: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    document,
  );

/** One line, bounded. */
export const shown = (text: string): string => JSON.stringify(cutAfter(text, 80));
