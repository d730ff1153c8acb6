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
import type { Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import { freePort } from "./free-ports.js";
import { createSteps, replyError, type ServerConnection } from "./smtp-server-steps.js";
import type { ReceivedMessage, SmtpAction, SmtpHooks, SmtpServerOptions, SmtpTestServer } from "./smtp-server-types.js";
import { TEST_CERTIFICATE } from "./test-certificate.js";

export type {
  ReceivedMessage,
  SmtpAction,
  SmtpBehaviour,
  SmtpContext,
  SmtpHooks,
  SmtpServerOptions,
  SmtpTestServer,
} from "./smtp-server-types.js";

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
const PORT_ATTEMPTS = 20;
/** As patient as `eventually`. */
const PATIENCE_MS = 240_000;

async function listen(server: SMTPServer, port: number): Promise<void> {
  const failed = once(server, "error").then(([error]) => Promise.reject(error as Error));
  failed.catch(() => {});
  server.listen(port, HOST);
  await Promise.race([once(server.server, "listening"), failed]);
}

async function listenOnFreePort(server: SMTPServer): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      await listen(server, port);
      return port;
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
}

export async function startSmtpServer(options: SmtpServerOptions = {}): Promise<SmtpTestServer> {
  const keep = options.keep ?? true;
  let hooks: SmtpHooks = { ...options };
  let messages: ReceivedMessage[] = [];
  let acceptedCount = 0;
  let totalConnections = 0;
  let maxConcurrentConnections = 0;
  let port: number | undefined;
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  const bySession = new WeakMap<object, ServerConnection>();

  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };
  const closed = (socket: Socket) => {
    sockets.delete(socket);
    changed();
  };

  const steps = createSteps({
    hooks: () => hooks,
    connected: () => ++totalConnections,
    accepted(message) {
      acceptedCount++;
      if (keep) messages.push(message);
    },
    changed,
  });

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
      ...(options.accessToken === undefined ? {} : { authMethods: ["XOAUTH2", "PLAIN", "LOGIN"] }),
      onAuth: (auth, _session, callback) => {
        const given = options.accessToken === undefined ? auth.password : auth.accessToken;
        const right = auth.username === options.auth?.user && given === (options.accessToken?.() ?? options.auth?.pass);
        // As Google and Microsoft answer it: a challenge that tells why, and the 535 after it.
        if (!right && auth.method === "XOAUTH2") callback(null, { data: { status: "400" } });
        else if (right) callback(null, { user: auth.username });
        else callback(replyError(535, "5.7.8 Authentication credentials invalid"));
      },
      onData: (stream, session, callback) => {
        const connection = bySession.get(session);
        if (connection === undefined) callback(replyError(451, "no such session"));
        else steps.receive(connection, stream, callback);
      },
    });
    const connect = server.connect.bind(server);
    server.connect = (socket, socketOptions) => {
      const before = new Set(server.connections);
      connect(socket, socketOptions);
      for (const connection of server.connections) {
        if (before.has(connection)) continue;
        bySession.set(connection.session, connection);
        steps.steer(connection);
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
      return port ?? 0;
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
    stallAll: steps.stallAll,
    resume: steps.resume,
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
      // Where outgoing connections don't drift to: one of them on the port would keep a stopped server from starting again.
      port ??= await listenOnFreePort(starting);
      if (!starting.server.listening) await listen(starting, port);
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
    waitFor(condition, timeoutMs = PATIENCE_MS) {
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
