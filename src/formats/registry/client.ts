import { setMaxListeners } from "node:events";
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { SchemaRequestOutcome } from "../../runtime/ports.js";
import { away, type HttpReply, type Judged } from "./answers.js";

export interface RegistryConnection {
  /** Without a slash at the end. All of them are the same registry. */
  readonly urls: readonly string[];
  readonly login?: { readonly username: string; readonly password: string } | undefined;
  /** PEM: authorities to trust instead of Node's. */
  readonly ca?: string | undefined;
}

/** A schema may have a megabyte; Confluent takes no more. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 4;

/**
 * Asks a registry over kept connections. One URL is asked as long as it answers; where it does not, the next one is, and stays. Never rejects: what cannot
 * be had is `away`.
 */
export class RegistryClient {
  readonly #connection: RegistryConnection;
  readonly #onRequest: (outcome: SchemaRequestOutcome) => void;
  readonly #plain = new PlainAgent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  readonly #tls: TlsAgent;
  readonly #timeoutMs: number;
  readonly #closed = new AbortController();
  #current = 0;

  constructor(
    connection: RegistryConnection,
    onRequest: (outcome: SchemaRequestOutcome) => void,
    timeoutMs = TIMEOUT_MS,
  ) {
    this.#connection = connection;
    this.#onRequest = onRequest;
    this.#timeoutMs = timeoutMs;
    // Each question hears of it, and a batch may ask for many schemas at once.
    setMaxListeners(0, this.#closed.signal);
    const { ca } = connection;
    this.#tls = new TlsAgent({ keepAlive: true, maxSockets: CONNECTIONS_MAX, ...(ca !== undefined && { ca }) });
  }

  /** The URL that is asked now. */
  get url(): string {
    return this.#connection.urls[this.#current] as string;
  }

  async ask<T>(path: string, judge: (reply: HttpReply) => Judged<T>): Promise<Judged<T>> {
    const { urls } = this.#connection;
    let judged: Judged<T> = away("unreachable", "the configuration names no registry");
    for (let tries = 0; tries < urls.length; tries++) {
      const at = this.#current;
      judged = await this.#attempt(`${urls[at]}${path}`, judge);
      this.#onRequest(judged.kind === "away" ? judged.outcome : judged.kind);
      if (judged.kind !== "away") return judged;
      judged = { ...judged, why: `${urls[at]}: ${judged.why}` };
      // Another request may have turned to the next one already.
      if (this.#current === at) this.#current = (at + 1) % urls.length;
    }
    return judged;
  }

  close(): void {
    this.#closed.abort();
    this.#plain.destroy();
    this.#tls.destroy();
  }

  async #attempt<T>(url: string, judge: (reply: HttpReply) => Judged<T>): Promise<Judged<T>> {
    try {
      return judge(await this.#get(url, true));
    } catch (error) {
      return away("unreachable", this.#reasonOf(error as NodeJS.ErrnoException));
    }
  }

  #reasonOf(error: NodeJS.ErrnoException): string {
    if (error.name === "TimeoutError") return `no answer within ${this.#timeoutMs / 1_000} s`;
    return error.message || (error.code ?? "no connection");
  }

  #get(url: string, again: boolean): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const { login } = this.#connection;
      const isTls = url.startsWith("https:");
      const request = (isTls ? tlsRequest : plainRequest)(url, {
        agent: isTls ? this.#tls : this.#plain,
        headers: { accept: "application/vnd.schemaregistry.v1+json, application/json, */*;q=0.5" },
        ...(login !== undefined && { auth: `${login.username}:${login.password}` }),
      });
      const cancel = deadline(this.#timeoutMs, this.#closed.signal, (why) => request.destroy(why));
      request.once("response", (response) => {
        readWhole(response).then(resolve, reject).finally(cancel);
      });
      request.once("error", (error: NodeJS.ErrnoException) => {
        cancel();
        // A kept connection that the server had closed meanwhile: nobody has seen the question.
        if (again && request.reusedSocket && error.code === "ECONNRESET") resolve(this.#get(url, false));
        else reject(error);
      });
      request.end();
    });
  }
}

const deadline = (timeoutMs: number, closed: AbortSignal, onEnd: (why: Error) => void): (() => void) => {
  const timer = setTimeout(() => onEnd(Object.assign(new Error("timed out"), { name: "TimeoutError" })), timeoutMs);
  const onClose = (): void => onEnd(new Error("closed"));
  closed.addEventListener("abort", onClose);
  return () => {
    clearTimeout(timer);
    closed.removeEventListener("abort", onClose);
  };
};

const readWhole = async (response: IncomingMessage): Promise<HttpReply> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_MAX_BYTES) {
      response.destroy();
      throw new Error(`the answer has more than ${ANSWER_MAX_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  const contentType = (response.headers["content-type"] ?? "").toLowerCase();
  const [status, body] = [response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8")];
  const { location } = response.headers;
  const isRedirection = status >= 300 && status < 400 && location !== undefined;
  return { status, contentType, body, location: isRedirection ? placeIn(location) : undefined };
};

const placeIn = (location: string): string => {
  if (!URL.canParse(location)) return "another path";
  const { origin, pathname } = new URL(location);
  return `${origin}${pathname}`.slice(0, 200);
};
