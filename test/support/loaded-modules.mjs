/**
 * `node --import` of this: the URL of each module that is loaded becomes a line of the file `LOADED_MODULES` names. At the module
 * whose URL ends in `SIGTERM_AT` the process gets that signal.
 */

import { appendFileSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

/** Hooks run in a thread of their own, which loads this file too. */
export const load = (url, context, next) => {
  appendFileSync(process.env.LOADED_MODULES, `${url}\n`);
  if (process.env.SIGTERM_AT && url.endsWith(process.env.SIGTERM_AT)) process.kill(process.pid, "SIGTERM");
  return next(url, context);
};

if (isMainThread) register(import.meta.url);
