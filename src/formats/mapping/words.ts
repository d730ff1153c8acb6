/** What may stand where in `MAPPING_FILE`, in the words of its errors and of the schema for editors. */

import { ALERT_FIELDS } from "../../core/alert.js";

export interface Right {
  readonly expected: string;
  /** One line of YAML. */
  readonly example: string;
}

export { ALERT_FIELDS };
export type AlertField = (typeof ALERT_FIELDS)[number];

export const MAPPING_KEYS = ["each", "lines", "only", "unwrap", "open", "fields"] as const;
export const FIELD_KEYS = ["from", "values", "otherwise", "number", "time", "texts", "pairs", "always"] as const;
export const TIMES = ["epoch-s", "epoch-ms", "epoch-us", "epoch-ns", "iso"] as const;
export type TimeForm = (typeof TIMES)[number];

const SOURCE = 'a pointer like /device/id, #/pointer, key, header:NAME, or a text like "{/type}: {/value}"';

export const WORDS = {
  file: {
    expected: "version and the mapping: fields, and where needed each, lines, only, unwrap, open; topics for translate",
    example: "fields: { deviceId: /device/id, message: /text }",
  },
  version: { expected: "1, the version of this format", example: "version: 1" },
  topics: {
    expected: "for translate: names of topics, each with a mapping of its own",
    example: "topics: { plant: { fields: { deviceId: /id, message: /text } } }",
  },
  mapping: {
    expected: "a mapping: fields, and where needed each, lines, only, unwrap, open",
    example: "fields: { deviceId: /device/id, message: /text }",
  },
  each: {
    expected: 'for translate: the pointer of a list whose items are alerts; "" where the record is the list',
    example: "each: /alerts",
  },
  lines: { expected: "for translate, true: each line of the record is a JSON text of its own", example: "lines: true" },
  only: {
    expected: "pointers, key or header:NAME, each with a value or a list of them; what has none of them is ignored",
    example: "only: { /eventType: alarm }",
  },
  unwrap: { expected: "the pointer of what the mapping is about", example: "unwrap: /payload" },
  open: {
    expected: "pointers of texts that hold JSON, or base64 of JSON: it takes their place",
    example: "open: [/data/body]",
  },
  fields: {
    expected: `fields of an alert, each with where it stands; message or type is needed: ${ALERT_FIELDS.join(", ")}`,
    example: "fields: { deviceId: /device/id, message: /text }",
  },
  field: {
    expected: `${SOURCE}, a list of them, { from: ... } with a conversion, or { always: ... }`,
    example: "deviceId: [/device/id, /deviceId]",
  },
  from: {
    expected: `${SOURCE}, or a list of them, of which the first that is there counts`,
    example: "from: /severity",
  },
  values: {
    expected: "a table: what stands there, and what the alert says instead",
    example: "values: { CRITICAL: critical, MAJOR: critical, MINOR: warning }",
  },
  otherwise: { expected: "with values: what the alert says where the table has no line", example: "otherwise: firing" },
  number: { expected: "true: a number written as text is a number; for value and threshold", example: "number: true" },
  time: { expected: `one of ${TIMES.join(", ")}; for occurredAt`, example: "time: epoch-ms" },
  texts: {
    expected: "for labels, true: what stands there, as texts; or names, each with where its text stands",
    example: "texts: { site: /plant/name, line: /line }",
  },
  pairs: {
    expected: "for labels: two names, of what holds the label's name and of what holds its text, in a list of objects",
    example: "pairs: [tag, value]",
  },
  labels: {
    expected: "{ from: ..., texts: true }, { texts: { name: ... } } or { from: ..., pairs: [name, text] }",
    example: "labels: { texts: { site: /plant/name } }",
  },
  always: { expected: "a text, a number, true or false, the same for every alert", example: "always: plant-3" },
} as const satisfies Readonly<Record<string, Right>>;

export type Word = keyof typeof WORDS;
