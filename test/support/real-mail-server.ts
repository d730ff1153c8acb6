/** What tests ask of a real mail server, whichever it is: `postfix.ts`, `opensmtpd.ts`, `exim.ts`, `sendmail.ts`, `chasquid.ts`. */

import { mkdir, readdir, readFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { basename, join } from "node:path";
import PostalMime, { type Email } from "postal-mime";
import { cacheRoot } from "./cache.js";
import { createJail, type Jail, type ServerPackage } from "./debian-root.js";
import { eventually } from "./eventually.js";
import { freePorts } from "./free-ports.js";
import { type Guard, startGuard } from "./guard.js";
import { readTail } from "./read-tail.js";

/** All at `ops.test`; any other address is refused at RCPT. */
export const MAILBOXES = ["kim", "lee", "park"] as const;
/** More of them, `ok1` to `ok200`. Those that begin with `full` and a digit are deferred at RCPT, but for chasquid, which refuses them. */
export const CROWD: readonly string[] = Array.from({ length: 200 }, (_, index) => `ok${index + 1}`);
export const LOGIN = { user: "alerts", pass: "깊은 우물-7/@" };
/** Largest message the servers take, in bytes. */
export const SIZE_LIMIT = 100_000;

/**
 * - `clear`: neither TLS nor login.
 * - `starttls`, `tls`: with `TEST_CERTIFICATE`, nothing without a login.
 * - `expired`, `expired-tls`: the same with `EXPIRED_CERTIFICATE`.
 * - `login`: as `starttls`, but of the mechanisms only LOGIN (Postfix).
 * - `unannounced`: as `clear`, but does not say which size it takes (Postfix).
 */
export type Listener = "clear" | "starttls" | "tls" | "expired" | "expired-tls" | "login" | "unannounced";

export interface StoredMail {
  /** As it lies in the Maildir, with CRLF line ends: what the server put on top, then what was sent. */
  readonly raw: Buffer;
  /** By postal-mime, which shares nothing with what the product composes and sends with. */
  readonly email: Email;
  header(name: string): string | undefined;
  /** The server's own account of how it came: protocol (RFC 3848: `ESMTPSA` had TLS and a login) and its ID. */
  readonly received: { readonly protocol: string; readonly id: string };
}

export interface RealMailServer {
  readonly host: "127.0.0.1";
  port(listener: Listener): number;
  /** User with the realm, where the server wants one. */
  readonly user: string;
  /** In the order of their names; those of a mailbox that got none: empty. */
  stored(mailbox: string): Promise<readonly StoredMail[]>;
  /** As `stored`, not parsed. */
  storedRaw(mailbox: string): Promise<readonly string[]>;
  /** Resolves once there are that many; fails with the server's log. */
  waitForMails(mailbox: string, count: number): Promise<readonly StoredMail[]>;
  /** How many mails it took and has not delivered. */
  queued(): Promise<number>;
  /** The end of its log. */
  log(): Promise<string>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

export interface ServerProgram {
  readonly name: ServerPackage;
  readonly user: string;
  readonly listeners: readonly Listener[];
  /** Paths inside the jail. */
  readonly logFile: string | undefined;
  /** Where its queue is, folders in it included, and which file there each mail has one of. */
  readonly queue: { readonly directories: readonly string[]; readonly ofEachMail: RegExp };
  configure(jail: Jail, port: (listener: Listener) => number): Promise<void>;
  /** What to run inside the jail, in the foreground. */
  readonly command: readonly [string, ...string[]];
}

const START_ATTEMPTS = 3;
const LISTEN_TIMEOUT_MS = 180_000;

export async function startRealMailServer(program: ServerProgram): Promise<RealMailServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(program);
    } catch (error) {
      // A port that was free may be taken by now.
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function start(program: ServerProgram): Promise<RealMailServer> {
  await mkdir(cacheRoot(), { recursive: true });
  // In the cache's own file system: the jail is made of hard links.
  const guard = await startGuard(program.name, cacheRoot());
  try {
    const ports = await freePorts(program.listeners.length);
    const port = (listener: Listener): number => {
      const found = ports[program.listeners.indexOf(listener)];
      if (found === undefined) throw new Error(`${program.name} has no listener ${listener}`);
      return found;
    };
    const jail = await createJail(guard, program.name);
    await program.configure(jail, port);
    const output = join(guard.directory, "output.log");
    const child = await guard.start("chroot", [jail.root, ...program.command], { logFile: output });
    const log = async (): Promise<string> =>
      (await readTail(output, 40)) +
      (program.logFile === undefined ? "" : await readTail(jail.path(program.logFile), 60));
    const greets = program.listeners.includes("clear") ? port("clear") : undefined;
    await listening(ports, greets, () => child.exit() === undefined).catch(async (error: Error) => {
      throw new Error(`${program.name} does not listen: ${error.message}\n${await log()}`);
    });
    return server(program, {
      guard,
      jail,
      port,
      log,
      stop: async () => {
        child.signal("SIGTERM");
        await child.exited();
      },
    });
  } catch (error) {
    await guard.close();
    throw error;
  }
}

interface Running {
  readonly guard: Guard;
  readonly jail: Jail;
  readonly port: (listener: Listener) => number;
  readonly log: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

function server(program: ServerProgram, { guard, jail, port, log, stop }: Running): RealMailServer {
  let closed: Promise<void> | undefined;
  const files = async (mailbox: string): Promise<readonly Buffer[]> => {
    const directory = jail.path(`var/vmail/${mailbox}/new`);
    const names = await readdir(directory).catch(() => []);
    return Promise.all(names.sort().map((name) => readFile(join(directory, name))));
  };
  const stored = async (mailbox: string): Promise<readonly StoredMail[]> =>
    Promise.all((await files(mailbox)).map(storedMail));
  return {
    host: "127.0.0.1",
    port,
    user: program.user,
    stored,
    storedRaw: async (mailbox) => (await files(mailbox)).map((file) => file.toString("latin1")),
    log,
    async queued() {
      const { directories, ofEachMail } = program.queue;
      const names = await Promise.all(directories.map((one) => readdir(jail.path(one), { recursive: true })));
      return names.flat().filter((name) => ofEachMail.test(basename(name))).length;
    },
    async waitForMails(mailbox, count) {
      let seen = 0;
      try {
        return await eventually(`${count} mails for ${mailbox}`, async () => {
          const mails = await stored(mailbox);
          seen = mails.length;
          return mails.length >= count && mails;
        });
      } catch {
        throw new Error(`${seen} of ${count} mails came to ${mailbox}\n${await log()}`);
      }
    },
    close: () =>
      (closed ??= (async () => {
        // Asked first, it ends the processes it started; the guard ends it alone.
        const asked = stop();
        await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
        await jail.killAll();
        await guard.close();
      })()),
  };
}

async function storedMail(file: Buffer): Promise<StoredMail> {
  const raw = Buffer.from(file.toString("latin1").replace(/\r?\n/g, "\r\n"), "latin1");
  const email = await PostalMime.parse(raw);
  const header = (name: string) => email.headers.find(({ key }) => key === name.toLowerCase())?.value;
  const [, protocol = "", id = ""] = /\bwith (\w+)(?: \([^)]*\))? id ([\w.-]+)/.exec(header("Received") ?? "") ?? [];
  return { raw, email, header, received: { protocol, id } };
}

/** `greets`: the port where who connects is greeted. Under load a server may listen, and its programs not come up behind that. */
async function listening(ports: readonly number[], greets: number | undefined, running: () => boolean): Promise<void> {
  for (const port of ports) {
    await eventually(`something listens on ${port}`, () => !running() || canConnect(port, port === greets), {
      timeoutMs: LISTEN_TIMEOUT_MS,
    });
  }
  if (!running()) throw new Error("it ended");
}

const canConnect = (port: number, isGreeted: boolean): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const done = (can: boolean): void => {
      socket.destroy();
      resolve(can);
    };
    if (isGreeted) socket.once("data", (data) => done(data.toString("latin1").startsWith("220")));
    else socket.once("connect", () => done(true));
    socket.setTimeout(GREETING_TIMEOUT_MS, () => done(false));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });

const GREETING_TIMEOUT_MS = 15_000;
