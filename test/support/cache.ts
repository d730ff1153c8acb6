import { homedir } from "node:os";
import { join } from "node:path";

/** Where the tests keep what they fetched: per user, outlives runs and clones, may be deleted at any time. */
export const cacheRoot = (): string => join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "alert-digest");

/** For `NODE_COMPILE_CACHE`. */
export const compileCache = (): string => join(cacheRoot(), "node");
