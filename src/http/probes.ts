import { systemClock } from "../runtime/clock.js";
import type { Health } from "../runtime/ports.js";
import {
  type Answer,
  createListener,
  type Handler,
  type HttpServer,
  type ListenerOptions,
  send,
  text,
} from "./listener.js";
import { SharedPage } from "./shared-page.js";

/** The page for Prometheus. */
export interface Scrape {
  readonly contentType: string;
  render(): Promise<string | Buffer>;
}

export interface ProbeOptions {
  readonly health: Health;
  /** For Prometheus: made anew for each that asks, unless it is `shared`. */
  readonly scrape: Scrape;
}

/** Made at most once a second, whoever asks at however many listeners: making it looks at all that is counted. */
export const shared = ({ contentType, render }: Scrape, clock = systemClock): Scrape => {
  const page = new SharedPage(async () => Buffer.from(await render()), SCRAPE_EVERY_MS, clock);
  return { contentType, render: () => page.get() };
};

/** What a supervisor and Prometheus ask for. */
export const probeHandlers = ({ health, scrape }: ProbeOptions): Readonly<Record<string, Handler>> => ({
  "/metrics": async (request, response) =>
    send(request, response, { status: 200, type: scrape.contentType, body: await scrape.render() }),
  "/livez": (request, response) => send(request, response, verdict(health.notAlive())),
  "/readyz": (request, response) => send(request, response, verdict(health.notReady())),
});

/** A server of nothing but them. */
export const createProbeServer = (options: ProbeOptions & ListenerOptions): HttpServer => {
  const handlers = new Map(Object.entries(probeHandlers(options)));
  return createListener({ ...options, handlerOf: (path) => handlers.get(path) });
};

const verdict = (reason: string | undefined): Answer => (reason === undefined ? text(200, "ok") : text(503, reason));

const SCRAPE_EVERY_MS = 1_000;
