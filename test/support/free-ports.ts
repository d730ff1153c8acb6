import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** Below the ranges that Linux (32768) and macOS (49152) take for outgoing connections: nothing else drifts onto them. */
const LOWEST = 18_000;
const HIGHEST = 32_000;
const ATTEMPTS = 200;

/** A file for each port that a running process was given, with that process's ID: between the look whether a port is free and its use, another test must not be given it. */
const RESERVATIONS = join(tmpdir(), `alert-digest-ports-${userInfo().uid}`);
const reserved = new Set<string>();

const pickPort = (): number => randomInt(LOWEST, HIGHEST);

/**
 * Distinct ports that are free on 127.0.0.1 now, for programs that must be told their port and must find it again after
 * a restart. No other process is given them by this function for as long as this one runs. `pick`: the next one to try.
 */
export async function freePorts(count: number, pick = pickPort): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt++) {
    if (attempt > ATTEMPTS) throw new Error(`no ${count} free ports on 127.0.0.1 between ${LOWEST} and ${HIGHEST}`);
    const port = pick();
    if (reserve(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("unreachable");
  return port;
}

const reserve = (port: number): boolean => {
  mkdirSync(RESERVATIONS, { recursive: true });
  const file = join(RESERVATIONS, String(port));
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch {
    // Of a process that was killed: free from the next attempt on, so that of two that see it neither takes the other's.
    if (!runs(Number(readOrEmpty(file)))) rmSync(file, { force: true });
    return false;
  }
  if (reserved.size === 0) process.once("exit", release);
  reserved.add(file);
  return true;
};

const release = (): void => {
  for (const file of reserved) rmSync(file, { force: true });
};

const readOrEmpty = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/** 0: just created, and not written yet. */
const runs = (pid: number): boolean => {
  if (pid === 0) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
