/** A small identity provider: signs JSON Web Tokens (RS256), publishes its keys, and has a token endpoint (RFC 6749 section 4.4) that can misbehave. */

import { createSign, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Made once: it takes a tenth of a second, and no test looks at it. */
let keys: ReturnType<typeof newKeys> | undefined;
const newKeys = () => generateKeyPairSync("rsa", { modulusLength: 2048 });

export const ISSUER = "https://issuer.example.com";
export const AUDIENCE = "kafka";

export interface TokenIssuer {
  readonly url: string;
  readonly jwks: string;
  /** Tokens that the endpoint gave so far. */
  readonly given: number;
  /** What the endpoint was asked, newest last. */
  readonly asked: readonly { readonly authorization: string; readonly form: URLSearchParams }[];
  sign(lifetimeSeconds: number, claims?: Readonly<Record<string, unknown>>): string;
  /** Answers this instead of a token; undefined: tokens again. */
  answer(misbehave: ((response: ServerResponse) => void) | undefined): void;
  close(): Promise<void>;
}

export async function startTokenIssuer(options: {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly lifetimeSeconds: number;
}): Promise<TokenIssuer> {
  keys ??= newKeys();
  const { publicKey, privateKey } = keys;
  const jwks = JSON.stringify({
    keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "RS256" }],
  });
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const sign = (lifetimeSeconds: number, claims: Readonly<Record<string, unknown>> = {}): string => {
    // A little in the past: the broker's clock is another one.
    const now = Math.floor(Date.now() / 1_000);
    const usual = { iss: ISSUER, aud: AUDIENCE, sub: "alert-digest", scope: "kafka" };
    const body = { ...usual, iat: now - 5, exp: now + lifetimeSeconds, ...claims };
    const text = `${encoded({ alg: "RS256", typ: "JWT", kid: "one" })}.${encoded(body)}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`;
  };

  const asked: { authorization: string; form: URLSearchParams }[] = [];
  let given = 0;
  let misbehave: ((response: ServerResponse) => void) | undefined;
  const expected = `Basic ${Buffer.from(`${encodeURIComponent(options.clientId)}:${encodeURIComponent(options.clientSecret)}`).toString("base64")}`;
  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json;charset=UTF-8" });
    response.end(JSON.stringify(body));
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await text(request));
    const authorization = String(request.headers.authorization);
    asked.push({ authorization, form });
    if (misbehave !== undefined) misbehave(response);
    else if (authorization !== expected)
      json(response, 401, { error: "invalid_client", error_description: "who is that?" });
    else if (form.get("grant_type") !== "client_credentials") json(response, 400, { error: "unsupported_grant_type" });
    else {
      given++;
      const token = sign(options.lifetimeSeconds);
      json(response, 200, { access_token: token, token_type: "Bearer", expires_in: options.lifetimeSeconds });
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    jwks,
    asked,
    get given() {
      return given;
    },
    sign,
    answer(next) {
      misbehave = next;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
