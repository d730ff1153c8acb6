/** Values as an Avro serializer writes them, by the schema's type. A text may be bytes that are none. */

export type AvroType = string | readonly AvroType[] | { readonly type: unknown; readonly [more: string]: unknown };

/** `branch` of a union: `{ at, value }`. */
export interface Branch {
  readonly at: number;
  readonly value: unknown;
}

export const avroBytes = (type: AvroType, value: unknown): Buffer => {
  if (Array.isArray(type)) {
    const { at, value: inner } = value as Branch;
    return Buffer.concat([avroLong(at), avroBytes(type[at] as AvroType, inner)]);
  }
  if (typeof type === "string") return primitive(type, value);
  const { type: inner, fields, values, items } = type as { type: unknown } & Record<string, unknown>;
  switch (inner) {
    case "record":
      return Buffer.concat(
        (fields as { name: string; type: AvroType }[]).map((field) =>
          avroBytes(field.type, (value as Record<string, unknown>)[field.name]),
        ),
      );
    case "enum":
      return avroLong(value as number);
    case "map": {
      const entries = (value as [string, unknown][]).map(([name, one]) =>
        Buffer.concat([primitive("string", name), avroBytes(values as AvroType, one)]),
      );
      return Buffer.concat(entries.length === 0 ? [avroLong(0)] : [avroLong(entries.length), ...entries, avroLong(0)]);
    }
    case "array": {
      const all = (value as unknown[]).map((one) => avroBytes(items as AvroType, one));
      return Buffer.concat(all.length === 0 ? [avroLong(0)] : [avroLong(all.length), ...all, avroLong(0)]);
    }
    default:
      return avroBytes(inner as AvroType, value);
  }
};

/** Zigzag. */
export const avroLong = (value: number | bigint): Buffer => {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};

const primitive = (type: string, value: unknown): Buffer => {
  switch (type) {
    case "null":
      return Buffer.alloc(0);
    case "boolean":
      return Buffer.from([value === true ? 1 : 0]);
    case "int":
    case "long":
      return avroLong(value as number | bigint);
    case "float": {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(value as number);
      return bytes;
    }
    case "double": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value as number);
      return bytes;
    }
    default: {
      const bytes = typeof value === "string" ? Buffer.from(value) : (value as Buffer);
      return Buffer.concat([avroLong(bytes.length), bytes]);
    }
  }
};
