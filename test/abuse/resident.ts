/** How much memory a process has had. */

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
