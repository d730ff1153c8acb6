/**
 * A real SMTP server that misbehaves on demand, for tests, the bench and the demo.
 *
 *     const smtp = await startSmtpServer();
 *     smtp.behave({ onRcpt: (address) => (address.startsWith("gone@") ? { code: 550, text: "no such user" } : undefined) });
 *     ... send through smtp.url ...
 *     const [mail] = await smtp.waitForMessages(1);
 *     assert.equal((await mail.parsed()).subject, "...");
 *     await smtp.close();
 */

import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import PostalMime, { decodeWords, type Email } from "postal-mime";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import { TEST_CERTIFICATE } from "./test-certificate.js";

/** One connection of `SMTPServer`, as far as it is steered here. */
type ServerConnection = SMTPServer["connections"] extends Set<infer C> ? C : never;

/** What the server does at a step. Undefined: what a well-behaved server would do. */
export type SmtpAction =
  | undefined
  /** Answers this and stays in the state it was in. Replies 421 close the connection. */
  | { readonly code: number; readonly text?: string }
  /** Writes these bytes as they are, line end included, for replies no server should give. */
  | { readonly bytes: string }
  /** Cuts the connection without an answer. After the final dot: without having taken the message. */
  | "drop"
  /** Only after the final dot: takes the message, then cuts the connection without an answer. */
  | "record-and-drop"
  /** No answer until `resume()`; then as a well-behaved server. */
  | "stall";

type Decision = SmtpAction | Promise<SmtpAction>;

export interface SmtpContext {
  /** Ordinal of the connection since the start, from 1. */
  readonly connection: number;
  readonly secure: boolean;
  /** User name once logged in. */
  readonly user: string | undefined;
  readonly from: string;
  /** Recipients accepted so far in this transaction. */
  readonly to: readonly string[];
}

/** A hook per step; a promise delays the step until it resolves. */
export interface SmtpBehaviour {
  /** Before the greeting. */
  onConnect?(context: SmtpContext): Decision;
  onEhlo?(context: SmtpContext): Decision;
  onStartTls?(context: SmtpContext): Decision;
  onAuth?(context: SmtpContext): Decision;
  onMail?(address: string, context: SmtpContext): Decision;
  onRcpt?(address: string, context: SmtpContext): Decision;
  /** The DATA command, before any of the body. */
  onData?(context: SmtpContext): Decision;
  /** The first bytes of the body have come; only "drop" and "stall" make sense. */
  onBody?(context: SmtpContext): Decision;
  /** After the final dot, before the reply. Without an action the message is recorded and accepted. */
  onMessage?(message: ReceivedMessage, context: SmtpContext): Decision;
  onRset?(context: SmtpContext): Decision;
}

export interface ReceivedMessage {
  /** Envelope, not headers. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
  /** Milliseconds since the epoch, just before the reply. */
  readonly acceptedAtMs: number;
  readonly context: SmtpContext;
  /** Parsed when first asked for. */
  parsed(): Promise<Email>;
  /** Value of a header, unfolded, encoded words decoded; undefined when there is none. */
  header(name: string): Promise<string | undefined>;
}

export interface SmtpServerOptions extends SmtpBehaviour {
  /** Default 0: any free port. */
  readonly port?: number;
  /** `starttls` offers it, `implicit` speaks TLS from the first byte; self-signed `TEST_CERTIFICATE`. Default `none`. */
  readonly tls?: "none" | "starttls" | "implicit";
  /** Login required with these; offered in clear text too. */
  readonly auth?: { readonly user: string; readonly pass: string };
  /** Largest message in bytes, announced with SIZE. */
  readonly size?: number;
  /** Announce PIPELINING. Default true, as real servers do. */
  readonly pipelining?: boolean;
  /** Announce SMTPUTF8. Default true. */
  readonly smtpUtf8?: boolean;
  /** Keep accepted messages in `messages`. Default true; a bench counts only. */
  readonly keep?: boolean;
}

