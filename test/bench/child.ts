/** Each measurement runs in a process of its own: no heap, no compiled code and no socket is left over from the one before. */

import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Runs `dist-test/bench/<file>` with one argument and resolves with what it reports. Ends it when `signal` aborts. `against`: that of the build in another
 * checkout.
 */
export async function runChild<Job, Result>(
  file: string,
  job: Job,
  signal: AbortSignal,
  against?: string,
): Promise<Result> {
  signal.throwIfAborted();
  const path =
    against === undefined ? fileURLToPath(new URL(file, import.meta.url)) : join(against, "dist-test/bench", file);
  // Its own process group: a terminal's Ctrl-C goes to this process, and the channel then ends the child.
  const child = fork(path, [JSON.stringify(job)], {
    execArgv: ["--expose-gc", ...profiling()],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
  });
  let result: Result | undefined;
  child.on("message", (message: Result) => {
    result = message;
  });
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop);
  try {
    const [code, killedBy] = await once(child, "exit");
    signal.throwIfAborted();
    if (code !== 0 || result === undefined) throw new Error(`${file} ended with ${killedBy ?? code}`);
    return result;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The other side: runs `measure`, reports what it returns, and never outlives its parent. */
export async function reportToParent<Job>(measure: (job: Job) => Promise<unknown>): Promise<void> {
  process.on("disconnect", () => process.exit(1));
  const result = await measure(JSON.parse(process.argv[2] ?? "null") as Job);
  process.send?.(result, undefined, undefined, () => process.exit(0));
}

/** `BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir=…"` profiles the measured processes. */
const profiling = (): string[] => (process.env["BENCH_NODE_FLAGS"] ?? "").split(" ").filter((flag) => flag !== "");
