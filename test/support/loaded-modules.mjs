/**
 * `node --import` of this: the URL of each module that is loaded, by `import` or by `require`, becomes a line of the file `LOADED_MODULES` names. At the module
 * whose URL ends in `SIGTERM_AT` the process gets that signal.
 */

import { appendFileSync } from "node:fs";
import Module, { register } from "node:module";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

const seen = (url) => appendFileSync(process.env.LOADED_MODULES, `${url}\n`);

/** Hooks run in a thread of their own, which loads this file too. */
export const load = (url, context, next) => {
  seen(url);
  if (process.env.SIGTERM_AT && url.endsWith(process.env.SIGTERM_AT)) process.kill(process.pid, "SIGTERM");
  return next(url, context);
};

if (isMainThread) {
  register(import.meta.url);
  const { _load: loadRequired } = Module;
  Module._load = function (request, parent, ...rest) {
    const path = Module._resolveFilename(request, parent, ...rest);
    if (path.startsWith("/")) seen(pathToFileURL(path).href);
    return loadRequired.call(this, request, parent, ...rest);
  };
}
