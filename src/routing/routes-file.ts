/** The text of `ROUTES_FILE` → routes, or everything that is wrong with it. Format: docs/recipients.md. Pure. */

import { SEVERITIES } from "../core/alert.js";
import { type MailLook, RECIPIENT_KINDS } from "../runtime/ports.js";
import type { Checked, Checks } from "./checks.js";
import { type Glob, glob } from "./glob.js";
import type { Conditions, Route } from "./route.js";
import { FIELDS, type Field, type RouteEntry, routesSchema } from "./schema.js";
import { shapeErrors } from "./shape-errors.js";
import { valueErrors } from "./value-errors.js";
import { positionIn, readYaml } from "./yaml-text.js";

/** One mistake in the file. */
export interface RoutesError extends Field {
  /** `routes.yaml:12:7`, line and column counted from 1; the path alone when the whole file is meant. */
  readonly where: string;
  readonly problem: string;
}

export type RoutesResult =
  | { readonly ok: true; readonly routes: readonly Route[] }
  /** In the order of the file. */
  | { readonly ok: false; readonly errors: readonly RoutesError[] };

/** What a file holds. */
export interface LoadedRoutes {
  readonly path: string;
  readonly text: string;
  readonly routes: readonly Route[];
}

/** `read` returns the file's text or throws an error whose `code` says why. Throws nothing. */
export const loadRoutes = (
  path: string,
  read: (path: string) => string,
  checks: Checks,
): { readonly ok: true; readonly loaded: LoadedRoutes } | Extract<RoutesResult, { ok: false }> => {
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    return { ok: false, errors: [unreadable(path, error, checks)] };
  }
  const result = parseRoutes(text, path, checks);
  return result.ok ? { ok: true, loaded: { path, text, routes: result.routes } } : result;
};

export const unreadable = (path: string, error: unknown, checks: Checks): RoutesError => ({
  where: path,
  problem: checks.fileProblem(error),
  expected: "a readable YAML file",
  example: FIELDS.routes.example,
});

/** `path`: as errors name the file. */
export const parseRoutes = (text: string, path: string, checks: Checks): RoutesResult => {
  if (text.length > LENGTH_MAX) {
    const problem = `it has ${text.length} characters, more than the ${LENGTH_MAX} that are read`;
    const expected = `at most ${LENGTH_MAX} characters`;
    return { ok: false, errors: [{ where: path, problem, expected, example: FIELDS.routes.example }] };
  }
  const where = ({ line, column }: { line: number; column: number }): string => `${path}:${line}:${column}`;
  const foreign = text.indexOf("\uFFFD");
  if (foreign !== -1) {
    // Patterns of another encoding would match nothing, and say nothing.
    const problem = "it is not UTF-8: a character that cannot be read";
    const right = { expected: "a file saved as UTF-8", example: FIELDS.routes.example };
    return { ok: false, errors: [{ where: where(positionIn(text, foreign)), problem, ...right }] };
  }
  const yaml = readYaml(text);
  if (!yaml.ok) {
    const right = { expected: "one YAML document", example: FIELDS["routes.*"].example };
    const errors = yaml.errors.map((error) => ({ where: where(error), problem: error.problem, ...right }));
    return { ok: false, errors };
  }
  const shape = routesSchema(checks.locales).safeParse(yaml.data);
  const wrong = [
    ...(shape.success ? [] : shapeErrors(shape.error.issues, yaml.data, checks.nearest)),
    ...valueErrors(yaml.data, checks),
  ].map((error) => ({ ...error, at: yaml.positionOf(error.path, error.key) }));
  if (wrong.length > 0 || !shape.success) {
    wrong.sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
    const errors = wrong.map(({ at, problem, expected, example }) => ({
      where: where(at),
      problem,
      expected,
      example,
    }));
    return { ok: false, errors };
  }
  const routes = shape.data.routes.map((entry, index) =>
    routeOf(entry, { number: index + 1, line: yaml.positionOf(["routes", index]).line }, checks),
  );
  return { ok: true, routes };
};

/** As much as a Kubernetes ConfigMap holds. */
const LENGTH_MAX = 1024 ** 2;

const routeOf = (entry: RouteEntry, place: { number: number; line: number }, checks: Checks): Route => {
  const seen = new Set<string>();
  const recipients = RECIPIENT_KINDS.flatMap((kind) =>
    listOf(entry[kind]).flatMap((text) => {
      const { address } = valid(checks.mailbox.parse(text));
      if (seen.has(address)) return [];
      seen.add(address);
      return [{ address, kind }];
    }),
  );
  const { name, locale, timezone, from, replyTo } = entry;
  const look: MailLook = {
    ...(locale === undefined ? {} : { locale }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(from === undefined ? {} : { from: valid(checks.mailbox.parse(from)) }),
    ...(replyTo === undefined ? {} : { replyTo: valid(checks.mailbox.parse(replyTo)) }),
  };
  return {
    ...place,
    name,
    match: conditionsOf(entry.match ?? {}),
    recipients,
    look,
    continue: entry.continue ?? false,
  };
};

const conditionsOf = (match: NonNullable<RouteEntry["match"]>): Conditions => {
  const { device, deviceName, severity, atLeast, type, labels } = match;
  const severities = atLeast === undefined ? listOf(severity) : SEVERITIES.slice(SEVERITIES.indexOf(atLeast));
  return {
    ...(device === undefined ? {} : { device: globs(device) }),
    ...(deviceName === undefined ? {} : { deviceName: globs(deviceName) }),
    ...(severities.length === 0 ? {} : { severity: new Set(severities) }),
    ...(type === undefined ? {} : { type: globs(type) }),
    ...(labels === undefined
      ? {}
      : { labels: new Map(Object.entries(labels).map(([label, value]) => [label, globs(value)])) }),
  };
};

const globs = (patterns: string | readonly string[]): readonly Glob[] => listOf(patterns).map(glob);

const listOf = <T extends string>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** It was checked before. */
const valid = <T>(result: Checked<T>): T => {
  if (!result.ok) throw new Error(result.problem);
  return result.value;
};
