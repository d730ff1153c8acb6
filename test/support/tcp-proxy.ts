/** A TCP proxy in front of one server that does what networks do: delays, resets, black holes. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const HOST = "127.0.0.1";

export interface TcpProxy {
  readonly port: number;
  /** Connections held now. */
  readonly connections: number;
  /** Bytes that the server has sent so far. */
  readonly received: number;
  /** Every chunk, in both directions, arrives this much later; 0 undoes it. Order within a connection is kept. */
  delay(ms: number): void;
  /**
   * Nothing gets through any more, in either direction, and nobody is told. New connections are taken and stay silent. What was sent meanwhile arrives
   * after `heal`, as it does on a network that loses packets for a while.
   */
  blackHole(): void;
  /** Ends `blackHole`. */
  heal(): void;
  /** RST to both sides of every connection; new ones are served. */
  reset(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Chunks and ends that wait, per direction: for their time, or for the network to come back. */
  readonly lanes: readonly Lane[];
}

class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #state: { delayMs: number; dark: boolean };
  readonly #queue: { readonly at: number; readonly deliver: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, state: { delayMs: number; dark: boolean }) {
    this.#from = from;
    this.#to = to;
    this.#state = state;
    from.on("data", (chunk: Buffer) => {
      this.#push(() => {
        if (!to.destroyed && !to.writableEnded && !to.write(chunk)) from.pause();
      });
    });
    from.on("end", () => this.#push(() => to.end()));
    to.on("drain", () => {
      if (!this.#state.dark) from.resume();
    });
  }

  #push(deliver: () => void): void {
    const at = performance.now() + this.#state.delayMs;
    this.#queue.push({ at, deliver });
    if (this.#state.dark) this.#from.pause();
    this.flush();
  }

  flush(): void {
    clearTimeout(this.#timer);
    if (this.#state.dark) return;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const waitMs = next.at - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.flush(), waitMs);
        return;
      }
      this.#queue.shift();
      next.deliver();
    }
    if (!this.#to.writableNeedDrain) this.#from.resume();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }
}

/**
 * Node never closes the handle of a socket that is reset while its end is on its way (libuv refuses, and that is not looked at): the process then spins at its exit, for ever. One
 * that is just destroyed answers what comes with RST as well.
 */
const reset = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
};

/** `target`: port on 127.0.0.1. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const state = { delayMs: 0, dark: false };
  const pairs = new Set<Pair>();
  let received = 0;

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: HOST, port: target, allowHalfOpen: true });
    const pair: Pair = {
      client,
      server: upstream,
      lanes: [new Lane(client, upstream, state), new Lane(upstream, client, state)],
    };
    pairs.add(pair);
    upstream.on("data", (chunk: Buffer) => (received += chunk.length));
    const end = (other: Socket) => () => {
      pairs.delete(pair);
      // In the dark nobody hears of the other side's end.
      if (state.dark) {
        ended.add(other);
        return;
      }
      if (!other.writableEnded) other.destroy();
      for (const lane of pair.lanes) lane.flush();
    };
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.setNoDelay(true);
      one.on("error", () => {});
      one.on("close", end(other));
    }
  });
  const ended = new Set<Socket>();
  const cut = (): void => {
    for (const { client, server: upstream, lanes } of pairs) {
      for (const lane of lanes) lane.stop();
      for (const socket of [client, upstream]) reset(socket);
    }
    for (const socket of ended) socket.destroy();
    ended.clear();
    pairs.clear();
  };
  server.listen(0, HOST);
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return pairs.size;
    },
    get received() {
      return received;
    },
    delay(ms) {
      state.delayMs = ms;
    },
    blackHole() {
      state.dark = true;
    },
    heal() {
      state.dark = false;
      for (const socket of ended) socket.destroy();
      ended.clear();
      for (const { lanes } of pairs) for (const lane of lanes) lane.flush();
    },
    reset: cut,
    async close() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}
