/** What is wrong with a route's `mute`, `only`, `until` and `during` beyond their shape. Takes any document. */

import { RECIPIENT_KINDS } from "../runtime/ports.js";
import type { Checks } from "./checks.js";
import { instantOf, minuteOf } from "./mute-fields.js";
import { FIELDS, type FieldName } from "./schema.js";
import type { DocumentError } from "./shape-errors.js";

type Mapping = Readonly<Record<string, unknown>>;
type Fail = (path: readonly (string | number)[], problem: string, field: FieldName) => void;

/** Of a mail, which a muted alert is in none of. */
const OF_MAILS = [...RECIPIENT_KINDS, "locale", "timezone", "from", "replyTo", "links", "continue"] as const;

export const muteErrors = (route: Mapping, index: number, checks: Checks): readonly DocumentError[] => {
  const errors: DocumentError[] = [];
  const fail: Fail = (path, problem, field) => {
    errors.push({ path: ["routes", index, ...path], problem, ...FIELDS[field] });
  };
  if (isMute(route)) {
    if ("mute" in route && "only" in route) fail(["only"], "mute and only are both given", "only");
    for (const field of OF_MAILS)
      if (field in route) fail([field], `nobody is mailed by a route that mutes: ${field} says nothing`, "mute");
  } else {
    for (const field of ["until", "during"] as const)
      if (field in route) fail([field], `${field} is for a route with mute or only`, field);
  }
  const { until, during } = route;
  if (typeof until === "string" && until !== "") {
    const result = instantOf(until);
    if (!result.ok) fail(["until"], result.problem, "until");
  }
  if (Array.isArray(during)) {
    for (const [at, hours] of during.entries())
      hoursErrors(hours, (path, problem, field) => fail(["during", at, ...path], problem, field), checks);
  } else hoursErrors(during, (path, problem, field) => fail(["during", ...path], problem, field), checks);
  return errors;
};

export const isMute = (route: Mapping): boolean => "mute" in route || "only" in route;

const hoursErrors = (hours: unknown, fail: Fail, checks: Checks): void => {
  if (!isMapping(hours)) return;
  const { from, timezone } = hours;
  const minutes = (["from", "to"] as const).map((which) => {
    const text = hours[which];
    if (typeof text !== "string" || text === "") return undefined;
    const result = minuteOf(text, which);
    if (result.ok) return result.value;
    fail([which], result.problem, `during.${which}`);
    return undefined;
  });
  const [begins = from === undefined ? 0 : undefined, ends] = minutes;
  if (begins !== undefined && begins === ends)
    fail(["to"], "from and to are the same; a whole day has neither", "during.to");
  if (typeof timezone === "string" && timezone !== "") {
    const result = checks.timezone.parse(timezone);
    if (!result.ok) fail(["timezone"], result.problem, "during.timezone");
  }
  if (Object.keys(hours).every((key) => key === "timezone"))
    fail([], "it says neither days nor hours: it is always", "during");
};

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);
