/** Values of Kafka Connect's JsonConverter, by the schema that comes with them. */

import { opened } from "../opened.js";
import { isObject } from "./envelope.js";

/**
 * What the value means: a decimal, a time, a default for a null. What does not fit its schema stays as it is: it is shown as it was written. `depth`: of
 * what was gone down already.
 */
export const meant = (value: unknown, schema: unknown, depth = 0): unknown => {
  if (!isObject(schema) || depth > DEPTH_MAX) return value;
  // As JsonConverter reads it, with `replace.null.with.default`.
  if (value === null || value === undefined) {
    const { default: usual, ...others } = schema;
    return usual === undefined || usual === null ? value : meant(usual, others, depth + 1);
  }
  const { name } = schema;
  if (typeof name === "string" && Object.hasOwn(NAMED, name)) return (NAMED[name] as Reading)(value, schema) ?? value;
  const { fields, items, values } = schema;
  switch (schema["type"]) {
    case "struct":
      return isObject(value) && Array.isArray(fields) ? structOf(value, fields, depth) : value;
    case "array":
      return Array.isArray(value) ? value.map((one) => meant(one, items, depth + 1)) : value;
    case "map":
      return mapOf(value, values, depth);
    default:
      return value;
  }
};

const structOf = (value: Readonly<Record<string, unknown>>, fields: readonly unknown[], depth: number): unknown => {
  const made = new Map(Object.entries(value));
  for (const schema of fields) {
    const name = isObject(schema) ? schema["field"] : undefined;
    if (typeof name !== "string") continue;
    const one = meant(made.get(name), schema, depth + 1);
    if (one !== undefined) made.set(name, one);
  }
  return Object.fromEntries(made);
};

/** With texts as keys it is an object, with others a list of pairs. */
const mapOf = (value: unknown, schema: unknown, depth: number): unknown => {
  const pairs: unknown[] = isObject(value) ? Object.entries(value) : Array.isArray(value) ? value : [];
  const isMap = isObject(value) || pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
  if (!isMap || (Array.isArray(value) && value.length === 0)) return value;
  return Object.fromEntries(
    (pairs as readonly (readonly [unknown, unknown])[]).map(([key, one]) => [
      typeof key === "object" ? JSON.stringify(key).slice(0, KEY_MAX) : String(key),
      meant(one, schema, depth + 1),
    ]),
  );
};

/** Undefined: the value is not of that kind. */
type Reading = (value: unknown, schema: Readonly<Record<string, unknown>>) => unknown;

const scaled = (unscaled: unknown, scale: unknown): unknown => {
  const places = typeof scale === "string" ? Number(scale) : scale;
  if (typeof unscaled !== "string" || typeof places !== "number" || !Number.isInteger(places)) return undefined;
  if (Math.abs(places) > SCALE_MAX || unscaled.length > UNSCALED_MAX || !BASE64.test(unscaled)) return undefined;
  const bytes = Buffer.from(unscaled, "base64");
  if (bytes.length === 0) return undefined;
  const digits = BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
  return numberOr(decimal(digits, places));
};

/** `12345` with two places is `123.45`. */
const decimal = (unscaled: bigint, places: number): string => {
  const sign = unscaled < 0n ? "-" : "";
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  if (places <= 0) return `${sign}${digits}${digits === "0" ? "" : "0".repeat(-places)}`;
  const padded = digits.padStart(places + 1, "0");
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
};

/** What a number says as exactly; else the text, with all its digits. */
const numberOr = (text: string): number | string =>
  text.replace(/^-?0*\.?0*/, "").replace(".", "").length <= EXACT_DIGITS ? Number(text) : text;

/** A number, or one that was written as text because it is long. */
const epoch = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^-?\d{1,20}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};

/** ISO 8601. `zone`: what follows it. */
const instant =
  (perMs: number, zone: "Z" | ""): Reading =>
  (value) => {
    const ms = (epoch(value) ?? Number.NaN) / perMs;
    return Math.abs(ms) <= DATE_MAX_MS ? new Date(ms).toISOString().replace("Z", zone) : undefined;
  };

const date: Reading = (value) => {
  const ms = (epoch(value) ?? Number.NaN) * DAY_MS;
  return Math.abs(ms) <= DATE_MAX_MS ? new Date(ms).toISOString().replace("T00:00:00.000Z", "") : undefined;
};

const timeOfDay =
  (perMs: number): Reading =>
  (value) => {
    const ms = (epoch(value) ?? Number.NaN) / perMs;
    return ms >= 0 && ms < DAY_MS ? new Date(ms).toISOString().slice("1970-01-01T".length, -1) : undefined;
  };

/** Debezium's times without a zone have none here either: a database's local time is not UTC. */
const NAMED: Readonly<Record<string, Reading>> = {
  "org.apache.kafka.connect.data.Decimal": (value, { parameters }) =>
    typeof value === "number" ? value : scaled(value, isObject(parameters) ? parameters["scale"] : undefined),
  "org.apache.kafka.connect.data.Timestamp": instant(1, "Z"),
  "org.apache.kafka.connect.data.Date": date,
  "org.apache.kafka.connect.data.Time": timeOfDay(1),
  "io.debezium.time.Timestamp": instant(1, ""),
  "io.debezium.time.MicroTimestamp": instant(1e3, ""),
  "io.debezium.time.NanoTimestamp": instant(1e6, ""),
  "io.debezium.time.Date": date,
  "io.debezium.time.Time": timeOfDay(1),
  "io.debezium.time.MicroTime": timeOfDay(1e3),
  "io.debezium.time.NanoTime": timeOfDay(1e6),
  "io.debezium.data.VariableScaleDecimal": (value) =>
    isObject(value) ? scaled(value["value"], value["scale"]) : undefined,
  "io.debezium.data.Json": (value) => (typeof value === "string" ? opened(value) : undefined),
};

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const DAY_MS = 86_400_000;
const DATE_MAX_MS = 8.64e15;
/** PostgreSQL's numeric has up to 16,383 places; nobody measures with them. */
const SCALE_MAX = 1_000;
const UNSCALED_MAX = 1_000;
/** Every decimal of so many digits comes back out of a double as it went in. */
const EXACT_DIGITS = 15;
const KEY_MAX = 1_000;
const DEPTH_MAX = 64;
