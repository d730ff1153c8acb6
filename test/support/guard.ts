import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Messages between `guard.ts` and the process it forks. */
export type GuardRequest =
  | {
      readonly kind: "start";
      readonly id: number;
      readonly command: string;
      readonly args: readonly string[];
      readonly env: NodeJS.ProcessEnv;
      readonly cwd: string | undefined;
      readonly logFile: string | undefined;
      readonly user: number | undefined;
    }
  | { readonly kind: "signal"; readonly id: number; readonly signal: NodeJS.Signals };

export type GuardReply =
  | { readonly kind: "started"; readonly id: number; readonly pid: number }
  | { readonly kind: "failed"; readonly id: number; readonly message: string }
  | { readonly kind: "exited"; readonly id: number; readonly code: number | null; readonly signal: string | null };

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface GuardedProcess {
  readonly pid: number;
  /** Resolves when it has ended; keeps this process alive until then. */
  exited(): Promise<Exit>;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  signal(name: NodeJS.Signals): void;
}

export interface GuardedOptions {
  /** Whole environment, not additions. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Where both output streams go; without it they are the guard's `stdout` and `stderr`. */
  readonly logFile?: string;
  /** User and group ID to run as; needs root. */
  readonly user?: number;
}

/**
 * Starts programs that never outlive this process, however it ends, and owns one temporary directory that goes with them.
 * It does not keep this process alive by itself: only programs that are waited for do.
 */
export interface Guard {
  readonly directory: string;
  readonly stdout: Readable;
  readonly stderr: Readable;
  start(command: string, args: readonly string[], options?: GuardedOptions): Promise<GuardedProcess>;
  /** Kills what still runs and deletes the directory. Safe to call twice. */
  close(): Promise<void>;
}

interface Waiting {
  started(process: GuardedProcess): void;
  failed(error: Error): void;
  exited(exit: Exit): void;
}

class ForkedGuard implements Guard {
  readonly directory: string;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly #fork: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #ended: Promise<unknown> | undefined;

  constructor(directory: string) {
    this.directory = directory;
    // Its own process group: a terminal's Ctrl-C goes to this process only, which then ends things in order.
    this.#fork = fork(fileURLToPath(new URL("guard-main.js", import.meta.url)), [directory], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: [],
      env: { PATH: process.env["PATH"] },
    });
    const { stdout, stderr } = this.#fork;
    if (!stdout || !stderr) throw new Error("unreachable: both streams are pipes");
    this.stdout = stdout;
    this.stderr = stderr;
    this.#fork.on("message", (reply: GuardReply) => this.#receive(reply));
    this.#fork.once("exit", () => {
      for (const waiting of this.#waiting.values()) waiting.failed(new Error("the guard process ended"));
    });
    this.#fork.unref();
    this.#fork.channel?.unref();
    for (const stream of [stdout, stderr]) (stream as Readable & { unref?(): void }).unref?.();
  }

  #receive(reply: GuardReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (reply.kind === "started") {
      waiting?.started(this.#process(reply.id, reply.pid));
    } else if (reply.kind === "failed") {
      this.#waiting.delete(reply.id);
      waiting?.failed(new Error(reply.message));
    } else {
      this.#waiting.delete(reply.id);
      waiting?.exited({ code: reply.code, signal: reply.signal });
    }
  }

  #process(id: number, pid: number): GuardedProcess {
    let exit: Exit | undefined;
    const waiting = this.#waiting.get(id);
    const exited = new Promise<Exit>((resolve) => {
      const settle = (value: Exit) => {
        exit = value;
        resolve(value);
      };
      const failed = () => settle({ code: null, signal: "SIGKILL" });
      if (waiting) this.#waiting.set(id, { ...waiting, exited: settle, failed });
    });
    return {
      pid,
      exited: () => keepAlive(exited),
      exit: () => exit,
      signal: (signal) => this.#send({ kind: "signal", id, signal }),
    };
  }

  #send(request: GuardRequest): void {
    if (this.#fork.connected) this.#fork.send(request, () => {});
  }

  async start(command: string, args: readonly string[], options: GuardedOptions = {}): Promise<GuardedProcess> {
    if (!this.#fork.connected) throw new Error("the guard process ended");
    const id = this.#nextId++;
    const started = new Promise<GuardedProcess>((resolve, reject) => {
      this.#waiting.set(id, { started: resolve, failed: reject, exited: () => {} });
    });
    const { env = process.env, cwd, logFile, user } = options;
    this.#send({ kind: "start", id, command, args, env, cwd, logFile, user });
    return keepAlive(started);
  }

  close(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended as Promise<void>;
  }

  async #end(): Promise<void> {
    if (this.#fork.exitCode !== null || this.#fork.signalCode !== null) return;
    const ended = once(this.#fork, "exit");
    if (this.#fork.connected) this.#fork.disconnect();
    await keepAlive(ended);
  }
}

/** The guard is unreferenced, so something else has to hold the event loop while its answer is awaited. */
export async function keepAlive<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 60_000);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}

/** `name` becomes part of the directory's name; the directory is made inside `parent`. */
export async function startGuard(name: string, parent: string = tmpdir()): Promise<Guard> {
  return new ForkedGuard(await mkdtemp(join(parent, `alert-digest-${name}-`)));
}
