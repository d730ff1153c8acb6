import type { Message } from "kafkajs";
import type { RecordHeaders } from "../runtime/ports.js";
import { headersLength } from "../runtime/record-headers.js";

/** What is sent at once becomes one batch per partition, and a topic takes batches of 1 MB by default. */
const CHUNK_BYTES = 500_000;
const CHUNK_MESSAGES = 1_000;
/** What a message takes beside key, value and headers, at most. */
const OVERHEAD = 200;

/** In order, in groups that a topic takes at once; a message that is larger alone. */
export function* messageChunks(messages: Iterable<Message>): Generator<Message[]> {
  let chunk: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const { key, value, headers } = message;
    const size = (value?.length ?? 0) + (key?.length ?? 0) + headersLength(headers as RecordHeaders) + OVERHEAD;
    if (chunk.length > 0 && (bytes + size > CHUNK_BYTES || chunk.length >= CHUNK_MESSAGES)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    bytes += size;
    chunk.push(message);
  }
  if (chunk.length > 0) yield chunk;
}
