import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "../runtime/log.js";
import { EventStream } from "./events.js";
import { type GroupSource, groupStatus } from "./group-status.js";
import { isUnchanged, PAGE_POLICY, type PageFile, readPageFiles } from "./page/files.js";
import { StatusText } from "./status-text.js";

export interface HttpOptions extends GroupSource {
  /** The Prometheus page. */
  readonly scrape: { readonly contentType: string; render(): Promise<string> };
  readonly log: Logger;
  /** Between two events of `/api/events`. Default 1,000. */
  readonly eventIntervalMs?: number;
  /** Default 16; the next one gets 503. */
  readonly eventClientsMax?: number;
}

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

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const CLOSE_GRACE_MS = 500;
const CONNECTIONS_MAX = 256;

const HEADERS = {
  "content-security-policy": PAGE_POLICY,
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** Metrics, health and status; everything it shows is in memory, so it answers while the broker and the mail server are dead. */
export const createHttpServer = (options: HttpOptions): HttpServer => {
  const { health, scrape, log } = options;
  const intervalMs = options.eventIntervalMs ?? 1_000;
  const status = new StatusText(() => JSON.stringify(groupStatus(options)), intervalMs, options.now);
  const source = { next: () => status.renew(), latest: () => status.recent() };
  const events = new EventStream(source, intervalMs, options.eventClientsMax ?? 16);
  const pageFiles = readPageFiles();
  const routes: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    "/metrics": async () => ({ status: 200, type: scrape.contentType, body: await scrape.render() }),
    "/livez": () => verdict(health.notAlive()),
    "/readyz": () => verdict(health.notReady()),
    "/api/status": () => ({ status: 200, type: "application/json", body: status.recent() }),
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "/").replace(/[?#].*$/s, "");
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const pageFile = Object.hasOwn(pageFiles, path) ? pageFiles[path] : undefined;
    const isEvents = path === "/api/events";
    if (route === undefined && pageFile === undefined && !isEvents)
      return send(request, response, text(404, "not found"));
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return send(request, response, text(405, "method not allowed"));
    }
    if (route !== undefined) return send(request, response, await route());
    if (pageFile !== undefined) return sendPageFile(request, response, pageFile);
    if (events.isFull) {
      response.setHeader("retry-after", "10");
      return send(request, response, text(503, "too many event streams"));
    }
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream", connection: "close" });
    if (request.method === "HEAD") response.end();
    else events.add(response);
  };

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      log.error({ error, path: request.url?.slice(0, 100) }, "a request could not be answered");
      if (response.headersSent) response.destroy();
      else send(request, response, text(500, "internal error"));
    });
  });
  // Slow or idle clients hold a connection, never a thread; these bound how many and how long.
  server.maxConnections = CONNECTIONS_MAX;
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 5_000;
  return { start: (host, port) => start(server, host, port), close: () => close(server, events) };
};

const verdict = (reason: string | undefined): Answer => (reason === undefined ? text(200, "ok") : text(503, reason));

const text = (status: number, line: string): Answer => ({
  status,
  type: "text/plain; charset=utf-8",
  body: `${line.replace(/[\r\n]+/g, " ")}\n`,
});

const send = (request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void => {
  response.writeHead(status, { ...HEADERS, "content-type": type, "content-length": Buffer.byteLength(body) });
  // Node leaves the body out for HEAD; a body we did not read must not be taken for the next request.
  if (request.method !== "GET" && request.method !== "HEAD") response.shouldKeepAlive = false;
  response.end(body);
};

const sendPageFile = (request: IncomingMessage, response: ServerResponse, file: PageFile): void => {
  const headers = { ...HEADERS, "cache-control": "no-cache", etag: file.etag };
  if (isUnchanged(request.headers["if-none-match"], file)) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, "content-type": file.type, "content-length": Buffer.byteLength(file.body) });
  response.end(file.body);
};

const start = (server: Server, host: string, port: number): Promise<AddressInfo & { host: string }> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      reject(new HttpListenError(listenProblem(error, host, port)));
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      const address = server.address() as AddressInfo;
      resolve({ ...address, host: address.address });
    });
  });

const listenProblem = (error: NodeJS.ErrnoException, host: string, port: number): string => {
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: "the port is in use by another program (HTTP_PORT)",
    EACCES: "this user may not use the port (HTTP_PORT)",
    EADDRNOTAVAIL: "this machine does not have the address (HTTP_HOST)",
    ENOTFOUND: "the host name is not known (HTTP_HOST)",
    EAI_AGAIN: "the host name cannot be looked up (HTTP_HOST)",
  };
  return `cannot listen on ${host} port ${port}: ${known[error.code ?? ""] ?? error.message}`;
};

const close = async (server: Server, events: EventStream): Promise<void> => {
  events.close();
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(deadline);
};
