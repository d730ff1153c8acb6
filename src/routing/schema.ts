/** The shape of the file, once: for reading it, for its errors, and as JSON Schema for editors. */

import { z } from "zod";
import { SEVERITIES } from "../core/alert.js";
import { MAILBOX_PATTERN, TIMEZONE_PATTERN } from "./text-patterns.js";

export interface Field {
  /** As an editor shows it, and an error. */
  readonly expected: string;
  /** One line of YAML. */
  readonly example: string;
}

/** By their place, without list positions; "" is the file, `match.labels.*` any label. */
export const FIELDS = {
  "": { expected: "version and routes", example: 'version: 1, then routes: and "  - to: operators@example.com"' },
  version: { expected: "1, the version of this format", example: "version: 1" },
  routes: {
    expected: "a list of routes, in the order in which they are tried",
    example: "routes: [{ to: operators@example.com }]",
  },
  "routes.*": {
    expected: "a route: what it matches, who is told (to, cc, bcc: at least one), and how the mail looks",
    example: '- { match: { device: "boiler-*" }, to: heating@example.com }',
  },
  name: { expected: "a name for the log and for routes test, 1 to 100 characters", example: "name: heating, critical" },
  match: {
    expected: "conditions that must all hold; without match the route matches everything",
    example: 'match: { device: "boiler-*", atLeast: warning }',
  },
  "match.device": {
    expected: "a pattern of the device ID, or a list of them: * any characters, ? one; case counts",
    example: 'device: ["boiler-*", pump-7]',
  },
  "match.deviceName": {
    expected: "a pattern of the device's name, or a list of them: * any characters, ? one; case counts",
    example: 'deviceName: "Server room *"',
  },
  "match.severity": {
    expected: `one of ${SEVERITIES.join(", ")}, or a list of them; not together with atLeast`,
    example: "severity: [warning, critical]",
  },
  "match.atLeast": {
    expected: `one of ${SEVERITIES.join(", ")}: alerts that are at least so severe`,
    example: "atLeast: warning",
  },
  "match.type": {
    expected: "a pattern of the alert's type, or a list of them: * any characters, ? one; case counts",
    example: 'type: "TEMPERATURE_*"',
  },
  "match.labels": {
    expected: "names of labels, each with a pattern of its value or a list of them",
    example: 'labels: { site: "busan-*" }',
  },
  "match.labels.*": {
    expected: "a pattern of the label's value, or a list of them: * any characters, ? one; case counts",
    example: 'site: ["busan-*", "seoul-1"]',
  },
  to: {
    expected: "a mail address, or a list of them",
    example: "to: [kim@example.com, Night shift <night@example.com>]",
  },
  cc: { expected: "a mail address, or a list of them: copies", example: "cc: lee@example.com" },
  bcc: { expected: "a mail address, or a list of them: copies that nobody sees", example: "bcc: archive@example.com" },
  locale: { expected: "the language of the mail", example: "locale: en" },
  timezone: { expected: "an IANA time zone name, for the times in the mail", example: "timezone: Asia/Seoul" },
  from: { expected: "the sender, one address with or without a name", example: "from: Boilers <boilers@example.com>" },
  replyTo: { expected: "where replies go, one address with or without a name", example: "replyTo: desk@example.com" },
  continue: {
    expected: "true: the routes after it are tried too; false: it is the last one",
    example: "continue: true",
  },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof FIELDS;

const described = <T extends z.ZodType>(field: FieldName, type: T): T =>
  type.meta({ description: FIELDS[field].expected }) as T;

const oneOrMany = <T extends z.ZodType>(type: T) => z.union([type, z.array(type).min(1)]);
const text = (max: number) => z.string().min(1).max(max);
/** A device ID has at most 256 characters; a pattern may say it with a few `*` more. */
const patterns = oneOrMany(text(512));
/** For editors only: what is wrong with an address or a time zone is said where they are read, in more words than a pattern has. */
const mailbox = text(512).meta({ pattern: MAILBOX_PATTERN });
const addresses = oneOrMany(mailbox);

export const routesSchema = (locales: readonly string[]) => {
  const match = z
    .strictObject({
      device: described("match.device", patterns).optional(),
      deviceName: described("match.deviceName", patterns).optional(),
      severity: described("match.severity", oneOrMany(z.enum(SEVERITIES))).optional(),
      atLeast: described("match.atLeast", z.enum(SEVERITIES)).optional(),
      type: described("match.type", patterns).optional(),
      labels: described("match.labels", z.record(text(256), patterns)).optional(),
    })
    .meta({ description: FIELDS.match.expected, not: { required: ["severity", "atLeast"] } });
  const route = z
    .strictObject({
      name: described("name", text(100)).optional(),
      match: match.optional(),
      to: described("to", addresses).optional(),
      cc: described("cc", addresses).optional(),
      bcc: described("bcc", addresses).optional(),
      locale: described("locale", z.enum(locales)).optional(),
      timezone: described("timezone", text(100).meta({ pattern: TIMEZONE_PATTERN })).optional(),
      from: described("from", mailbox).optional(),
      replyTo: described("replyTo", mailbox).optional(),
      continue: described("continue", z.boolean()).optional(),
    })
    .meta({
      description: FIELDS["routes.*"].expected,
      anyOf: [{ required: ["to"] }, { required: ["cc"] }, { required: ["bcc"] }],
    });
  return z
    .strictObject({
      version: described("version", z.literal(1)),
      routes: described("routes", z.array(route).max(ROUTES_MAX)),
    })
    .meta({ title: "Routes of alert-digest", description: "Who is told about which alerts: docs/recipients.md" });
};

/** Each window is held against each route until one ends it. */
export const ROUTES_MAX = 10_000;

export type RoutesDocument = z.infer<ReturnType<typeof routesSchema>>;
export type RouteEntry = RoutesDocument["routes"][number];

/** As published in `schemas/routes.schema.json`. */
export const routesJsonSchema = (locales: readonly string[]): object => ({
  ...z.toJSONSchema(routesSchema(locales), { io: "input" }),
});
