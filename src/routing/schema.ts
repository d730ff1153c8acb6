/** The shape of the file, once: for reading it, for its errors, and as JSON Schema for editors. */

import { z } from "zod";
import { SEVERITIES } from "../core/alert.js";
import { WEEKDAYS } from "../core/weekly-hours.js";
import { MUTE_KINDS } from "../runtime/ports.js";
import { CLOCK_PATTERN, INSTANT_PATTERN, MAILBOX_PATTERN, TIMEZONE_PATTERN } from "./text-patterns.js";

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
    expected:
      "a route: what it matches, and who is told (to, cc, bcc: at least one) and how the mail looks; or that nobody is (mute, or only: report)",
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
  links: {
    expected:
      "links in the mail, as in MAIL_LINKS, or a list of them: Name=https://host/path, with {deviceId}, {deviceName}, {type}, {severity}, {alertId}, {windowStart}, {windowEnd} or {labels.NAME} behind the host; or Name={labels.NAME}",
    example: 'links: "Runbook=https://wiki.example.com/{type}"',
  },
  mute: {
    expected:
      "true, instead of recipients: nobody is mailed of alerts that match; they are counted. With until, during or neither; critical ones only where match says severity itself",
    example: "mute: true",
  },
  only: {
    expected: "report, instead of recipients: as mute, and the daily report tells of each device",
    example: "only: report",
  },
  until: {
    expected: "the moment at which mute or only ends, with its offset from UTC",
    example: "until: 2026-12-01T00:00:00Z",
  },
  during: {
    expected: "hours of the week in which mute or only holds, or a list of them: days, from, to, timezone",
    example: 'during: { days: [mon, tue], from: "22:00", to: "06:00", timezone: Asia/Seoul }',
  },
  "during.days": {
    expected: `one of ${[...WEEKDAYS].join(", ")}, or a list of them: days on which the hours begin`,
    example: "days: [sat, sun]",
  },
  "during.from": { expected: "a time of day in quotes, 00:00 to 23:59: when it begins", example: 'from: "22:00"' },
  "during.to": {
    expected: "a time of day in quotes, 00:00 to 24:00: when it is over; earlier than from, it is that of the next day",
    example: 'to: "06:00"',
  },
  "during.timezone": {
    expected: "an IANA time zone name, for days, from and to; without it MAIL_TIMEZONE",
    example: "timezone: Asia/Seoul",
  },
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
const zone = text(100).meta({ pattern: TIMEZONE_PATTERN });
const clock = text(5).meta({ pattern: CLOCK_PATTERN });
const [, MUTE_REPORT] = MUTE_KINDS;

/** For editors: a route says who is told, or that nobody is. What goes with which is said where the file is read, in more words. */
const anyOf = (...fields: readonly string[]) => ({ anyOf: fields.map((field) => ({ required: [field] })) });
const TOLD_OR_MUTED = {
  oneOf: [
    { ...anyOf("to", "cc", "bcc"), not: anyOf("mute", "only", "until", "during") },
    { required: ["mute"], not: anyOf("to", "cc", "bcc", "only") },
    { required: ["only"], not: anyOf("to", "cc", "bcc", "mute") },
  ],
};

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
  const hours = z.strictObject({
    days: described("during.days", oneOrMany(z.enum(WEEKDAYS))).optional(),
    from: described("during.from", clock).optional(),
    to: described("during.to", clock).optional(),
    timezone: described("during.timezone", zone).optional(),
  });
  const route = z
    .strictObject({
      name: described("name", text(100)).optional(),
      match: match.optional(),
      to: described("to", addresses).optional(),
      cc: described("cc", addresses).optional(),
      bcc: described("bcc", addresses).optional(),
      locale: described("locale", z.enum(locales)).optional(),
      timezone: described("timezone", zone).optional(),
      from: described("from", mailbox).optional(),
      replyTo: described("replyTo", mailbox).optional(),
      links: described("links", oneOrMany(text(25_000))).optional(),
      mute: described("mute", z.literal(true)).optional(),
      only: described("only", z.literal(MUTE_REPORT)).optional(),
      until: described("until", text(64).meta({ pattern: INSTANT_PATTERN })).optional(),
      during: described("during", oneOrMany(hours)).optional(),
      continue: described("continue", z.boolean()).optional(),
    })
    .meta({ description: FIELDS["routes.*"].expected, ...TOLD_OR_MUTED });
  return z
    .strictObject({
      version: described("version", z.literal(1)),
      routes: described("routes", z.array(route).max(ROUTES_MAX)),
    })
    .meta({ title: "Routes of alert-digest", description: "Who is told about which alerts: docs/recipients.md" });
};

/** Each window is held against each route until one ends it. */
const ROUTES_MAX = 10_000;

export type RoutesDocument = z.infer<ReturnType<typeof routesSchema>>;
export type RouteEntry = RoutesDocument["routes"][number];

/** As published in `schemas/routes.schema.json`. */
export const routesJsonSchema = (locales: readonly string[]): object => ({
  ...z.toJSONSchema(routesSchema(locales), { io: "input" }),
});
