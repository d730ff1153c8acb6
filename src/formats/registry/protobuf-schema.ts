import protobuf, { type Type } from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";
import { Cursor } from "./cursor.js";
import type { MessageMark } from "./framing.js";
import { ProtobufAlerts } from "./protobuf-alert.js";
import { ProtobufMessages, type ReadMessage } from "./protobuf-message.js";
import { SCALARS } from "./protobuf-scalars.js";
import { type ShortRead, shortRead } from "./short-read.js";
import { NotAsSchema, UnusableSchema } from "./unreadable.js";
import { length, zigzag } from "./varint.js";

/** A schema as the registry gives it, with those that it imports, by the name of the import. */
export interface ProtobufSource {
  readonly text: string;
  readonly imports: readonly { readonly name: string; readonly text: string }[];
}

/** Where a value begins, and how it names its message. */
export interface ProtobufFrame {
  readonly bytes: Buffer;
  readonly at: number;
  readonly mark: MessageMark;
  readonly indexes?: Buffer | undefined;
  readonly message?: string | undefined;
}

/** Loads protobufjs: import it when the first Protobuf schema comes. `configured`: `SCHEMA_REGISTRY_PROTOBUF_MESSAGE`. */
export const compileProtobuf = (
  source: ProtobufSource,
  configured: string | undefined,
): { readonly read: (frame: ProtobufFrame) => unknown; readonly short: ShortRead } => {
  const { root, top } = parsed(source);
  const messages = new ProtobufMessages();
  const choose = new MessageChoice(root, top, configured);
  // Also says at once whether the schema can be used.
  const reads = new Map<Type, ReadMessage>(top.map((type) => [type, messages.of(type)]));
  const read = (frame: ProtobufFrame): unknown => {
    const cursor = new Cursor(frame.bytes, frame.at);
    const type = choose.of(cursor, frame);
    let read = reads.get(type);
    if (read === undefined) {
      read = messages.of(type);
      reads.set(type, read);
    }
    return read(cursor);
  };
  const alerts = new ProtobufAlerts(messages);
  return { read, short: shortRead((cursor, frame) => alerts.of(choose.of(cursor, frame))) };
};

/** Which of the schema's messages a record is. Never a guess. */
class MessageChoice {
  readonly #top: readonly Type[];
  readonly #configured: Type | undefined;
  readonly #sole: Type | undefined;

  constructor(root: protobuf.Root, top: readonly Type[], configured: string | undefined) {
    this.#top = top;
    this.#configured = configured === undefined ? undefined : messageOf(root, configured);
    const [first] = top;
    const isAlone =
      top.length === 1 && first !== undefined && !first.nestedArray.some((nested) => nested instanceof protobuf.Type);
    this.#sole = isAlone ? first : undefined;
  }

  /** Passes what names the message in front of it. */
  of(cursor: Cursor, frame: Omit<ProtobufFrame, "bytes" | "at">): Type {
    const named = this.#namedBy(cursor, frame);
    if (this.#configured !== undefined) {
      if (named instanceof protobuf.Type && named !== this.#configured) {
        cursor.fail(
          `the record is a ${nameOf(named)}, SCHEMA_REGISTRY_PROTOBUF_MESSAGE says ${nameOf(this.#configured)}`,
        );
      }
      return this.#configured;
    }
    if (named instanceof protobuf.Type) return named;
    if (named === undefined && this.#sole !== undefined) return this.#sole;
    return cursor.fail(
      `${named ?? "the record does not say which of the schema's messages it is"}; set SCHEMA_REGISTRY_PROTOBUF_MESSAGE to the message's full name`,
    );
  }

  #namedBy(cursor: Cursor, { mark, indexes, message }: Omit<ProtobufFrame, "bytes" | "at">): Type | string | undefined {
    if (indexes !== undefined) return this.#indexed(new Cursor(indexes));
    if (message !== undefined) return this.#inHeader(cursor, message);
    if (mark === "none") return undefined;
    // With `send-indexes` and without `send-type-ref` Apicurio writes what Confluent does. No reference is that short.
    return mark === "indexes" || cursor.peek() <= INDEXES_OF_ONE ? this.#indexed(cursor) : this.#referred(cursor);
  }

  /** A list of indexes, one for each level. Only that of a message at the top counts the same in every client. */
  #indexed(cursor: Cursor): Type | string {
    const levels = zigzag(cursor);
    if (levels !== 0 && (typeof levels !== "number" || levels < 0 || levels > 64)) {
      cursor.fail(`the list of message indexes cannot have ${levels} entries`);
    }
    const indexes = levels === 0 ? [0] : Array.from({ length: levels as number }, () => zigzag(cursor));
    if (indexes.length > 1)
      return `the record is a message within a message (indexes ${indexes.join(", ")}), which clients count differently`;
    const type = this.#top[indexes[0] as number];
    return (
      type ?? cursor.fail(`the schema has ${this.#top.length} messages, and the record names number ${indexes[0]}`)
    );
  }

  /** Apicurio's: a small message, with its length, whose only field is the name of the message. */
  #referred(cursor: Cursor): Type | string {
    const bytes = length(cursor, false);
    const end = cursor.at + bytes;
    if (cursor.byte() !== 0x0a) cursor.fail("the reference to a message does not begin with its name");
    const name = SCALARS["string"]?.read(cursor) as string;
    if (cursor.at !== end) cursor.fail("the reference to a message does not end where it says");
    return this.#called(name);
  }

  /** Version 3 of Apicurio's serializer says the name a second time, as the reference in front of the value; version 2 does not. */
  #inHeader(cursor: Cursor, name: string): Type | string {
    const reference = Buffer.from(name);
    const prefix = Buffer.concat([Buffer.from([reference.length + 2, 0x0a, reference.length]), reference]);
    if (reference.length <= SHORT_NAME) cursor.passIf(prefix);
    return this.#called(name);
  }

  #called(name: string): Type | string {
    const type = this.#top.find((candidate) => candidate.name === name || nameOf(candidate) === name);
    return type ?? `the record names the message ${JSON.stringify(name)}, which is not at the top of the schema`;
  }
}

