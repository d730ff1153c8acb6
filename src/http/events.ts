import type { ServerResponse } from "node:http";

/** One that has not taken an event misses the next ones; after so many in a row it is let go, and reconnects by itself. */
const MISSED_MAX = 30;
const RETRY_MS = 2_000;
const NO_STATUS = Buffer.from(": no status\n\n");

interface Client {
  readonly address: string;
  /** Events in a row. */
  missed: number;
}

/** What is sent: one line each, in UTF-8. */
export interface EventSource {
  /** At most once per interval, while there are clients. */
  next(): Buffer;
  /** For a client that just came; may be the last one again, and is the same object then. */
  latest(): Buffer;
}

/**
 * Server-sent events (WHATWG HTML, 9.2): the same text to all clients, once per interval while there are any, which also keeps the connections alive. An event
 * is a whole state: whoever reconnects needs nothing that was missed, and `id` only numbers them.
 */
export class EventStream {
  readonly #intervalMs: number;
  readonly #clientsMax: number;
  readonly #source: EventSource;
  /** The oldest first. */
  readonly #clients = new Map<ServerResponse, Client>();
  #timer: NodeJS.Timeout | undefined;
  #id = 0;
  #last: { readonly id: number; readonly data: Buffer; readonly event: Buffer } | undefined;

  constructor(source: EventSource, intervalMs: number, clientsMax: number) {
    this.#source = source;
    this.#intervalMs = intervalMs;
    this.#clientsMax = clientsMax;
  }

  /**
   * Whether one more from this address may come. Where all places are taken, the oldest of the address that has most of them goes, if that leaves it with as
   * many as the newcomer's: nobody takes all places from the others, and people behind one proxy may have them all.
   */
  makeRoom(address: string): boolean {
    if (this.#clients.size < this.#clientsMax) return true;
    const perAddress = new Map<string, number>();
    for (const client of this.#clients.values())
      perAddress.set(client.address, (perAddress.get(client.address) ?? 0) + 1);
    const most = Math.max(...perAddress.values());
    if (most <= (perAddress.get(address) ?? 0) + 1) return false;
    for (const [response, client] of this.#clients) {
      if (perAddress.get(client.address) !== most) continue;
      response.destroy();
      this.#remove(response);
      return true;
    }
    return false;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** Takes over a response whose head has been written; for whom `makeRoom` made room. */
  add(response: ServerResponse, address: string): void {
    this.#clients.set(response, { address, missed: 0 });
    response.on("close", () => this.#remove(response));
    response.on("error", () => this.#remove(response));
    response.write(`retry: ${RETRY_MS}\n`);
    response.write(this.#event(() => this.#source.latest()));
    this.#timer ??= setInterval(() => this.#tell(), this.#intervalMs).unref();
  }

  close(): void {
    for (const client of this.#clients.keys()) client.end();
    this.#clients.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#last = undefined;
  }

  #tell(): void {
    this.#id++;
    const event = this.#event(() => this.#source.next());
    for (const [response, client] of this.#clients) {
      if (response.writableLength === 0) {
        client.missed = 0;
        response.write(event);
      } else if (client.missed < MISSED_MAX) client.missed++;
      else response.destroy();
    }
  }

  /**
   * The same bytes for all who are sent the same. A state that cannot be had ends nobody's stream: clients see a comment, and the next event when there
   * is one.
   */
  #event(make: () => Buffer): Buffer {
    try {
      const [id, data] = [this.#id, make()];
      if (this.#last?.id !== id || this.#last.data !== data)
        this.#last = { id, data, event: Buffer.concat([Buffer.from(`id: ${id}\ndata: `), data, Buffer.from("\n\n")]) };
      return this.#last.event;
    } catch {
      return NO_STATUS;
    }
  }

  #remove(response: ServerResponse): void {
    this.#clients.delete(response);
    if (this.#clients.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#last = undefined;
  }
}
