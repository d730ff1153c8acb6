import { cutAfter } from "../../core/at-most.js";
import { compileAvroAlert } from "./avro-alert.js";
import { AvroNames } from "./avro-names.js";
import { type AvroField, compileAvro } from "./avro-schema.js";
import { Cursor } from "./cursor.js";
import type { RegisteredSchema } from "./fetch-schema.js";
import type { MessageMark } from "./framing.js";
import type { ShortRead } from "./short-read.js";
import { type Reading, readWith, UnusableSchema } from "./unreadable.js";

/** The bytes behind a frame. */
export interface FramedBody {
  readonly bytes: Buffer;
  readonly at: number;
  readonly mark: MessageMark;
  readonly indexes?: Buffer | undefined;
  readonly message?: string | undefined;
}

/** Reads values of one schema. `json`: they are JSON text, whatever the schema says of it. `short`: undefined where its fields are not an alert's. */
export type SchemaReader =
  | { readonly kind: "values"; readonly read: (body: FramedBody) => Reading; readonly short?: ShortRead | undefined }
  | { readonly kind: "json" };

const TYPE_SHOWN = 40;

/** Throws `UnusableSchema`, and nothing else. `protobufMessage`: `SCHEMA_REGISTRY_PROTOBUF_MESSAGE`. */
export const compileSchema = async (
  schema: RegisteredSchema,
  protobufMessage: string | undefined,
): Promise<SchemaReader> => {
  switch (schema.type) {
    case "JSON":
      return { kind: "json" };
    case "AVRO":
      return avroReader(schema);
    case "PROTOBUF": {
      const { compileProtobuf } = await import("./protobuf-schema.js");
      const imports = schema.references;
      const { read, short } = compileProtobuf({ text: schema.text, imports }, protobufMessage);
      return { kind: "values", read: (body) => readWith(() => read(body)), short };
    }
    default:
      throw new UnusableSchema(
        `its type is ${JSON.stringify(cutAfter(schema.type, TYPE_SHOWN))}, none of AVRO, PROTOBUF, JSON`,
      );
  }
};

const avroReader = ({ text, references }: RegisteredSchema): SchemaReader => {
  const names = new AvroNames();
  for (const reference of references) compileAvro(jsonOf(reference.text, reference.name), names);
  const fields: AvroField[] = [];
  const read = compileAvro(jsonOf(text, "the schema"), names, fields);
  return {
    kind: "values",
    short: compileAvroAlert(fields),
    read: ({ bytes, at }) =>
      readWith(() => {
        const cursor = new Cursor(bytes, at);
        const value = read(cursor);
        cursor.mustBeAtEnd();
        return value;
      }),
  };
};

/** A bare name, such as `string`, need not stand in quotes. */
const jsonOf = (text: string, name: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (/^[\w.]+$/.test(text)) return text;
    throw new UnusableSchema(`${name} is not JSON: ${(error as Error).message}`);
  }
};
