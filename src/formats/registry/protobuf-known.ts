import type { Cursor } from "./cursor.js";
import { instantText } from "./instants.js";

/**
 * Messages of Google's that mean more than their fields, as Protobuf's JSON has them.
 * https://protobuf.dev/programming-guides/json/
 */

type Fields = Readonly<Record<string, unknown>>;

/** What such a message says, of its fields; undefined: it is no such message. */
export const knownMessage = (fullName: string): ((fields: Fields, cursor: Cursor) => unknown) | undefined =>
  Object.hasOwn(KNOWN, fullName) ? KNOWN[fullName] : undefined;

const wrapped = ({ value }: Fields): unknown => value;

const timestamp = ({ seconds, nanos }: Fields, cursor: Cursor): unknown => {
  const below = nanosOf(nanos, cursor);
  if (below < 0) cursor.fail(`a google.protobuf.Timestamp has ${below} nanoseconds`);
  const text = instantText(
    String(BigInt(seconds as number | string) * 1_000_000_000n + BigInt(below)),
    1_000_000_000,
    "Z",
  );
  return String(text).replace(/(\.\d{3})(?:000000|(\d{3})000)Z$/, "$1$2Z");
};

const duration = ({ seconds, nanos }: Fields, cursor: Cursor): unknown => {
  const all = BigInt(seconds as number | string) * 1_000_000_000n + BigInt(nanosOf(nanos, cursor));
  const size = all < 0n ? -all : all;
  const below = String(size % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${all < 0n ? "-" : ""}${size / 1_000_000_000n}${below === "" ? "" : `.${below}`}s`;
};

const nanosOf = (nanos: unknown, cursor: Cursor): number =>
  typeof nanos === "number" && Math.abs(nanos) < 1_000_000_000
    ? nanos
    : cursor.fail(`a time has ${nanos} nanoseconds beside its seconds`);

/** One of its fields is set; none: null. */
const structValue = (fields: Fields): unknown => {
  const [name] = Object.keys(fields);
  return name === undefined || name === "nullValue" ? null : fields[name];
};

const KNOWN: Readonly<Record<string, (fields: Fields, cursor: Cursor) => unknown>> = {
  ".google.protobuf.Timestamp": timestamp,
  ".google.protobuf.Duration": duration,
  ".google.protobuf.Struct": ({ fields }) => fields ?? {},
  ".google.protobuf.Value": structValue,
  ".google.protobuf.ListValue": ({ values }) => values ?? [],
  ".google.protobuf.DoubleValue": wrapped,
  ".google.protobuf.FloatValue": wrapped,
  ".google.protobuf.Int64Value": wrapped,
  ".google.protobuf.UInt64Value": wrapped,
  ".google.protobuf.Int32Value": wrapped,
  ".google.protobuf.UInt32Value": wrapped,
  ".google.protobuf.BoolValue": wrapped,
  ".google.protobuf.StringValue": wrapped,
  ".google.protobuf.BytesValue": wrapped,
};
