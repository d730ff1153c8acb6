/** Debian's rspamd and SpamAssassin, each unpacked and run in a root of its own, at their defaults; no name is looked up and nobody is asked. */

import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { cacheRoot } from "./cache.js";
import { createJail, type Jail, type ServerPackage } from "./debian-root.js";
import { eventually } from "./eventually.js";
import { freePorts } from "./free-ports.js";
import { startGuard } from "./guard.js";
import { readTail } from "./read-tail.js";

export interface Verdict {
  readonly score: number;
  /** The rules that made it, with their scores where the filter tells them. */
  readonly rules: readonly string[];
}

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

export interface SpamFilters {
  rspamd(raw: Buffer, envelope: Envelope): Promise<Verdict>;
  spamAssassin(raw: Buffer): Promise<Verdict>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

export async function startSpamFilters(): Promise<SpamFilters> {
  const [rspamdPort = 0, controllerPort = 0, spamdPort = 0] = await freePorts(3);
  const rspamd = startFilter("rspamd", rspamdPort, {
    configure: (jail) => configureRspamd(jail, rspamdPort, controllerPort),
    command: ["/usr/bin/rspamd", "-c", "/etc/rspamd/rspamd.conf", "-f", "-i", "-u", "_rspamd", "-g", "_rspamd"],
  });
  const spamd = startFilter("spamassassin", spamdPort, {
    configure: configureSpamAssassin,
    command: ["/usr/sbin/spamd", ...SPAMD_OPTIONS, "-p", String(spamdPort)],
  });
  const started = await Promise.allSettled([rspamd, spamd]);
  const close = async (): Promise<void> => {
    for (const filter of started) if (filter.status === "fulfilled") await filter.value.close();
  };
  const failed = started.find((filter) => filter.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }
  return {
    rspamd: (raw, envelope) => askRspamd(rspamdPort, raw, envelope),
    spamAssassin: (raw) => askSpamd(spamdPort, raw),
    close,
  };
}

interface Filter {
  configure(jail: Jail): Promise<void>;
  readonly command: readonly string[];
}

async function startFilter(
  name: ServerPackage,
  port: number,
  { configure, command }: Filter,
): Promise<{ close(): Promise<void> }> {
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard(name, cacheRoot());
  let jail: Jail | undefined;
  const close = async (): Promise<void> => {
    await jail?.killAll();
    await guard.close();
  };
  try {
    jail = await createJail(guard, name);
    await configure(jail);
    const logFile = join(guard.directory, "output.log");
    const child = await guard.start("chroot", [jail.root, ...command], { logFile });
    await eventually(`${name} listens`, async () => child.exit() !== undefined || (await connects(port)), {
      timeoutMs: START_TIMEOUT_MS,
    }).catch(() => {});
    if (child.exit() !== undefined || !(await connects(port)))
      throw new Error(`${name} does not listen:\n${await readTail(logFile, 40)}`);
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

const START_TIMEOUT_MS = 300_000;

async function configureRspamd(jail: Jail, port: number, controllerPort: number): Promise<void> {
  for (const path of ["var/lib/rspamd", "var/log/rspamd", "run/rspamd"]) await jail.directory(path, "_rspamd", 0o755);
  const local = (name: string, content: string) => jail.write(`etc/rspamd/local.d/${name}`, content);
  await jail.directory("etc/rspamd/local.d", "root", 0o755);
  // Nobody answers there: a question for a name ends at once.
  await local("options.inc", 'dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }\n');
  await local("logging.inc", 'type = "console";\nlevel = "warning";\n');
  await local("worker-normal.inc", `bind_socket = "127.0.0.1:${port}";\ncount = 1;\n`);
  await local("worker-controller.inc", `bind_socket = "127.0.0.1:${controllerPort}";\n`);
  await local("worker-proxy.inc", "enabled = false;\n");
  // These ask name servers and services in the network.
  for (const name of ["rbl", "surbl", "fuzzy_check", "asn", "hfilter"])
    await local(`${name}.conf`, "enabled = false;\n");
}

async function configureSpamAssassin(jail: Jail): Promise<void> {
  await jail.directory("var/lib/spamassassin", "debian-spamd", 0o755);
}

const SPAMD_OPTIONS = ["--local", "--nouser-config", "--max-children=1", "-u", "debian-spamd", "-i", "127.0.0.1"];

async function askRspamd(port: number, raw: Buffer, { from, to }: Envelope): Promise<Verdict> {
  const headers = new Headers({
    From: from,
    IP: "93.184.216.34",
    Helo: "mail.example.com",
    Hostname: "mail.example.com",
  });
  for (const recipient of to) headers.append("Rcpt", recipient);
  const response = await fetch(`http://127.0.0.1:${port}/checkv2`, { method: "POST", headers, body: raw });
  if (!response.ok) throw new Error(`rspamd answers ${response.status}: ${await response.text()}`);
  const { score, symbols } = (await response.json()) as {
    score: number;
    symbols: Readonly<Record<string, { readonly score: number }>>;
  };
  const rules = Object.entries(symbols).filter(([, rule]) => rule.score !== 0);
  return { score, rules: rules.map(([name, rule]) => `${name} ${rule.score}`) };
}

/** The protocol of spamc: a line, headers, the message; the verdict in a header, the rules as the body. */
async function askSpamd(port: number, raw: Buffer): Promise<Verdict> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`SYMBOLS SPAMC/1.5\r\nContent-length: ${raw.length}\r\n\r\n`);
  socket.end(raw);
  const answer = await text(socket);
  const score = /^Spam: \w+ ; (-?[\d.]+) \//m.exec(answer)?.[1];
  if (score === undefined) throw new Error(`spamd answers: ${answer}`);
  return { score: Number(score), rules: answer.slice(answer.indexOf("\r\n\r\n")).trim().split(",") };
}

const connects = async (port: number): Promise<boolean> => {
  const socket = connect(port, "127.0.0.1");
  return once(socket, "connect").then(
    () => {
      socket.destroy();
      return true;
    },
    () => false,
  );
};
