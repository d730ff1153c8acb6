import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { EventLoopTurns } from "../runtime/turns.js";

/**
 * A connection as the HTTP parser may read it: a few hundred bytes at a time, and nothing while an answer is under way. Node's own server parses all of
 * 64 KB at once, which may be two thousand requests, and makes the answers of all of them before anybody has read the first one.
 */
export class MeasuredSocket extends Duplex {
  /** Of the other side. */
  readonly address: string;
  readonly #socket: Socket;
  /** Answers that were begun and not taken. */
  #answers = 0;
  #begun = 0;
  /** Whoever reads wants more. */
  #wanted = false;
  #ended = false;
  #streaming = false;
  /** It has had its turn: what was asked behind that waits until everybody else has had theirs. */
  #rests = false;

  /** `socket`: plain, or TLS. Is destroyed with this, and the other way round. */
  constructor(socket: Socket, address: string) {
    super({ allowHalfOpen: true, readableHighWaterMark: SLICE_BYTES });
    this.address = address;
    this.#socket = socket;
    socket.on("readable", () => this.#pump());
    socket.on("end", () => {
      this.#ended = true;
      if (this.#streaming) this.destroy();
      else this.#pump();
    });
    // Whoever hangs up is no mistake of ours: nothing is told.
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.destroy());
    this.on("error", () => undefined);
  }

  get answers(): number {
    return this.#answers;
  }

  /** Answers that were ever begun. */
  get begun(): number {
    return this.#begun;
  }

  /** An answer is under way. */
  begin(): void {
    this.#answers++;
    this.#begun++;
  }

  /** It was taken, or never will be. */
  finish(): void {
    this.#answers--;
    this.#pump();
  }

  /** The answer has no end: what comes in meanwhile is read and thrown away, so that a reader who goes away is noticed. */
  stream(): void {
    this.#streaming = true;
    if (this.#ended) this.destroy();
    else this.#pump();
  }

  /** As `net.Socket` has it: what is on its way goes out first. */
  destroySoon(): void {
    if (!this.writableEnded) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  override _read(): void {
    this.#wanted = true;
    this.#pump();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#socket.write(chunk, callback);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    this.#socket.cork();
    chunks.forEach(({ chunk }, index) => {
      if (index === chunks.length - 1) this.#socket.write(chunk, callback);
      else this.#socket.write(chunk);
    });
    this.#socket.uncork();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.end(() => callback());
  }

  override _destroy(_error: Error | null, callback: (error?: Error | null) => void): void {
    this.#socket.destroy();
    callback();
  }

  /** Of all connections together those of one turn of the event loop do not take long either. */
  async #turn(): Promise<void> {
    await TURNS.next();
    this.#rests = false;
    this.#pump();
  }

  #pump(): void {
    if (this.#streaming) {
      while (this.#socket.read() !== null);
      return;
    }
    if (!this.#wanted || this.#rests || this.#answers > 0 || this.destroyed) return;
    const bytes: Buffer | null = this.#socket.read(Math.min(SLICE_BYTES, this.#socket.readableLength));
    if (bytes === null && !this.#ended) return;
    this.#wanted = false;
    this.#rests = true;
    setImmediate(() => void this.#turn());
    // Of many requests at once, objects of all would wait for the answer of the first.
    const end = bytes === null ? -1 : bytes.indexOf(HEAD_END);
    if (bytes === null || end < 0 || end + HEAD_END.length === bytes.length) this.push(bytes);
    else {
      this.#socket.unshift(bytes.subarray(end + HEAD_END.length));
      this.push(bytes.subarray(0, end + HEAD_END.length));
    }
  }
}

/** As much as a request has, roughly. */
const SLICE_BYTES = 512;
const HEAD_END = Buffer.from("\r\n\r\n");
/** In each turn Node.js (libuv) lets one more connection in: where turns are long, newcomers wait for seconds. One or two answers. */
const BUSY_MS = 0.5;
const TURNS = new EventLoopTurns(BUSY_MS);
