/**
 * The process behind `guard.ts`. It starts programs for its parent and outlives it just long enough to kill them and to
 * delete their files: also after the parent was killed, when nothing in the parent can run any more.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { GuardReply, GuardRequest } from "./guard.js";

const children = new Map<number, ChildProcess>();
const [directory] = process.argv.slice(2);
let ending = false;

const reply = (message: GuardReply): void => {
  // The parent may go at any moment; "disconnect" then does what is left to do.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};

const finish = async (): Promise<void> => {
  if (children.size > 0) return;
  if (directory) await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.exit(0);
};

const start = (request: GuardRequest & { kind: "start" }): void => {
  const log = request.logFile === undefined ? undefined : openSync(request.logFile, "a");
  const child = spawn(request.command, request.args, {
    env: request.env,
    ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
    ...(request.user === undefined ? {} : { uid: request.user, gid: request.user }),
    stdio: ["ignore", log ?? "inherit", log ?? "inherit"],
  });
  if (log !== undefined) closeSync(log);
  children.set(request.id, child);
  child.once("spawn", () => reply({ kind: "started", id: request.id, pid: child.pid ?? 0 }));
  child.once("error", (error) => {
    if (child.pid !== undefined) return;
    children.delete(request.id);
    reply({ kind: "failed", id: request.id, message: error.message });
    if (ending) void finish();
  });
  child.once("exit", (code, signal) => {
    children.delete(request.id);
    reply({ kind: "exited", id: request.id, code, signal });
    if (ending) void finish();
  });
};

process.on("message", (request: GuardRequest) => {
  if (request.kind === "start") start(request);
  else children.get(request.id)?.kill(request.signal);
});

/** A daemon makes itself the leader of a group; what it started is in there. */
const killGroup = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It leads none.
  }
};

const end = (): void => {
  ending = true;
  for (const child of children.values()) {
    child.kill("SIGKILL");
    killGroup(child.pid);
  }
  void finish();
};

process.on("disconnect", end);
// The parent may have gone while this file was still being loaded; the event is over then.
if (!process.connected) end();

// A terminal's Ctrl-C or hang-up is the parent's to answer.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
