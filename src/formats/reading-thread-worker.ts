/** The thread that reads long records: by the same codec as the process, which has the turns of its event loop meanwhile. */

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Decoded, RecordHeaders } from "../runtime/ports.js";
import { envelopeOf } from "./envelopes/by-name.js";
import { compiledAgain, type Mapping } from "./mapping/compile.js";
import type { Answered, Asked, PlainDecoded, ReadingBy } from "./reading-thread-messages.js";
import { createShapedCodec } from "./shaped-codec.js";

const readFor = async (port: MessagePort, { rules, envelope }: ReadingBy): Promise<void> => {
  let mapping: Mapping | undefined;
  /** Of the record under way. */
  let looksOn = false;
  let seen: Uint8Array | undefined;
  let looked: Answered["looked"];
  const shape = {
    registry: undefined,
    envelope: await envelopeOf(envelope),
    mapping: () => mapping,
    firstRecords: {
      seen: ({ sources }: Mapping) => {
        seen = looksOn ? new Uint8Array(sources.length) : undefined;
        return seen;
      },
      mapped: (item: { readonly kind: string } | undefined) => {
        if (seen !== undefined) looked = { seen, item: item && { kind: item.kind } };
      },
    },
  };
  const codec = createShapedCodec(shape, rules);
  port.on("message", (asked: Asked) => {
    if (asked.kind === "mapping") {
      mapping = asked.written === undefined ? undefined : compiledAgain(asked.written);
      return;
    }
    const { id, key, value, headers } = asked;
    looksOn = asked.looksOn;
    looked = undefined;
    const decoded = codec.decode({
      key: key === null ? null : bufferOf(key),
      value: bufferOf(value),
      headers: headers && withBuffers(headers),
    });
    const answer: Answered = { id, decoded: plain(decoded), looked };
    port.postMessage(answer);
  });
};

/** Bytes come as what they are without Node.js. */
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const withBuffers = (headers: RecordHeaders): RecordHeaders =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(asBuffer) : asBuffer(value),
    ]),
  );

const asBuffer = <T>(value: T): T => (value instanceof Uint8Array ? (bufferOf(value) as T) : value);

/** With bytes of their own: what is sent of bytes is all of the memory in which they lie. */
const plain = (decoded: Decoded): PlainDecoded => {
  if (decoded.kind !== "alert") return decoded;
  const { isOfThatDay: _, written: __, ...alert } = decoded;
  return { ...alert, device: new Uint8Array(decoded.device), bytes: new Uint8Array(decoded.bytes) as Buffer };
};

if (parentPort !== null) await readFor(parentPort, workerData as ReadingBy);
