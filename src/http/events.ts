import type { ServerResponse } from "node:http";

/** One that has not taken an event misses the next ones; after so many in a row it is let go, and reconnects by itself. */
const MISSED_MAX = 30;
const RETRY_MS = 2_000;
const NO_STATUS = Buffer.from(": no status\n\n");

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
  /** Client → events it missed in a row. */
  readonly #clients = new Map<ServerResponse, number>();
  #timer: NodeJS.Timeout | undefined;
  #id = 0;
  #last: { readonly id: number; readonly data: Buffer; readonly event: Buffer } | undefined;

  constructor(source: EventSource, intervalMs: number, clientsMax: number) {
    this.#source = source;
    this.#intervalMs = intervalMs;
    this.#clientsMax = clientsMax;
  }

  get isFull(): boolean {
    return this.#clients.size >= this.#clientsMax;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** Takes over a response whose head has been written. */
  add(response: ServerResponse): void {
    this.#clients.set(response, 0);
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
    for (const [client, missed] of this.#clients) {
      if (client.writableLength === 0) {
        this.#clients.set(client, 0);
        client.write(event);
      } else if (missed < MISSED_MAX) this.#clients.set(client, missed + 1);
      else client.destroy();
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
