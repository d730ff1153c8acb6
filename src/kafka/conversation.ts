import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { KafkaConnection } from "./client.js";
import { readAnswer } from "./probe-messages.js";

/** Why nothing more can be asked. */
export class ConversationError extends Error {
  override readonly name = "ConversationError";
  readonly failure: ConversationFailure;

  constructor(failure: ConversationFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

export type ConversationFailure =
  /** `code`: of the system or of OpenSSL. */
  | { readonly kind: "failed"; readonly code: string; readonly text: string; readonly connected: boolean }
  | { readonly kind: "closed" }
  | { readonly kind: "silent"; readonly connected: boolean }
  | { readonly kind: "stranger"; readonly speaks: string };

/** A connection to one address on which a few questions are asked, one after the other. */
export class Conversation {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  #received = Buffer.alloc(0);
  #failure: ConversationFailure | undefined;
  #connected = false;
  #wake: () => void = () => undefined;

  /** `ssl`: undefined speaks plain; with `trustAll` any certificate will do. */
  constructor(
    address: { readonly host: string; readonly port: number },
    ssl: KafkaConnection["ssl"],
    { timeoutMs, trustAll = false }: { readonly timeoutMs: number; readonly trustAll?: boolean },
  ) {
    this.#timeoutMs = timeoutMs;
    const onConnect = (): void => {
      this.#connected = true;
      this.#wake();
    };
    const { host, port } = address;
    this.#socket =
      ssl === undefined
        ? connectTcp({ host, port }, onConnect)
        : connectTls(
            {
              ...{ host, port, rejectUnauthorized: !trustAll },
              ...(isIP(host) === 0 && { servername: host }),
              ...(ssl.ca && { ca: [ssl.ca] }),
              ...(ssl.cert && { cert: ssl.cert }),
              ...(ssl.key && { key: ssl.key }),
            },
            onConnect,
          );
    this.#socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    this.#socket.on("error", (error: NodeJS.ErrnoException) =>
      this.#fail({ kind: "failed", code: error.code ?? "", text: error.message, connected: this.#connected }),
    );
    this.#socket.on("close", () => this.#fail({ kind: "closed" }));
    this.#socket.on("end", () => this.#fail({ kind: "closed" }));
  }

  /** Resolves when the connection stands, with TLS where that is spoken. Rejects with a `ConversationError`. */
  async opened(): Promise<void> {
    await this.#until(() => this.#connected);
  }

  /** The body of the answer. Rejects with a `ConversationError`. */
  async ask(question: Buffer, correlationId: number): Promise<Buffer> {
    await this.opened();
    this.#received = Buffer.alloc(0);
    this.#socket.write(question);
    let body: Buffer | undefined;
    await this.#until(() => {
      const answer = readAnswer(this.#received, correlationId);
      if (answer.kind === "stranger") throw new ConversationError(answer);
      body = answer.kind === "answer" ? answer.body : undefined;
      return body !== undefined;
    });
    return body ?? Buffer.alloc(0);
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(failure: ConversationFailure): void {
    this.#failure ??= failure;
    this.#wake();
  }

  async #until(done: () => boolean): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, this.#timeoutMs);
    try {
      while (!done()) {
        if (this.#failure !== undefined) throw new ConversationError(this.#failure);
        if (late) throw new ConversationError({ kind: "silent", connected: this.#connected });
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
