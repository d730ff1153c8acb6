import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Server } from "node:net";
import { type Clock, systemClock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import { Connections, type Secure } from "./connections.js";
import type { HostCheck } from "./hosts.js";
import { PAGE_POLICY } from "./page/files.js";
import type { PlaceLimits } from "./places.js";

export interface HttpServer {
  /** Resolves with where it listens (port 0: the one that was free). Rejects with an `HttpListenError`. */
  start(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>;
  /** Ends event streams and connections; a request being answered gets `CLOSE_GRACE_MS`. Resolves once all are closed. */
  close(): Promise<void>;
}

/** Its message is a sentence for an operator. */
export class HttpListenError extends Error {
  override readonly name = "HttpListenError";
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** Of what many ask for: bytes, of which each connection holds the same. */
  readonly body: string | Buffer;
}

/** Answers a GET or HEAD. `stream`: the answer that was begun will have no end. */
export type Handler = (request: IncomingMessage, response: ServerResponse, stream: () => void) => void | Promise<void>;

/** Who comes in. */
export interface Gate {
  readonly secure: Secure;
  /** What one is told who may not; undefined: he may. It may set headers. */
  refusal(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined>;
}

export interface ListenerOptions {
  /** Default: of every name. */
  readonly isOurHost?: HostCheck;
  /** Default: everybody comes in, without TLS. */
  readonly gate?: Gate | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly placeLimits?: Partial<PlaceLimits>;
  /** The variable that its port is set by. */
  readonly portVariable?: string;
}

const CLOSE_GRACE_MS = 500;
/** A browser has six connections to a page, a proxy in front of everybody some dozens. */
const LIMITS: PlaceLimits = { total: 256, perAddress: 64, idleMs: 8_000, answerMs: 15_000 };
const HEADER_BYTES_MAX = 8 * 1024;

export const HEADERS = {
  "content-security-policy": PAGE_POLICY,
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** Listens, within limits. `handlerOf`: who answers a path; undefined: nobody. `onClose`: what ends streams. */
export const createListener = ({
  handlerOf,
  onClose = () => undefined,
  log,
  clock = systemClock,
  placeLimits,
  isOurHost = () => true,
  gate,
  portVariable = "HTTP_PORT",
}: ListenerOptions & {
  readonly handlerOf: (path: string) => Handler | undefined;
  readonly onClose?: () => void;
}): HttpServer => {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { host, path } = targetOf(request);
    if (!isOurHost(host)) return send(request, response, text(421, "not a name of this server"));
    const refusal = await gate?.refusal(request, response);
    if (refusal !== undefined) return send(request, response, refusal);
    const handler = handlerOf(path);
    if (handler === undefined) return send(request, response, text(404, "not found"));
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return send(request, response, text(405, "method not allowed"));
    }
    return handler(request, response, () => connections.stream(request));
  };
  const http = createServer({ maxHeaderSize: HEADER_BYTES_MAX }, (request, response) => {
    connections.begin(request, response);
    respond(request, response).catch((error: unknown) => {
      log.error({ error, path: request.url?.slice(0, 100) }, "a request could not be answered");
      if (response.headersSent) response.destroy();
      else send(request, response, text(500, "internal error"));
    });
  });
  // It never listens itself: connections come to it from the other server, which knows their number and their deadlines.
  const connections = new Connections(http, { ...LIMITS, ...placeLimits }, clock);
  const secure: Secure = gate?.secure ?? ((socket, ready) => ready(socket));
  const server = createSocketServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    connections.accept(socket, secure),
  );
  return {
    start: (host, port) => start(server, { host, port, portVariable }),
    async close() {
      onClose();
      const closed = server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : undefined;
      await connections.close(CLOSE_GRACE_MS);
      await closed;
    },
  };
};

/** A target may be a whole URL, as clients of a proxy write it: its host counts then, and not `Host` (RFC 9112 3.2.2). */
const targetOf = ({
  url = "/",
  headers,
}: IncomingMessage): { readonly host: string | undefined; readonly path: string } => {
  const [, named, rest] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  const path = (rest ?? url).replace(/[?#].*$/s, "");
  return { host: named ?? headers.host, path: path === "" ? "/" : path };
};

export const text = (status: number, line: string): Answer => ({
  status,
  type: "text/plain; charset=utf-8",
  body: `${line.replace(/[\r\n]+/g, " ")}\n`,
});

export const send = (request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void => {
  response.writeHead(status, { ...HEADERS, "content-type": type, "content-length": Buffer.byteLength(body) });
  // Node leaves the body out for HEAD; a body we did not read must not be taken for the next request.
  if (request.method !== "GET" && request.method !== "HEAD") response.shouldKeepAlive = false;
  response.end(body);
};

interface Place {
  readonly host: string;
  readonly port: number;
  readonly portVariable: string;
}

const start = (server: Server, place: Place): Promise<AddressInfo & { host: string }> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(new HttpListenError(listenProblem(error, place)));
    server.once("error", failed);
    server.listen(place.port, place.host, () => {
      server.off("error", failed);
      const address = server.address() as AddressInfo;
      resolve({ ...address, host: address.address });
    });
  });

const listenProblem = (error: NodeJS.ErrnoException, { host, port, portVariable }: Place): string => {
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: `the port is in use by another program (${portVariable})`,
    EACCES: `this user may not use the port (${portVariable})`,
    EADDRNOTAVAIL: "this machine does not have the address (HTTP_HOST)",
    ENOTFOUND: "the host name is not known (HTTP_HOST)",
    EAI_AGAIN: "the host name cannot be looked up (HTTP_HOST)",
  };
  return `cannot listen on ${host} port ${port}: ${known[error.code ?? ""] ?? error.message}`;
};