export interface SmtpTestServer {
  readonly host: string;
  readonly port: number;
  /** `smtp://…` or `smtps://…`, with the login when there is one. */
  readonly url: string;
  /** In the order they were accepted. */
  readonly messages: readonly ReceivedMessage[];
  /** Accepted messages, also when they are not kept. */
  readonly acceptedCount: number;
  readonly concurrentConnections: number;
  readonly maxConcurrentConnections: number;
  /** Connections since the start. */
  readonly totalConnections: number;
  /** Sets hooks on top of the present ones; `undefined` removes one. */
  behave(behaviour: { [K in keyof SmtpBehaviour]?: SmtpBehaviour[K] | undefined }): void;
  /** Every step of every connection hangs from now on. */
  stallAll(): void;
  /** Ends `stallAll()` and every "stall". */
  resume(): void;
  /** Cuts every connection; the server goes on listening. */
  dropConnections(): void;
  /** Nobody listens on the port any more and every connection is cut. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
  /** Forgets messages and counters, not the behaviour. */
  reset(): void;
  /** Resolves once at least `count` messages were accepted; rejects after `timeoutMs` (10 s). */
  waitForMessages(count: number, timeoutMs?: number): Promise<readonly ReceivedMessage[]>;
  /** Resolves once the condition holds; it is asked whenever something happens here. Rejects after `timeoutMs` (10 s). */
  waitFor(condition: (server: SmtpTestServer) => boolean, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** An action that comes `ms` later. */
export const after = async (ms: number, action?: SmtpAction): Promise<SmtpAction> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return action;
};

/** A hook that answers `action` the first `count` times and behaves well from then on. */
export const times = (count: number, action: SmtpAction): (() => SmtpAction) => {
  let left = count;
  return () => (left-- > 0 ? action : undefined);
};

const HOST = "127.0.0.1";

export async function startSmtpServer(options: SmtpServerOptions = {}): Promise<SmtpTestServer> {
  const keep = options.keep ?? true;
  let hooks: { [K in keyof SmtpBehaviour]?: SmtpBehaviour[K] | undefined } = { ...options };
  let messages: ReceivedMessage[] = [];
  let acceptedCount = 0;
  let totalConnections = 0;
  let maxConcurrentConnections = 0;
  let port = options.port ?? 0;
  let allStalled = false;
  const sockets = new Set<Socket>();
  const resumers = new Set<() => void>();
  const watchers = new Set<() => void>();
  const ordinals = new WeakMap<object, number>();
  const bySession = new WeakMap<object, ServerConnection>();

  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };
  const untilResumed = () => new Promise<void>((resolve) => resumers.add(resolve));
  const cut = (connection: ServerConnection) => {
    connection._socket.destroy();
  };

  const closed = (socket: Socket) => {
    sockets.delete(socket);
    changed();
  };

  const contextOf = (connection: ServerConnection): SmtpContext => {
    const envelope = connection.session.envelope as typeof connection.session.envelope | undefined;
    return {
      connection: ordinals.get(connection) ?? 0,
      secure: connection.secure,
      user: connection.session.user as string | undefined,
      from: envelope?.mailFrom ? envelope.mailFrom.address : "",
      to: envelope?.rcptTo.map((recipient) => recipient.address) ?? [],
    };
  };

  /** Runs a step: `proceed` unless the hook wants something else, `answered` after a reply of its own. */
  async function step(
    connection: ServerConnection,
    decide: () => Decision,
    proceed: (recordAndDrop: boolean) => void,
    answered: (code: number | undefined, text: string) => void,
  ): Promise<void> {
    if (allStalled) await untilResumed();
    const action = await decide();
    if (action === "stall") await untilResumed();
    changed();
    if (connection._socket.destroyed) return;
    if (action === "drop") cut(connection);
    else if (action === "record-and-drop") proceed(true);
    else if (action === undefined || action === "stall") proceed(false);
    else if ("bytes" in action) {
      connection._socket.write(action.bytes);
      answered(undefined, "");
    } else answered(action.code, action.text ?? "as the test wants it");
  }

