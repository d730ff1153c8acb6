import { addressOf } from "./connections.js";
import { EventStream } from "./events.js";
import { type GroupSource, groupStatus } from "./group-status.js";
import {
  createListener,
  type Handler,
  HEADERS,
  type HttpServer,
  type ListenerOptions,
  send,
  text,
} from "./listener.js";
import { isUnchanged, type PageFile, readPageFiles } from "./page/files.js";
import { type ProbeOptions, probeHandlers } from "./probes.js";
import { StatusText } from "./status-text.js";

export { HttpListenError, type HttpServer } from "./listener.js";

export interface HttpOptions extends GroupSource, ProbeOptions, ListenerOptions {
  /** Between two events of `/api/events`. Default 1,000. */
  readonly eventIntervalMs?: number;
  /** Default 16; beyond them the address that has most gives one to an address with fewer, and else the next one gets 503. */
  readonly eventClientsMax?: number;
}

/** Metrics, health and status; everything it shows is in memory, so it answers while the broker and the mail server are dead. */
export const createHttpServer = (options: HttpOptions): HttpServer => {
  const intervalMs = options.eventIntervalMs ?? 1_000;
  const status = new StatusText(() => JSON.stringify(groupStatus(options)), intervalMs, options.now);
  const source = { next: () => status.renew(), latest: () => status.recent() };
  const events = new EventStream(source, intervalMs, options.eventClientsMax ?? 16);
  const handlers = new Map<string, Handler>([
    ...Object.entries(readPageFiles()).map(([path, file]) => [path, pageHandler(file)] as const),
    ...Object.entries(probeHandlers(options)),
    [
      "/api/status",
      (request, response) => send(request, response, { status: 200, type: "application/json", body: status.recent() }),
    ],
    ["/api/events", streamHandler(events)],
  ]);
  return createListener({ ...options, handlerOf: (path) => handlers.get(path), onClose: () => events.close() });
};

const streamHandler =
  (events: EventStream): Handler =>
  (request, response, stream) => {
    const address = addressOf(request);
    const isHead = request.method === "HEAD";
    if (!isHead && !events.makeRoom(address)) {
      response.setHeader("retry-after", "10");
      send(request, response, text(503, "too many event streams"));
      return;
    }
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream", connection: "close" });
    if (isHead) {
      response.end();
      return;
    }
    events.add(response, address);
    stream();
  };

const pageHandler =
  (file: PageFile): Handler =>
  (request, response) => {
    const headers = { ...HEADERS, "cache-control": "no-cache", etag: file.etag };
    if (isUnchanged(request.headers["if-none-match"], file)) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, "content-type": file.type, "content-length": file.body.length });
    response.end(file.body);
  };
