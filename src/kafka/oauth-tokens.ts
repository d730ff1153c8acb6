/** Access tokens for logins with SASL OAUTHBEARER: from a file that something else renews, or from a token endpoint. */

import { FileTooLarge, readBounded } from "../bounded-file.js";
import { tokenExpiry, tokenProblem } from "../core/access-token.js";

export interface TokenSource {
  /** One that is valid now. Rejects with a sentence that says where it should come from, and that quotes nothing secret. */
  token(): Promise<string>;
  /** The broker did not take the last one. */
  refused(): void;
  /** For messages: which setting is to be looked at. */
  readonly origin: string;
}

/** What a token is good for after it was sent: a login takes a moment, and the clocks differ a little. */
const LEAST_LEFT_MS = 1_000;
/** More than the longest token, and room for blanks. */
const FILE_BYTES_MAX = 131_072;

/** Read at each login. One that has ended is not sent: the broker would only say that it is invalid. */
export const fileTokens = (path: string, now: () => number): TokenSource => {
  const origin = `KAFKA_OAUTH_TOKEN_FILE ${path}`;
  return {
    origin,
    refused: () => undefined,
    async token() {
      const text = await readBounded(path, FILE_BYTES_MAX).catch((error: NodeJS.ErrnoException) => {
        const why = error instanceof FileTooLarge ? error.message : (error.code ?? "unknown error");
        throw new Error(`${origin} cannot be read (${why}): whatever renews the token has to write it there`);
      });
      const problem = tokenProblem(text);
      if (problem !== undefined)
        throw new Error(`${origin}: ${problem}; whatever renews the token has to write it there`);
      const token = text.trim();
      const expiry = tokenExpiry(token);
      if (expiry !== undefined && expiry - now() < LEAST_LEFT_MS)
        throw new Error(
          `${origin}: its token ended at ${new Date(expiry).toISOString()}; look why nothing has renewed it`,
        );
      return token;
    },
  };
};

export interface ClientCredentials {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
}

interface Held {
  readonly token: string;
  readonly askedAt: number;
  /** Undefined: nobody says when it ends. */
  readonly endsAt: number | undefined;
}

/**
 * RFC 6749 section 4.4. A token serves all logins of its first half; then the next login asks for another. While the endpoint does not answer, the one held serves
 * to its end.
 */
export const clientTokens = (client: ClientCredentials, now: () => number, timeoutMs = DEADLINE_MS): TokenSource => {
  const { origin: server, pathname } = new URL(client.url);
  const where = `KAFKA_OAUTH_TOKEN_URL ${server}${pathname}`;
  let held: Held | undefined;
  let asking: Promise<Held> | undefined;
  const ask = (): Promise<Held> =>
    (asking ??= request(client, where, now, timeoutMs).finally(() => {
      asking = undefined;
    }));
  return {
    origin: where,
    refused() {
      held = undefined;
    },
    async token() {
      if (held !== undefined && isFresh(held, now())) return held.token;
      try {
        held = await ask();
      } catch (error) {
        if (held?.endsAt === undefined || held.endsAt - now() < LEAST_LEFT_MS) throw error;
      }
      return held.token;
    },
  };
};

const isFresh = ({ askedAt, endsAt }: Held, now: number): boolean =>
  endsAt !== undefined && endsAt - now > Math.max(RENEW_BEFORE_MS, (endsAt - askedAt) / 2);

const request = async (
  client: ClientCredentials,
  where: string,
  now: () => number,
  timeoutMs: number,
): Promise<Held> => {
  const askedAt = now();
  let status: number;
  let type: string;
  let text: string;
  try {
    const response = await fetch(client.url, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
      headers: { authorization: `Basic ${basic(client)}`, accept: "application/json" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        ...(client.scope !== undefined && { scope: client.scope }),
      }),
    });
    status = response.status;
    type = response.headers.get("content-type")?.split(";")[0] ?? "no content type";
    text = (await response.text()).slice(0, ANSWER_MAX);
  } catch (error) {
    throw new Error(`${where} cannot be asked for a token: ${unreachable(error as Error, timeoutMs)}`);
  }
  const answer = asObject(text);
  if (status !== 200) throw new Error(`${where} gives no token: it answers ${status}${refusal(answer, type)}`);
  if (answer === undefined)
    throw new Error(`${where} gives no token: its answer is no JSON but ${type}; is that the token endpoint itself?`);
  const { access_token: token, expires_in: seconds } = answer;
  if (typeof token !== "string" || tokenProblem(token) !== undefined)
    throw new Error(`${where} gives no token: its answer has no access_token`);
  const lifetime = Number(seconds ?? Number.NaN);
  return { token, askedAt, endsAt: lifetime > 0 ? askedAt + lifetime * 1_000 : tokenExpiry(token) };
};

/** RFC 6749 section 2.3.1: encoded as in a form, then as user and password. */
const basic = ({ clientId, clientSecret }: ClientCredentials): string =>
  Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64");

const unreachable = (error: Error, timeoutMs: number): string => {
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1_000} s`;
  // What fetch says itself is "fetch failed".
  const cause = error.cause as (Error & { code?: string }) | undefined;
  return cause?.message || cause?.code || error.message;
};

/** RFC 6749 section 5.2. Of anything else only the kind is told. */
const refusal = (answer: Record<string, unknown> | undefined, type: string): string => {
  const said = [answer?.["error"], answer?.["error_description"]].filter((part) => typeof part === "string");
  if (said.length === 0) return ` (${type})`;
  return ` (${said
    .join(": ")
    .replace(/[^\x20-\x7e]/g, " ")
    .slice(0, 300)}): check KAFKA_OAUTH_CLIENT_ID, KAFKA_OAUTH_CLIENT_SECRET and KAFKA_OAUTH_SCOPE`;
};

const asObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

const DEADLINE_MS = 10_000;
const ANSWER_MAX = 1_000_000;
/** Twice what a connection has left when it logs in again. */
const RENEW_BEFORE_MS = 10_000;