  function decideCommand(name: string, line: string, context: SmtpContext): Decision {
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    switch (name) {
      case "EHLO":
      case "HELO":
        return hooks.onEhlo?.(context);
      case "STARTTLS":
        return hooks.onStartTls?.(context);
      case "AUTH":
        return hooks.onAuth?.(context);
      case "MAIL":
        return hooks.onMail?.(address, context);
      case "RCPT":
        return hooks.onRcpt?.(address, context);
      case "DATA":
        return hooks.onData?.(context);
      case "RSET":
        return hooks.onRset?.(context);
      default:
        return undefined;
    }
  }

  /** smtp-server has no hook for EHLO, STARTTLS, DATA and RSET: every command passes here before its handler. */
  function steer(connection: ServerConnection): void {
    ordinals.set(connection, ++totalConnections);
    const handle = connection._onCommand.bind(connection);
    connection._onCommand = (command, callback = () => {}) => {
      const line = command.toString("utf8");
      const name = connection._nextHandler ? "" : (line.split(" ", 1)[0] ?? "").toUpperCase();
      void step(
        connection,
        () => decideCommand(name, line, contextOf(connection)),
        () => handle(command, callback),
        (code, text) => {
          if (code !== undefined) connection.send(code, text, false);
          callback();
        },
      );
    };
    // smtp-server waits 100 ms before each greeting to catch early talkers; tests and the bench cannot.
    const greet = connection.connectionReady.bind(connection);
    connection.connectionReady = (next) => {
      if (next !== undefined) greet(next);
    };
    void step(
      connection,
      () => hooks.onConnect?.(contextOf(connection)),
      () => greet(),
      (code, text) => {
        if (code === undefined) return;
        connection.send(code, text, false);
        connection.close();
      },
    );
  }