/** How many levels a list of indexes has, at the top of a schema: none stands for the first message, 2 is 1 as zigzag. */
const INDEXES_OF_ONE = 2;
/** In UTF-8; the length of a reference to a longer one takes two bytes. */
const SHORT_NAME = 125;

const messageOf = (root: protobuf.Root, name: string): Type => {
  const found = root.lookup(name.replace(/^\.?/, "."), [protobuf.Type]);
  if (found instanceof protobuf.Type) return found;
  throw new UnusableSchema(`the schema has no message ${name}, which SCHEMA_REGISTRY_PROTOBUF_MESSAGE names`);
};

const nameOf = (type: Type): string => type.fullName.slice(1);

interface Parsed {
  readonly root: protobuf.Root;
  /** The messages at the top of the schema itself, in its order. */
  readonly top: readonly Type[];
}

const parsed = ({ text, imports }: ProtobufSource): Parsed => {
  try {
    const root = new protobuf.Root();
    const files = new Map(imports.map((file) => [file.name, asFile(file.text)]));
    const main = asFile(text);
    for (const file of [...files.values(), main]) file.addTo(root);
    addCommon(root, [...files.values(), main], files);
    root.resolveAll();
    const top = main.messages.map((name) => messageOf(root, name));
    if (top.length === 0) throw new UnusableSchema("the schema has no message");
    return { root, top };
  } catch (error) {
    if (error instanceof UnusableSchema || error instanceof NotAsSchema) throw error;
    throw new UnusableSchema(`protobufjs cannot read the schema: ${(error as Error).message}`);
  }
};

/** One `.proto` file, as text or as a descriptor. */
interface ProtoFile {
  /** Full names of the messages at its top, in its order. */
  readonly messages: readonly string[];
  readonly imports: readonly string[];
  readonly addTo: (root: protobuf.Root) => void;
}

/** Some registries give base64 of a descriptor where the client registered one, and nothing says so. No `.proto` text is without a brace or a blank. */
const asFile = (text: string): ProtoFile =>
  /^[\w+/=\s-]+$/.test(text) && !/\S\s+\S/.test(text) ? descriptorFile(text) : textFile(text);

const textFile = (text: string): ProtoFile => {
  const { root, package: packageName, imports = [], weakImports = [] } = protobuf.parse(text, { keepCase: true });
  const space = packageName === undefined ? root : root.lookup(packageName);
  return {
    messages: messagesIn(space),
    imports: [...imports, ...weakImports],
    addTo: (into) => void protobuf.parse(text, into, { keepCase: true }),
  };
};

const messagesIn = (space: protobuf.ReflectionObject | null): readonly string[] =>
  space instanceof protobuf.Namespace
    ? space.nestedArray.filter((nested) => nested instanceof protobuf.Type).map(({ fullName }) => fullName.slice(1))
    : [];

const descriptorFile = (text: string): ProtoFile => {
  const file = descriptor.FileDescriptorProto.decode(Buffer.from(text, "base64")) as unknown as FileDescriptor;
  const packageName = file.package ?? "";
  const context = { edition: editionOf(file), keepCase: true };
  return {
    messages: file.messageType.map(({ name }) => (packageName === "" ? name : `${packageName}.${name}`)),
    imports: file.dependency,
    // Not all at once by `Root.fromDescriptor`: that looks for the imports, which are files of their own.
    addTo: (root) => {
      const space = packageName === "" ? root : root.define(packageName);
      for (const message of file.messageType) space.add(protobuf.Type.fromDescriptor(message, context));
      for (const symbols of file.enumType) space.add(protobuf.Enum.fromDescriptor(symbols, context));
    },
  };
};

/** What is read of a decoded `google.protobuf.FileDescriptorProto`. */
interface FileDescriptor {
  readonly package?: string;
  readonly dependency: readonly string[];
  readonly messageType: readonly { readonly name: string }[];
  readonly enumType: readonly object[];
  readonly syntax?: string;
  readonly edition?: number;
  readonly options?: { readonly features?: object } | null;
}

const EDITIONS: Readonly<Record<number, string>> = { 1000: "2023", 1001: "2024" };

const editionOf = ({ syntax, edition, options }: FileDescriptor): string => {
  if (syntax !== "editions") return syntax === "proto3" ? "proto3" : "proto2";
  const known = EDITIONS[edition ?? 0];
  if (known === undefined || options?.features) {
    throw new UnusableSchema(
      "a descriptor of an edition is read only of 2023 and 2024, and without features of the file",
    );
  }
  return known;
};

/** Google's files, which no registry keeps: protobufjs brings those that records are made of. */
const addCommon = (root: protobuf.Root, files: readonly ProtoFile[], given: ReadonlyMap<string, ProtoFile>): void => {
  const wanted = new Set(files.flatMap(({ imports }) => imports).filter((name) => !given.has(name)));
  for (const name of wanted) {
    const common = protobuf.common.get(name);
    if (common?.nested) root.addJSON(common.nested);
  }
};
