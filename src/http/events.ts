import type { ServerResponse } from "node:http";

/** A client that reads more slowly than once a second is behind by this much before it is let go; it reconnects by itself. */
const BEHIND_BYTES_MAX = 64 * 1024;

/** Server-sent events (WHATWG HTML, 9.2): the same text to all clients, once per interval while there are any. */
export class EventStream {
  readonly #intervalMs: number;
  readonly #clientsMax: number;
  readonly #next: () => string;
  readonly #clients = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | undefined;

  /** `next` returns one line. */
  constructor(next: () => string, intervalMs: number, clientsMax: number) {
    this.#next = next;
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
    this.#clients.add(response);
    response.on("close", () => this.#remove(response));
    response.on("error", () => this.#remove(response));
    response.write(`retry: 2000\n${this.#event()}`);
    this.#timer ??= setInterval(() => this.#tell(), this.#intervalMs).unref();
  }

  close(): void {
    for (const client of this.#clients) client.end();
    this.#clients.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    const event = this.#event();
    for (const client of this.#clients) {
      if (client.writableLength > BEHIND_BYTES_MAX) client.destroy();
      else client.write(event);
    }
  }

  /** A state that cannot be had ends nobody's stream: clients see a comment, and the next event when there is one. */
  #event(): string {
    try {
      return `data: ${this.#next()}\n\n`;
    } catch {
      return ": no status\n\n";
    }
  }

  #remove(response: ServerResponse): void {
    this.#clients.delete(response);
    if (this.#clients.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
