/** The same records read where they are decoded, and by a thread beside. */

import { after } from "node:test";
import { bytesOf } from "#src/core/partition-types.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { cloudEventsEnvelope } from "#src/formats/envelopes/cloudevents.js";
import { connectEnvelope } from "#src/formats/envelopes/connect.js";
import { debeziumEnvelope } from "#src/formats/envelopes/debezium.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";
import { LONG_BYTES, ReadingThread } from "#src/formats/reading-thread.js";
import { RegistryReader } from "#src/formats/registry/registry-reader.js";
import type { Known } from "#src/formats/registry/schema-store.js";
import { createShapedCodec, type Shape } from "#src/formats/shaped-codec.js";
import type { Decoded } from "#src/runtime/ports.js";
import { mappingOf } from "./mapping/mappings.js";

export const ENVELOPES = { connect: connectEnvelope, debezium: debeziumEnvelope, cloudevents: cloudEventsEnvelope };
export type EnvelopeName = keyof typeof ENVELOPES;

export const REGISTRY = { api: "confluent", protobufMessage: undefined } as const;

/** What `SchemaStore` is in a process. */
export const registryOf = (known: ReadonlyMap<string, Known>): RegistryReader =>
  new RegistryReader({ get: (name) => known.get(name), want: () => Promise.resolve() }, REGISTRY.api);

/** It is closed when the tests are over. */
export const openThread = (...args: ConstructorParameters<typeof ReadingThread>): ReadingThread => {
  const thread = new ReadingThread(...args);
  after(() => thread.close());
  return thread;
};

/** Without schemas, of which each thread has its own, there is one for each envelope: to start it costs more than what it reads here. */
const shared = new Map<string, ReadingThread>();
after(async () => {
  for (const thread of shared.values()) await thread.close();
});
const sharedThread = (by: ConstructorParameters<typeof ReadingThread>[0]): ReadingThread => {
  const name = `${by.as} ${by.envelope}`;
  const thread = shared.get(name) ?? new ReadingThread(by);
  shared.set(name, thread);
  return thread;
};

/** `mapping`: its text. `url`: of another thread. */
export const bothWays = (
  envelope: EnvelopeName | undefined,
  mapping: string | undefined,
  more: Partial<Shape> = {},
  url?: URL,
) => {
  const compiled = mapping === undefined ? undefined : mappingOf(mapping);
  const shape: Shape = {
    registry: undefined,
    envelope: envelope && ENVELOPES[envelope],
    mapping: () => compiled,
    ...more,
  };
  const isShaped = envelope !== undefined || shape.mapping() !== undefined;
  const codec = isShaped ? createShapedCodec(shape, DEFAULT_RULES) : createAlertCodec(DEFAULT_RULES, shape.registry);
  const registry = shape.registry && REGISTRY;
  const by = { as: isShaped ? ("shaped" as const) : ("alert" as const), rules: DEFAULT_RULES, envelope, registry };
  const isShared = shape.registry === undefined && url === undefined;
  const thread = isShared ? sharedThread(by) : openThread(by, shape.registry, url);
  let took = 0;
  const there = thread.beside(
    {
      ...codec,
      decode: (record, room) => {
        took--;
        return codec.decode(record, room);
      },
    },
    shape,
  );
  return {
    here: codec,
    there: {
      ...there,
      decode: (record: Parameters<typeof there.decode>[0]): Decoded => {
        took++;
        return there.decode(record);
      },
    },
    /** How many came from the thread. */
    took: () => took,
  };
};

/** Blanks are no part of what it says. */
export const long = (json: string): Buffer => Buffer.from(json + " ".repeat(LONG_BYTES));

/** As a text of its bytes: those of a record lie in another's memory. */
export const comparable = (decoded: Decoded): unknown => {
  if (decoded.kind !== "alert") return decoded;
  const { bytes, device, isOfThatDay: _, typeWord: __, written: ___, ...rest } = decoded;
  return {
    ...rest,
    asWritten: rest.asWritten,
    bytes: bytes.toString(),
    device: Buffer.from(bytesOf(device)).toString(),
  };
};
