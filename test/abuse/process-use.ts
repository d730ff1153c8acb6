/** How much memory a process has had, and how much of the processors. Linux tells both. */

import { readFile, writeFile } from "node:fs/promises";

/** Most bytes that it had resident since the last call that began anew; undefined where the system does not say. */
export const peakResident = async (pid: number): Promise<number | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
};

/** From now on the most counts anew. Where the system does not let us, it counts from the start of the process. */
export const beginAnew = (pid: number): Promise<void> =>
  writeFile(`/proc/${pid}/clear_refs`, "5").catch(() => undefined);

/** Of its main thread, since its start, in milliseconds: running, and wanting to run while others did. Undefined where the system does not say. */
export const processorTime = async (
  pid: number,
): Promise<{ readonly ranMs: number; readonly waitedMs: number } | undefined> => {
  const [ran, waited] = (await readFile(`/proc/${pid}/task/${pid}/schedstat`, "utf8").catch(() => "")).split(" ");
  return waited === undefined ? undefined : { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 };
};
