/** `RECORD_ENVELOPE=debezium`: change events of a table of alerts, or of its outbox. */

import { opened } from "../opened.js";
import { keyIn, unwrapped } from "./connect.js";
import { type Envelope, ignored, isObject, type Opened, unreadable } from "./envelope.js";

export const debeziumEnvelope: Envelope = {
  keyIn,

  open(record, read) {
    const json = read(record);
    if (!json.ok) return { kind: "unreadable", reason: json.reason, detail: json.detail };
    const event = unwrapped(json.value);
    if (event === null) return ignored("its payload is null: a tombstone");
    const row = rowOf(event);
    return row.kind === "row" ? { kind: "content", value: row.row, whole: event, key: keyIn(record.key) } : row;
  },

  /** A column of JSON is a text where no schema says what it is. */
  alertOf: (row) => {
    if (!isObject(row) || typeof row["labels"] !== "string") return row;
    return { ...row, labels: opened(row["labels"]) ?? row["labels"] };
  },
};

type Row = { readonly kind: "row"; readonly row: unknown } | Exclude<Opened, { kind: "content" }>;

const rowOf = (event: unknown): Row => {
  // The outbox's event router writes the column of the payload: JSON in a text.
  if (typeof event === "string") {
    const inside = opened(event);
    return inside === undefined
      ? unreadable("the value is a text without JSON in it, not an event of an outbox")
      : { kind: "row", row: inside };
  }
  if (!isObject(event)) return unreadable("the value is no change event: it is no object");
  if (isChange(event)) return changed(event);
  const other = notOfRows(event);
  if (other !== undefined) return ignored(other);
  // The transformation that leaves only the row says so of a delete.
  if (String(event["__deleted"]) === "true" || event["__op"] === "d") return ignored("a row was deleted");
  return { kind: "row", row: inOutbox(event) ?? event };
};

/** The router can put further columns beside the payload, which is an alert no less. Undefined: it is a row. */
const inOutbox = (event: Readonly<Record<string, unknown>>): unknown => {
  const { payload } = event;
  if (payload === undefined || Object.hasOwn(event, "message") || Object.hasOwn(event, "deviceId")) return undefined;
  if (typeof payload === "string") return opened(payload);
  return isObject(payload) ? payload : undefined;
};

/** What a connector says of itself, where it is routed to the same topic. Undefined: it is a row. */
const notOfRows = (event: Readonly<Record<string, unknown>>): string | undefined => {
  const has = (...names: readonly string[]): boolean => names.every((name) => Object.hasOwn(event, name));
  if (has("ts_ms") && Object.keys(event).length === 1) return "a heartbeat of the connector";
  if (has("status", "id", "event_count", "data_collections")) return "the begin or end of a transaction";
  if (has("source", "databaseName") && (has("ddl") || has("tableChanges"))) return "a change of a table's columns";
  return undefined;
};

const isChange = (event: Readonly<Record<string, unknown>>): boolean =>
  Object.hasOwn(event, "op") && ["before", "after", "source"].some((name) => Object.hasOwn(event, name));

const changed = ({ op, after }: Readonly<Record<string, unknown>>): Row => {
  switch (op) {
    case "c":
    case "u":
    case "r":
      return isObject(after)
        ? { kind: "row", row: after }
        : unreadable(`the change event (op ${op}) has no row in after`);
    case "d":
      return ignored("a row was deleted");
    case "t":
      return ignored("a table was truncated");
    case "m":
      return ignored("a message in the database's log, not a row");
    default:
      return unreadable(`op is ${String(JSON.stringify(op)).slice(0, 80)}, none of c, u, r, d, t, m of a change event`);
  }
};
