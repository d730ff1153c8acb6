/** The text of `ROUTES_FILE` → routes, or everything that is wrong with it. Format: docs/recipients.md. Pure. */

import { SEVERITIES } from "../core/alert.js";
import { type MailLook, RECIPIENT_KINDS } from "../runtime/ports.js";
import { type FileError, type FileReader, inOrder, loadFile, readDocument } from "../yaml-file/document.js";
import type { Checked, Checks } from "./checks.js";
import { type Glob, glob } from "./glob.js";
import { muteOf } from "./mute-fields.js";
import type { Conditions, Route } from "./route.js";
import { FIELDS, type RouteEntry, routesSchema } from "./schema.js";
import { shapeErrors } from "./shape-errors.js";
import { valueErrors } from "./value-errors.js";

/** One mistake in the file. */
export type RoutesError = FileError;

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

export const routesReader = (checks: Checks): FileReader<readonly Route[]> => ({
  parse(text, path) {
    const result = parseRoutes(text, path, checks);
    return result.ok ? { ok: true, value: result.routes } : result;
  },
  unreadable: (path, error) => ({
    where: path,
    problem: checks.fileProblem(error),
    expected: "a readable YAML file",
    example: FIELDS.routes.example,
  }),
});

/** `read` returns the file's text or throws an error whose `code` says why. Throws nothing. */
export const loadRoutes = (
  path: string,
  read: (path: string) => string,
  checks: Checks,
): { readonly ok: true; readonly loaded: LoadedRoutes } | Extract<RoutesResult, { ok: false }> => {
  const result = loadFile(path, read, routesReader(checks));
  if (!result.ok) return result;
  const { text, value: routes } = result.loaded;
  return { ok: true, loaded: { path, text, routes } };
};

/** `path`: as errors name the file. */
export const parseRoutes = (text: string, path: string, checks: Checks): RoutesResult => {
  const read = readDocument(text, path, { what: "routes", example: FIELDS.routes.example });
  if (!read.ok) return read;
  const document = read.value;
  const shape = routesSchema(checks.locales).safeParse(document.data);
  const wrong = [
    ...(shape.success ? [] : shapeErrors(shape.error.issues, document.data, checks.nearest)),
    ...valueErrors(document.data, checks),
  ];
  if (wrong.length > 0 || !shape.success) return { ok: false, errors: inOrder(document, wrong) };
  const routes = shape.data.routes.map((entry, index) =>
    routeOf(entry, { number: index + 1, line: document.positionOf(["routes", index]).line }, checks),
  );
  return { ok: true, routes };
};

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
  const { name, locale, timezone, from, replyTo, links } = entry;
  const look: MailLook = {
    ...(locale === undefined ? {} : { locale }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(from === undefined ? {} : { from: valid(checks.mailbox.parse(from)) }),
    ...(replyTo === undefined ? {} : { replyTo: valid(checks.mailbox.parse(replyTo)) }),
    ...(links === undefined ? {} : { links: valid(checks.links.parse(listOf(links).join(";"))) }),
  };
  return {
    ...place,
    name,
    match: conditionsOf(entry.match ?? {}),
    mute: muteOf(entry),
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
