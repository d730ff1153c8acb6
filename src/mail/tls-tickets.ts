import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";

/**
 * The TLS session of the last connection, for the next one to go on with: that saves the server's certificate and most of the work (RFC 8446 section
 * 2.2). All connections are to one server under the same settings, so what was verified then holds now.
 */
export class TlsTickets {
  readonly #ca: string | undefined;
  #context: SecureContext | undefined;
  #last: Buffer | undefined;
  #renewAt = 0;

  /** `ca`: PEM of the authorities to trust; undefined: the usual ones. */
  constructor(ca: string | undefined) {
    this.#ca = ca;
  }

  /** For `tls.connect`. Made once: reading the authorities costs about as much as the rest of a handshake that goes on with a session. */
  get context(): SecureContext {
    this.#context ??= createSecureContext(this.#ca === undefined ? {} : { ca: this.#ca });
    return this.#context;
  }

  /** For `tls.connect`; undefined: a whole handshake. */
  get last(): Buffer | undefined {
    // A certificate that was taken back or has ended meanwhile is noticed within this time.
    return performance.now() < this.#renewAt ? this.#last : undefined;
  }

  /** Call it when the server has answered over the secured connection: tickets come right after the handshake. */
  keep(socket: unknown): void {
    if (!(socket instanceof TLSSocket)) return;
    const session = socket.getSession();
    if (session === undefined) return;
    if (!socket.isSessionReused()) this.#renewAt = performance.now() + VERIFIED_MS;
    this.#last = session;
  }

  /** A handshake failed: the next one owes nothing to an earlier one. */
  forget(): void {
    this.#last = undefined;
  }
}

const VERIFIED_MS = 600_000;
