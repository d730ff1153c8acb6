/** What it listens on: the page's port, and the probes' own one. */

import { hostname } from "node:os";
import { readBounded, readBoundedSync } from "../bounded-file.js";
import { fileProblem } from "../config/reader.js";
import type { Config } from "../config.js";
import { createHostCheck } from "../http/hosts.js";
import type { HttpServer, ListenerOptions } from "../http/listener.js";
import { createProbeServer, type ProbeOptions } from "../http/probes.js";
import type { WatchedGate } from "../http/web-config/gate.js";
import type { WebConfig } from "../http/web-config/web-config.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { LoadedFile } from "../yaml-file/document.js";

export interface Listening {
  /** Rejects with an `HttpListenError`. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `createMain`: makes what answers on `HTTP_PORT`. `webConfig`: what `HTTP_WEB_CONFIG_FILE` holds; it is for that port alone, since a kubelet has neither
 * a certificate nor a password.
 */
export const createListening = async (
  { host, port, probePort, allowedHosts }: Config["http"],
  deps: ProbeOptions & {
    readonly createMain: (options: ListenerOptions) => HttpServer;
    readonly webConfig: LoadedFile<WebConfig> | undefined;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<Listening> => {
  const { createMain, webConfig, clock, log } = deps;
  const isOurHost = createHostCheck([hostname(), ...allowedHosts]);
  const gate = webConfig && (await createWatchedGate(webConfig, { clock, log }));
  const main = createMain({ isOurHost, gate, clock, log });
  const probes =
    probePort === undefined ? undefined : createProbeServer({ ...deps, isOurHost, portVariable: "HTTP_PROBE_PORT" });
  return {
    async start() {
      if (probes !== undefined && probePort !== undefined) {
        const at = await probes.start(host, probePort);
        log.info({ host: at.host, port: at.port }, "HTTP server of the probes listens");
      }
      const at = await main.start(host, port);
      gate?.start();
      log.info({ host: at.host, port: at.port }, "HTTP server listens");
    },
    async close() {
      await Promise.all([main.close(), probes?.close(), gate?.close()]);
    },
  };
};

/** What reads the file is loaded only where there is one. */
const createWatchedGate = async (
  loaded: LoadedFile<WebConfig>,
  deps: { readonly clock: Clock; readonly log: Logger },
): Promise<WatchedGate> => {
  const { createGate } = await import("../http/web-config/gate.js");
  return createGate(loaded, {
    read: (path) => readBounded(path),
    readFile: (path) => readBoundedSync(path),
    fileProblem,
    ...deps,
  });
};
