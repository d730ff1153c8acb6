/** One `prepare` at a time in one clone. */

import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 100;
const TOUCH_MS = 2_000;
/** A holder touches its lock every two seconds; one that did not for so long is dead or frozen. */
const STALE_MS = 60_000;

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};

const isStale = (file) => {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    const ageMs = Date.now() - statSync(file).mtimeMs;
    // Between creation and the first write the file is empty.
    return ageMs > STALE_MS || (pid > 0 && !alive(pid));
  } catch {
    return false;
  }
};

/** Resolves with the function that releases the lock; `cancelled` is asked between two attempts. */
export const acquireLock = async (root, cancelled) => {
  const name = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const file = join(tmpdir(), `alert-digest-prepare-${name}.lock`);
  while (!cancelled()) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      const touch = setInterval(() => utimesSync(file, new Date(), new Date()), TOUCH_MS);
      touch.unref();
      return () => {
        clearInterval(touch);
        rmSync(file, { force: true });
      };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isStale(file)) {
      // Renaming picks one winner among several that saw the same stale lock.
      const aside = `${file}.${process.pid}`;
      try {
        renameSync(file, aside);
      } catch {}
      rmSync(aside, { force: true });
    } else {
      await sleep(POLL_MS);
    }
  }
  return () => {};
};
