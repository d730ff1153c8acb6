/** The few messages of Kafka's protocol with which a stranger can be asked what it is. Pure. */

import { Buffer } from "node:buffer";

const API_VERSIONS = 18;
const SASL_HANDSHAKE = 17;
export const METADATA = 3;

/** kafka.apache.org/protocol: request header version 1, with a client ID. */
const request = (apiKey: number, apiVersion: number, correlationId: number, body: Buffer): Buffer => {
  const client = Buffer.from("alert-digest");
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + client.length + body.length, 0);
  head.writeInt16BE(apiKey, 4);
  head.writeInt16BE(apiVersion, 6);
  head.writeInt32BE(correlationId, 8);
  head.writeInt16BE(client.length, 12);
  return Buffer.concat([head, client, body]);
};

export const apiVersionsRequest = (correlationId: number): Buffer =>
  request(API_VERSIONS, 0, correlationId, Buffer.alloc(0));

export const saslHandshakeRequest = (correlationId: number, mechanism: string): Buffer => {
  const name = Buffer.from(mechanism);
  const length = Buffer.alloc(2);
  length.writeInt16BE(name.length);
  return request(SASL_HANDSHAKE, 1, correlationId, Buffer.concat([length, name]));
};

/** Version 1, no topics: the brokers only. */
export const metadataRequest = (correlationId: number): Buffer =>
  request(METADATA, 1, correlationId, Buffer.from([0, 0, 0, 0]));

/** Far above any answer to these; what speaks another protocol seems to announce far more. */
const LONGEST_ANSWER = 4 * 1024 * 1024;

export type Answer =
  | { readonly kind: "incomplete" }
  | { readonly kind: "answer"; readonly body: Buffer }
  | { readonly kind: "stranger"; readonly speaks: string };

/** What the first bytes of an answer are. */
export const readAnswer = (bytes: Buffer, correlationId: number): Answer => {
  if (bytes.length === 0) return { kind: "incomplete" };
  const speaks = strangerIn(bytes);
  if (speaks !== undefined) return { kind: "stranger", speaks };
  if (bytes.length < 8) return { kind: "incomplete" };
  const size = bytes.readInt32BE(0);
  if (size < 4 || size > LONGEST_ANSWER || bytes.readInt32BE(4) !== correlationId)
    return { kind: "stranger", speaks: "another protocol" };
  return bytes.length < 4 + size ? { kind: "incomplete" } : { kind: "answer", body: bytes.subarray(8, 4 + size) };
};

export const TLS = "TLS";

const strangerIn = (bytes: Buffer): string | undefined => {
  // RFC 8446 5.1: an alert, or a handshake message.
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03) return TLS;
  const text = bytes.subarray(0, 64).toString("latin1");
  return STRANGERS.find(([pattern]) => pattern.test(text))?.[1];
};

const STRANGERS: readonly (readonly [RegExp, string])[] = [
  [/^HTTP\/\d/, "HTTP"],
  [/^<(!doctype|html)/i, "HTTP"],
  [/^(220|421|554)[ -]/, "SMTP"],
  [/^SSH-/, "SSH"],
  [/^[-+*$](ERR|OK|NOAUTH|PONG|DENIED)\b/, "Redis's protocol"],
  [/^AMQP/, "AMQP"],
];

/** Keys of the requests that the other side takes. Undefined: this is no such answer. */
export const apiKeysIn = (body: Buffer): ReadonlySet<number> | undefined => {
  if (body.length < 6) return undefined;
  const count = body.readInt32BE(2);
  if (count < 0 || body.length < 6 + count * 6) return undefined;
  return new Set(Array.from({ length: count }, (_, index) => body.readInt16BE(6 + index * 6)));
};

export interface SaslHandshakeAnswer {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

export const saslHandshakeIn = (body: Buffer): SaslHandshakeAnswer | undefined => {
  if (body.length < 6) return undefined;
  const mechanisms: string[] = [];
  let at = 6;
  for (let left = body.readInt32BE(2); left > 0; left--) {
    if (body.length < at + 2) return undefined;
    const end = at + 2 + Math.max(0, body.readInt16BE(at));
    if (body.length < end) return undefined;
    mechanisms.push(body.toString("utf8", at + 2, end));
    at = end;
  }
  return { errorCode: body.readInt16BE(0), mechanisms };
};

export const UNSUPPORTED_SASL_MECHANISM = 33;
export const ILLEGAL_SASL_STATE = 34;
