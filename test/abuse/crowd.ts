/** Everybody who reaches the HTTP port: from many addresses of the loopback network, because those of one have few places. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { StartAbuser } from "./abuser.js";

const ADDRESSES = process.platform === "linux" ? 40 : 1;
/** Who was sent away comes again so much later. */
const AGAIN_MS = 2_000;
const PIPELINED = 100;

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

interface Kind {
  readonly count: number;
  /** What each does once it is connected. */
  readonly behave: (socket: Socket, at: number) => void;
}

const KINDS: readonly Kind[] = [
  { count: 500, behave: () => undefined },
  {
    count: 500,
    behave: (socket) => {
      socket.pause();
      socket.write(request("/metrics").repeat(PIPELINED));
    },
  },
  {
    count: 60,
    behave: (socket) => {
      socket.resume();
      socket.write(request("/metrics").repeat(PIPELINED));
    },
  },
  {
    count: 16,
    behave: (socket, at) => {
      // Every second stream is read by nobody.
      if (at % 2 === 0) socket.pause();
      else socket.resume();
      socket.write(request("/api/events"));
    },
  },
];

export const startCrowd: StartAbuser = async ({ pagePort }) => {
  const visit = async ({ behave }: Kind, at: number, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const socket = connect({ port: pagePort, host: "127.0.0.1", localAddress: `127.0.0.${1 + (at % ADDRESSES)}` });
      const leave = (): void => void socket.destroy();
      signal.addEventListener("abort", leave);
      socket.once("connect", () => behave(socket, at));
      socket.on("error", () => undefined);
      await once(socket, "close").catch(() => undefined);
      signal.removeEventListener("abort", leave);
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  return {
    run: async (signal) => {
      const visits = KINDS.flatMap((kind) => Array.from({ length: kind.count }, (_, at) => visit(kind, at, signal)));
      await Promise.all(visits);
    },
    close: async () => undefined,
  };
};
