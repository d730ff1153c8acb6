import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../runtime/clock.js";
import { OUR_TURNS } from "../runtime/turns.js";
import { MeasuredSocket } from "./measured-socket.js";
import { type PlaceLimits, Places } from "./places.js";

/** Turns a connection into what HTTP is spoken over: itself, or TLS on top of it. Calls `ready` once, or never. */
export type Secure = (socket: Socket, ready: (socket: Socket) => void) => void;

/** The connections of a listener: each has a place and deadlines, and is read no faster than its answers are taken. */
export class Connections {
  readonly #http: HttpServer;
  readonly #clock: Clock;
  readonly #places: Places<Socket>;
  /** As they came in, and what HTTP sees of them. */
  readonly #open = new Map<Socket, MeasuredSocket | undefined>();
  readonly #raw = new WeakMap<MeasuredSocket, Socket>();
  /** Who was overdue at the last look. At the second one it goes: if this process stood still, what was said meanwhile has been read by then. */
  #late: ReadonlySet<Socket> = new Set();
  #cancelSweep: (() => void) | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(http: HttpServer, limits: PlaceLimits, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
    this.#places = new Places(limits);
  }

  get count(): number {
    return this.#open.size;
  }

  /** One that just came. */
  accept(raw: Socket, secure: Secure): void {
    raw.on("error", () => raw.destroy());
    // More may wait behind it: one comes in with each turn of the event loop.
    OUR_TURNS.hurry();
    const address = raw.remoteAddress;
    // Gone before it was looked at.
    if (address === undefined) return void raw.destroy();
    const out = this.#places.enter(raw, address, this.#clock.elapsed());
    out?.destroy();
    if (out === raw) return;
    this.#open.set(raw, undefined);
    raw.once("close", () => this.#closed(raw));
    this.#cancelSweep ??= this.#clock.after(SWEEP_MS, () => this.#sweep());
    secure(raw, (socket) => {
      socket.on("error", () => raw.destroy());
      // Most of a crowd say nothing. What HTTP needs for one that speaks is several times what its place takes.
      socket.once("readable", () => this.#spoke(raw, socket, address));
    });
  }

  /** Or hung up. */
  #spoke(raw: Socket, socket: Socket, address: string): void {
    if (raw.destroyed || !this.#open.has(raw)) return;
    const measured = new MeasuredSocket(socket, address);
    this.#open.set(raw, measured);
    this.#raw.set(measured, raw);
    this.#http.emit("connection", measured);
  }

  /** A request came in, and its answer begins. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const measured = measuredOf(request);
    const raw = this.#raw.get(measured);
    if (raw === undefined) return;
    measured.begin();
    if (measured.begun >= REQUESTS_MAX) response.shouldKeepAlive = false;
    if (measured.answers === 1) this.#places.turn(raw, "answering", this.#clock.elapsed());
    response.once("close", () => {
      measured.finish();
      if (measured.answers === 0) this.#places.turn(raw, "idle", this.#clock.elapsed());
    });
  }

  /** The answer to this request has no end. */
  stream(request: IncomingMessage): void {
    const measured = measuredOf(request);
    const raw = this.#raw.get(measured);
    if (raw !== undefined) this.#places.turn(raw, "streaming", this.#clock.elapsed());
    measured.stream();
  }

  /** Ends those on which nothing is answered at once, the others after `graceMs`. Resolves once all are closed. */
  async close(graceMs: number): Promise<void> {
    for (const [raw, measured] of this.#open) if ((measured?.answers ?? 0) === 0) raw.destroy();
    if (this.#open.size > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
      const cancel = this.#clock.after(graceMs, () => {
        for (const raw of this.#open.keys()) raw.destroy();
      });
      await empty;
      cancel();
    }
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  #closed(raw: Socket): void {
    this.#open.delete(raw);
    this.#places.leave(raw);
    if (this.#open.size === 0) this.#whenEmpty?.();
  }

  #sweep(): void {
    const late = new Set(this.#places.overdue(this.#clock.elapsed()));
    for (const raw of late) if (this.#late.has(raw)) raw.destroy();
    this.#late = late;
    this.#cancelSweep = this.#open.size === 0 ? undefined : this.#clock.after(SWEEP_MS, () => this.#sweep());
  }
}

const measuredOf = (request: IncomingMessage): MeasuredSocket => request.socket as unknown as MeasuredSocket;

/** Of the other side of a request. */
export const addressOf = (request: IncomingMessage): string => measuredOf(request).address;

const SWEEP_MS = 1_000;
/** Over one connection; then it closes. */
const REQUESTS_MAX = 100;
