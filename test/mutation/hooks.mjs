/**
 * Module hooks of mutation runs. The test files get `node-test.mjs` for `node:test`; the compiled modules that a `?generation=N` imports are
 * loaded anew for each N.
 */

const standIn = new URL("node-test.mjs", import.meta.url).href;

export const resolve = async (specifier, context, next) => {
  if (specifier === "node:test") return { url: standIn, shortCircuit: true };
  const resolved = await next(specifier, context);
  const generation = /\?generation=\d+$/.exec(context.parentURL ?? "")?.[0];
  return generation === undefined || !/\/dist(-test)?\//.test(resolved.url) || resolved.url.includes("/node_modules/")
    ? resolved
    : { ...resolved, url: resolved.url + generation };
};
