import type { KafkaConnection } from "./client.js";
import { Conversation, ConversationError, type ConversationFailure } from "./conversation.js";
import {
  apiKeysIn,
  apiVersionsRequest,
  ILLEGAL_SASL_STATE,
  METADATA,
  metadataRequest,
  saslHandshakeIn,
  saslHandshakeRequest,
  TLS,
  UNSUPPORTED_SASL_MECHANISM,
} from "./probe-messages.js";

/** What stands at an address, as far as it hinders us. */
export type Finding =
  /** A broker that we can talk to: whatever is wrong, it is not this. */
  | { readonly kind: "kafka" }
  | { readonly kind: "unresolved" }
  | { readonly kind: "refused" }
  | { readonly kind: "unreachable"; readonly code: string }
  | { readonly kind: "no-connection" }
  | { readonly kind: "silent" }
  | { readonly kind: "closed" }
  | { readonly kind: "stranger"; readonly speaks: string }
  | { readonly kind: "speaks-tls" }
  | { readonly kind: "speaks-plain" }
  | { readonly kind: "certificate"; readonly problem: "untrusted" | "name" | "expired"; readonly detail: string }
  | { readonly kind: "client-certificate"; readonly given: boolean; readonly detail: string }
  | { readonly kind: "tls-failed"; readonly detail: string }
  | { readonly kind: "controller" }
  | { readonly kind: "takes-no-login" }
  | { readonly kind: "wants-login" }
  | { readonly kind: "mechanism"; readonly offered: readonly string[] };

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, an IPv6 host in brackets. */
export const addressOf = (text: string): Address => {
  const at = text.lastIndexOf(":");
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(text.slice(at + 1)) };
};

export const addressText = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

const TIMEOUT_MS = 5_000;

/** Asks an address what it is, without a login: nothing secret is sent to a stranger. Never rejects. */
export const probe = async (
  address: Address,
  connection: Pick<KafkaConnection, "ssl" | "sasl">,
  timeoutMs = TIMEOUT_MS,
): Promise<Finding> => {
  const failure = await talk(address, connection, { timeoutMs });
  if (!("failure" in failure)) return failure;
  return connection.ssl === undefined
    ? plainFailed(address, failure.failure, timeoutMs)
    : tlsFailed(address, connection.ssl, failure.failure, timeoutMs);
};

type Talk = Finding | { readonly failure: ConversationFailure };

/** Undone by the first thing that is not as it should be. */
const talk = async (
  address: Address,
  { ssl, sasl }: Pick<KafkaConnection, "ssl" | "sasl">,
  options: { readonly timeoutMs: number; readonly trustAll?: boolean },
): Promise<Talk> => {
  const conversation = new Conversation(address, ssl, options);
  try {
    const keys = apiKeysIn(await conversation.ask(apiVersionsRequest(1), 1));
    if (keys === undefined) return { kind: "stranger", speaks: "another protocol" };
    if (!keys.has(METADATA)) return { kind: "controller" };
    return await (sasl === undefined ? askWithout(conversation) : askForLogin(conversation, sasl.mechanism));
  } catch (error) {
    if (error instanceof ConversationError) return { failure: error.failure };
    throw error;
  } finally {
    conversation.close();
  }
};

/** A listener that wants a login takes no other question before it, and closes. */
const askWithout = async (conversation: Conversation): Promise<Finding> => {
  try {
    await conversation.ask(metadataRequest(2), 2);
    return { kind: "kafka" };
  } catch (error) {
    const closed = error instanceof ConversationError && ["closed", "failed"].includes(error.failure.kind);
    if (closed) return { kind: "wants-login" };
    throw error;
  }
};

const askForLogin = async (conversation: Conversation, mechanism: string): Promise<Finding> => {
  const answer = saslHandshakeIn(await conversation.ask(saslHandshakeRequest(2, mechanism.toUpperCase()), 2));
  if (answer?.errorCode === ILLEGAL_SASL_STATE) return { kind: "takes-no-login" };
  if (answer?.errorCode === UNSUPPORTED_SASL_MECHANISM) return { kind: "mechanism", offered: answer.mechanisms };
  return { kind: "kafka" };
};

const plainFailed = async (address: Address, failure: ConversationFailure, timeoutMs: number): Promise<Finding> => {
  const notThere = connectionFailure(failure);
  if (notThere !== undefined) return notThere;
  if (failure.kind === "stranger" && failure.speaks !== TLS) return failure;
  // A TLS listener may close without a word.
  const trustAll = { ca: undefined, cert: undefined, key: undefined };
  const again = await talk(address, { ssl: trustAll, sasl: undefined }, { timeoutMs, trustAll: true });
  if (!("failure" in again)) return again.kind === "controller" ? again : { kind: "speaks-tls" };
  if (again.failure.kind === "stranger") return { kind: "stranger", speaks: `${again.failure.speaks} over TLS` };
  if (isAlert(again.failure) || failure.kind === "stranger") return { kind: "speaks-tls" };
  return failure.kind === "silent" ? { kind: "silent" } : { kind: "closed" };
};

const tlsFailed = async (
  address: Address,
  ssl: NonNullable<KafkaConnection["ssl"]>,
  failure: ConversationFailure,
  timeoutMs: number,
): Promise<Finding> => {
  if (failure.kind === "stranger") return { kind: "stranger", speaks: `${failure.speaks} over TLS` };
  const certificate = failure.kind === "failed" ? certificateProblem(failure) : undefined;
  if (certificate !== undefined) return certificate;
  if (isAlert(failure))
    return { kind: "client-certificate", given: ssl.cert !== undefined, detail: "code" in failure ? failure.code : "" };
  const notThere = connectionFailure(failure);
  // Where TLS was begun and broken off, a connection was there.
  if (notThere !== undefined && notThere.kind !== "unreachable" && notThere.kind !== "no-connection") return notThere;
  const plain = await talk(address, { ssl: undefined, sasl: undefined }, { timeoutMs });
  if (!("failure" in plain)) return plain.kind === "controller" ? plain : { kind: "speaks-plain" };
  if (plain.failure.kind === "stranger" && plain.failure.speaks !== TLS) return plain.failure;
  const still = connectionFailure(plain.failure);
  if (still !== undefined) return still;
  return { kind: "tls-failed", detail: failure.kind === "failed" ? failure.text : "it closed the connection" };
};

/** No connection at all; undefined: there was one. */
const connectionFailure = (failure: ConversationFailure): Finding | undefined => {
  if (failure.kind === "silent") return failure.connected ? undefined : { kind: "no-connection" };
  if (failure.kind !== "failed" || failure.connected) return undefined;
  switch (failure.code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
    case "EAI_NODATA":
      return { kind: "unresolved" };
    case "ECONNREFUSED":
      return { kind: "refused" };
    case "ETIMEDOUT":
      return { kind: "no-connection" };
    default:
      return { kind: "unreachable", code: failure.code };
  }
};

/** The other side ended the handshake and said so: with what we trust all is well. */
const isAlert = (failure: ConversationFailure): boolean => failure.kind === "failed" && /ALERT/.test(failure.code);

const certificateProblem = ({ code, text }: { readonly code: string; readonly text: string }): Finding | undefined => {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return { kind: "certificate", problem: "name", detail: text };
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
    return { kind: "certificate", problem: "expired", detail: text };
  return /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA/.test(code)
    ? { kind: "certificate", problem: "untrusted", detail: text }
    : undefined;
};
