/** What the shape of a document cannot say: addresses, time zones, keys that need or exclude each other. Takes any document. */

import { RECIPIENT_KINDS } from "../runtime/ports.js";
import type { Checked, Checks } from "./checks.js";
import { isMapping, isMute, muteErrors } from "./mute-errors.js";
import { FIELDS, type FieldName } from "./schema.js";
import type { DocumentError } from "./shape-errors.js";

export const valueErrors = (document: unknown, checks: Checks): readonly DocumentError[] => {
  const routes = isMapping(document) ? document["routes"] : undefined;
  if (!Array.isArray(routes)) return [];
  return routes.flatMap((route: unknown, index) => (isMapping(route) ? errorsOf(route, index, checks) : []));
};

const errorsOf = (route: Readonly<Record<string, unknown>>, index: number, checks: Checks): DocumentError[] => {
  const errors: DocumentError[] = [];
  const fail = (path: readonly (string | number)[], problem: string, field: FieldName): void => {
    errors.push({ path: ["routes", index, ...path], problem, ...FIELDS[field] });
  };
  const check = (path: readonly (string | number)[], value: unknown, field: FieldName, parse: Parse): void => {
    // Empty, or no text at all: the shape says that.
    if (typeof value !== "string" || value === "") return;
    const result = parse(value);
    if (!result.ok) fail(path, result.problem, field);
  };
  for (const kind of RECIPIENT_KINDS) {
    const value = route[kind];
    if (!Array.isArray(value)) check([kind], value, kind, checks.mailbox.parse);
    else for (const [at, one] of value.entries()) check([kind, at], one, kind, checks.mailbox.parse);
  }
  for (const field of ["from", "replyTo"] as const) check([field], route[field], field, checks.mailbox.parse);
  const { links } = route;
  if (!Array.isArray(links)) check(["links"], links, "links", checks.links.parse);
  else {
    for (const [at, one] of links.entries()) check(["links", at], one, "links", checks.links.parse);
    // Each for itself, and then together: no name is there twice.
    if (errors.length === 0 && links.every((one) => typeof one === "string"))
      check(["links"], links.join(";"), "links", checks.links.parse);
  }
  check(["timezone"], route["timezone"], "timezone", checks.timezone.parse);
  if (!isMute(route) && !RECIPIENT_KINDS.some((kind) => kind in route))
    fail([], "nobody is told: to, cc and bcc are missing", "to");
  const { match } = route;
  if (isMapping(match) && "severity" in match && "atLeast" in match)
    fail(["match", "atLeast"], "severity and atLeast are both given", "match.atLeast");
  const labels = isMapping(match) ? match["labels"] : undefined;
  // Readers of objects pass over it, and the condition would be gone.
  if (isMapping(labels) && Object.hasOwn(labels, "__proto__"))
    fail(["match", "labels", "__proto__"], "a label cannot be called __proto__ here", "match.labels");
  return [...errors, ...muteErrors(route, index, checks)];
};

type Parse = (text: string) => Checked<unknown>;
