/** A limit of the kernel on the memory of a process, as a container has it: beyond it the process is killed. */

import { randomBytes } from "node:crypto";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface MemoryLimit {
  /** Most bytes that it took so far. */
  peakBytes(): Promise<number>;
  /** Call it when the process is gone. */
  remove(): Promise<void>;
}

/** Undefined: this user may make none here, or the kernel has no such limits. From now on it holds for the process and what it starts. */
export const limitMemory = async (pid: number, bytes: number): Promise<MemoryLimit | undefined> => {
  for (const { root, max, swap, peak } of await hierarchies()) {
    const group = join(root, `alert-digest-test-${randomBytes(6).toString("hex")}`);
    const made = await mkdir(group).then(
      () => true,
      () => false,
    );
    if (!made) continue;
    try {
      await writeFile(join(group, max), String(bytes));
      // A kernel without accounts of swap has no such file.
      await writeFile(join(group, swap.file), String(swap.of(bytes))).catch(() => undefined);
      await writeFile(join(group, "cgroup.procs"), String(pid));
      return { peakBytes: async () => Number(await readFile(join(group, peak), "utf8")), remove: () => rmdir(group) };
    } catch {
      await rmdir(group).catch(() => undefined);
    }
  }
  return undefined;
};

interface Hierarchy {
  readonly root: string;
  readonly max: string;
  readonly swap: { readonly file: string; readonly of: (bytes: number) => number };
  readonly peak: string;
}

/** Where this process is in them: version 2, then version 1. */
const hierarchies = async (): Promise<readonly Hierarchy[]> => {
  const own = (await readFile("/proc/self/cgroup", "utf8").catch(() => "")).split("\n").map((line) => line.split(":"));
  const found: Hierarchy[] = [];
  for (const [id, controllers = "", path = "/"] of own) {
    if (id === "0" && controllers === "") {
      for (const root of ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"])
        found.push({
          root: join(root, path),
          max: "memory.max",
          swap: { file: "memory.swap.max", of: () => 0 },
          peak: "memory.peak",
        });
    } else if (controllers.split(",").includes("memory")) {
      // In a container its own path is not to be seen, and the root is its own.
      for (const at of [path, "/"])
        found.push({
          root: join("/sys/fs/cgroup/memory", at),
          max: "memory.limit_in_bytes",
          swap: { file: "memory.memsw.limit_in_bytes", of: (bytes) => bytes },
          peak: "memory.max_usage_in_bytes",
        });
    }
  }
  return found;
};
