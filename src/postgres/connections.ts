import { Socket } from "node:net";
import pg from "pg";

export interface ConnectionSettings {
  readonly url: string;
  /** Most at once. */
  readonly connections: number;
  /** Of one attempt to connect, login included, and of one query. */
  readonly timeoutMs: number;
}

/** What every connection is opened with. */
const clientConfig = ({ url, timeoutMs }: ConnectionSettings, sockets: Set<Socket>) => ({
  connectionString: url,
  application_name: "alert-digest",
  connectionTimeoutMillis: timeoutMs,
  // The server's own deadline comes first where it can: then the connection stays good.
  statement_timeout: timeoutMs,
  query_timeout: timeoutMs + 500,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  stream: () => {
    const socket = new Socket();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return socket;
  },
});

/** Connections for queries. Those that were open when something failed are not used again: on a broken network each would have to fail by itself. */
export class Connections {
  readonly #settings: ConnectionSettings;
  readonly #sockets = new Set<Socket>();
  #pool: pg.Pool | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** Rows as arrays, in the order of the columns. Rejects with what pg, the server or the network says. */
  async query(sql: string, values: readonly unknown[]): Promise<pg.QueryArrayResult> {
    this.#pool ??= this.#open();
    return this.#pool.query({ text: sql, values: [...values], rowMode: "array" });
  }

  /** The next query opens a new connection. */
  renew(): void {
    const pool = this.#pool;
    this.#pool = undefined;
    const old = [...this.#sockets];
    void pool?.end().catch(() => undefined);
    for (const socket of old) socket.destroy();
  }

  /** Says goodbye to the server, or leaves without. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    const timer = setTimeout(() => this.#destroy(), GOODBYE_MS);
    await pool?.end().catch(() => undefined);
    clearTimeout(timer);
    this.#destroy();
  }

  #open(): pg.Pool {
    const { connections } = this.#settings;
    const pool = new pg.Pool({ ...clientConfig(this.#settings, this.#sockets), max: connections } as pg.PoolConfig);
    // An idle connection broke: the next query opens another one.
    pool.on("error", () => undefined);
    return pool;
  }

  #destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A connection that only listens. */
export class Listening {
  readonly #sockets = new Set<Socket>();
  readonly #client: pg.Client;
  #ended = false;

  /** `onEnd` is told once, when it is no more; not after `close`. Throws when a file of the URL cannot be read. */
  constructor(
    settings: ConnectionSettings,
    on: { notified: (payload: string) => void; ended: (error: unknown) => void },
  ) {
    this.#client = new pg.Client(clientConfig(settings, this.#sockets) as pg.ClientConfig);
    const ended = (error: unknown): void => {
      if (this.#ended) return;
      this.close();
      on.ended(error);
    };
    this.#client.on("notification", ({ payload }) => on.notified(payload ?? ""));
    this.#client.on("error", ended);
    this.#client.on("end", () => ended(new Error("connection ended")));
  }

  async start(channel: string): Promise<void> {
    await this.#client.connect();
    await this.#client.query(`LISTEN ${channel}`);
  }

  /** Rejects when the server does not answer. */
  async check(): Promise<void> {
    await this.#client.query("SELECT 1");
  }

  close(): void {
    this.#ended = true;
    void this.#client.end().catch(() => undefined);
    for (const socket of this.#sockets) socket.destroySoon();
  }
}

const GOODBYE_MS = 1_000;