  function receive(connection: ServerConnection, stream: SMTPServerDataStream, done: (error?: Error) => void): void {
    const context = contextOf(connection);
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.once("data", () => {
      if (hooks.onBody === undefined && !allStalled) return;
      stream.pause();
      const proceed = () => void stream.resume();
      void step(connection, () => hooks.onBody?.(context), proceed, proceed);
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.once("end", () => {
      const message = receivedMessage(context, Buffer.concat(chunks));
      const take = (recordAndDrop: boolean) => {
        if (stream.sizeExceeded) return done(replyError(552, "5.3.4 message too big"));
        acceptedCount++;
        if (keep) messages.push(message);
        if (recordAndDrop) cut(connection);
        else done();
        changed();
      };
      void step(
        connection,
        () => hooks.onMessage?.(message, context),
        take,
        (code, text) => {
          if (code === undefined) return;
          if (code < 400) take(false);
          else done(replyError(code, text));
        },
      );
    });
  }

  function createServer(): SMTPServer {
    const tls = options.tls ?? "none";
    const disabledCommands = [...(tls === "starttls" ? [] : ["STARTTLS"]), ...(options.auth ? [] : ["AUTH"])];
    const server = new SMTPServer({
      ...(tls === "none" ? {} : TEST_CERTIFICATE),
      secure: tls === "implicit",
      name: "smtp.test",
      banner: "test",
      logger: false,
      disableReverseLookup: true,
      disabledCommands,
      allowInsecureAuth: true,
      hidePIPELINING: options.pipelining === false,
      hideSMTPUTF8: options.smtpUtf8 === false,
      ...(options.size === undefined ? {} : { size: options.size }),
      maxAllowedUnauthenticatedCommands: false,
      onAuth: (auth, _session, callback) => {
        const right = auth.username === options.auth?.user && auth.password === options.auth?.pass;
        if (right) callback(null, { user: auth.username });
        else callback(replyError(535, "5.7.8 Authentication credentials invalid"));
      },
      onData: (stream, session, callback) => {
        const connection = bySession.get(session);
        if (connection === undefined) callback(replyError(451, "no such session"));
        else receive(connection, stream, callback);
      },
    });
    const connect = server.connect.bind(server);
    server.connect = (socket, socketOptions) => {
      const before = new Set(server.connections);
      connect(socket, socketOptions);
      for (const connection of server.connections) {
        if (before.has(connection)) continue;
        bySession.set(connection.session, connection);
        steer(connection);
        // The upgrade takes every listener off the socket, ours too.
        const upgrade = connection.upgrade.bind(connection);
        connection.upgrade = (...callbacks) => {
          upgrade(...callbacks);
          socket.once("close", () => closed(socket));
        };
      }
    };
    server.on("error", () => {}); // clients that go away are what tests are about
    server.server.on("connection", (socket) => {
      sockets.add(socket);
      maxConcurrentConnections = Math.max(maxConcurrentConnections, sockets.size);
      changed();
      socket.once("close", () => closed(socket));
    });
    return server;
  }

  let server: SMTPServer | undefined;

  const api: SmtpTestServer = {
    host: HOST,
    get port() {
      return port;
    },
    get url() {
      const login = options.auth
        ? `${encodeURIComponent(options.auth.user)}:${encodeURIComponent(options.auth.pass)}@`
        : "";
      return `${options.tls === "implicit" ? "smtps" : "smtp"}://${login}${HOST}:${port}`;
    },
    get messages() {
      return messages;
    },
    get acceptedCount() {
      return acceptedCount;
    },
    get concurrentConnections() {
      return sockets.size;
    },
    get maxConcurrentConnections() {
      return maxConcurrentConnections;
    },
    get totalConnections() {
      return totalConnections;
    },
    behave(behaviour) {
      hooks = { ...hooks, ...behaviour };
    },
    stallAll() {
      allStalled = true;
    },
    resume() {
      allStalled = false;
      for (const resume of resumers) resume();
      resumers.clear();
    },
    dropConnections() {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      const stopping = server;
      if (stopping === undefined) return;
      server = undefined;
      const closed = once(stopping.server, "close");
      stopping.close();
      api.dropConnections();
      await closed;
      if (stopping._closeTimeout) clearTimeout(stopping._closeTimeout);
    },
    async start() {
      if (server !== undefined) return;
      const starting = createServer();
      server = starting;
      const failed = once(starting, "error").then(([error]) => Promise.reject(error as Error));
      failed.catch(() => {});
      starting.listen(port, HOST);
      await Promise.race([once(starting.server, "listening"), failed]);
      port = (starting.server.address() as AddressInfo).port;
    },
    reset() {
      messages = [];
      acceptedCount = 0;
      totalConnections = 0;
      maxConcurrentConnections = sockets.size;
    },
    async waitForMessages(count, timeoutMs) {
      try {
        await api.waitFor(() => acceptedCount >= count, timeoutMs);
      } catch {
        throw new Error(`${acceptedCount} of ${count} mails came`);
      }
      return messages;
    },
    waitFor(condition, timeoutMs = 10_000) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (!condition(api)) return;
          clearTimeout(timer);
          watchers.delete(check);
          resolve();
        };
        const timer = setTimeout(() => {
          watchers.delete(check);
          reject(new Error(`not within ${timeoutMs} ms: ${condition.toString()}`));
        }, timeoutMs);
        watchers.add(check);
        check();
      });
    },
    async close() {
      api.resume();
      await api.stop();
    },
  };
  await api.start();
  return api;
}

function replyError(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

function receivedMessage(context: SmtpContext, raw: Buffer): ReceivedMessage {
  let email: Promise<Email> | undefined;
  const parsed = () => {
    email ??= PostalMime.parse(raw);
    return email;
  };
  return {
    from: context.from,
    to: context.to,
    raw,
    acceptedAtMs: Date.now(),
    context,
    parsed,
    async header(name) {
      const value = (await parsed()).headers.find((header) => header.key === name.toLowerCase())?.value;
      return value === undefined ? undefined : decodeWords(value);
    },
  };
}
