import { createRequire } from "node:module";
import type { Logger } from "../runtime/log.js";
import type { TokenSource } from "./oauth-tokens.js";

/** So long before a session ends KafkaJS logs in again, over the same connection (KIP-368). Its own 10 s are more than a short-lived token lives. */
export const REAUTHENTICATE_BEFORE_MS = 5_000;

interface SessionResponse {
  readonly sessionLifetimeMs?: string;
}
interface ResponseModule {
  parse: (data: SessionResponse) => Promise<SessionResponse>;
}

/**
 * A broker takes no login over a connection within a second of the last one, and then answers "not valid given the current SASL state". KafkaJS logs in before every request of
 * a session that has less left than `REAUTHENTICATE_BEFORE_MS`, as one has whose token is about to be renewed, and ends for good on that answer. So no session is told
 * to be shorter than that and two seconds; the broker closes the connection where it was, and the next one logs in anew. Changes the loaded library;
 * calling it again changes nothing more.
 */
export const spaceOutLogins = (): void => {
  const require = createRequire(import.meta.url);
  const response = require("kafkajs/src/protocol/requests/saslAuthenticate/v1/response.js") as ResponseModule;
  if (patched.has(response)) return;
  patched.add(response);
  const { parse } = response;
  response.parse = async (data) => {
    const parsed = await parse(data);
    const lifetime = Number(parsed.sessionLifetimeMs ?? 0);
    // 0: it does not end.
    if (lifetime <= 0 || lifetime >= LEAST_SESSION_MS) return parsed;
    return { ...parsed, sessionLifetimeMs: String(LEAST_SESSION_MS) };
  };
};

const patched = new WeakSet<ResponseModule>();
const LEAST_SESSION_MS = REAUTHENTICATE_BEFORE_MS + 2_000;

/** As KafkaJS calls it for each login. Its types know neither what it gives nor what it takes. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly saslAuthenticate: (exchange: {
    readonly request: { readonly encode: () => Promise<Buffer> };
    readonly response?: {
      readonly decode: (bytes: Buffer) => Promise<Buffer>;
      readonly parse: (bytes: Buffer) => Promise<Buffer>;
    };
  }) => Promise<Buffer | undefined>;
}

/** Tried again, by the client and then by its restarts: a token that is late comes in the end. */
export class LoginError extends Error {
  override readonly name = "LoginError";
  readonly retriable = true;
}

/**
 * SASL OAUTHBEARER (RFC 7628), in place of KafkaJS's own, which takes a refused token for a login: the broker says "invalid_token" in an answer without an error code, and
 * waits for one more message. It also gives up for good where the token is merely late.
 */
export const createOAuthLogin = (
  tokens: TokenSource,
  deps: { readonly log: Logger; readonly now: () => number },
): ((login: Login) => { authenticate(): Promise<void> }) => {
  let failing: { since: number; toldAt: number; told: string } | undefined;
  const failed = (broker: string, reason: string): LoginError => {
    const now = deps.now();
    failing ??= { since: now, toldAt: Number.NEGATIVE_INFINITY, told: "" };
    if (failing.told !== reason || now - failing.toldAt >= TELL_EVERY_MS) {
      failing = { ...failing, toldAt: now, told: reason };
      deps.log.warn({ broker, error: reason }, "Kafka login failed; it is tried again");
    }
    return new LoginError(reason);
  };
  return ({ host, port, saslAuthenticate }) => ({
    async authenticate() {
      const broker = `${host}:${port}`;
      const send = (text: string) =>
        saslAuthenticate({
          request: { encode: async () => withLength(text) },
          response: {
            decode: async (bytes) => bytes, // With their length before them, as they came.
            parse: async (bytes) => bytes.subarray(LENGTH_BYTES),
          },
        });
      /** The broker closes the connection after it; else it would wait for a token where KafkaJS begins anew. */
      const giveUp = (): Promise<unknown> => send(ABORT).catch(() => undefined);
      let token: string;
      try {
        token = await tokens.token();
      } catch (error) {
        await giveUp();
        throw failed(broker, (error as Error).message);
      }
      let answer: Buffer | undefined;
      try {
        answer = await send(`n,,\u0001auth=Bearer ${token}\u0001\u0001`);
      } catch (error) {
        const { name, message } = error as Error;
        if (name !== "KafkaJSSASLAuthenticationError" && name !== "KafkaJSProtocolError") throw error;
        tokens.refused();
        throw failed(broker, refusedBy(broker, tokens.origin, message));
      }
      if (answer !== undefined && answer.length > 0) {
        tokens.refused();
        await giveUp();
        throw failed(broker, refusedBy(broker, tokens.origin, printable(answer)));
      }
      if (failing === undefined) return;
      deps.log.info({ broker, failedForMs: Math.round(deps.now() - failing.since) }, "Kafka login works again");
      failing = undefined;
    },
  });
};

const refusedBy = (broker: string, origin: string, words: string): string =>
  `broker ${broker} does not take the token of ${origin}: check its issuer, audience, scope and signing key, and the clocks (${words})`;

/** `{"status":"invalid_token"}`, for example. */
const printable = (bytes: Buffer): string =>
  bytes
    .toString()
    .replace(/[^\x20-\x7e]/g, " ")
    .trim()
    .slice(0, 300);

const withLength = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** RFC 7628 section 3.2.3: the client's last word after a refusal. */
const ABORT = "\u0001";
const LENGTH_BYTES = 4;
const TELL_EVERY_MS = 30_000;
