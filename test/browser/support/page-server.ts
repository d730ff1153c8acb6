/** The page as the product serves it, beside events that the test makes up. Can be stopped and started again on its port. */

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { PAGE_POLICY, readPageFiles } from "#src/http/page/files.js";
import type { GroupStatus } from "#src/http/status-shape.js";
import { groupStatus } from "./group-status.js";

export interface PageServer {
  readonly url: string;
  /** What the next event says; sent to all clients at once. */
  tell(status: GroupStatus): void;
  /** Ends all streams and answers new ones with this status code until it is undefined again. */
  refuse(code: number | undefined): void;
  readonly streams: number;
  stop(): Promise<void>;
  start(): Promise<void>;
}

const EVENT_MS = 200;

export const servePage = async (t: TestContext, first: GroupStatus = groupStatus()): Promise<PageServer> => {
  const files = readPageFiles();
  const clients = new Set<ServerResponse>();
  let status = first;
  let refusal: number | undefined;
  let server: Server | undefined;
  let port = 0;
  const event = (): string => `data: ${JSON.stringify(status)}\n\n`;
  const timer = setInterval(() => {
    for (const client of clients) client.write(event());
  }, EVENT_MS);

  const start = async (): Promise<void> => {
    const next = createServer((request, response) => {
      const path = (request.url ?? "/").replace(/\?.*$/, "");
      const file = files[path];
      if (path === "/api/events" && refusal === undefined) {
        response.writeHead(200, {
          "content-type": "text/event-stream",
          "cache-control": "no-store",
          connection: "close",
        });
        response.write(`retry: 200\n${event()}`);
        clients.add(response);
        response.on("close", () => clients.delete(response));
      } else if (file === undefined) {
        response.writeHead(refusal ?? 404).end();
      } else {
        response.writeHead(200, { "content-type": file.type, "content-security-policy": PAGE_POLICY }).end(file.body);
      }
    });
    await new Promise<void>((resolve, reject) => {
      next.once("error", reject);
      next.listen(port, "127.0.0.1", resolve);
    });
    port = (next.address() as AddressInfo).port;
    server = next;
  };
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => (server?.listening ? server.close(resolve) : resolve(undefined)));
    server?.closeAllConnections();
    await closed;
  };

  await start();
  t.after(async () => {
    clearInterval(timer);
    await stop();
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    tell(next) {
      status = next;
      for (const client of clients) client.write(event());
    },
    refuse(code) {
      refusal = code;
      if (code !== undefined) for (const client of clients) client.destroy();
    },
    get streams() {
      return clients.size;
    },
    stop,
    start,
  };
};
