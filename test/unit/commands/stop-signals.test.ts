import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "#test/support/run-cli.js";

/** Signals the process as soon as it asks for the file that knows its commands. */
const signalAtStart = (signal: string): string => {
  const hooks = `export const resolve = (specifier, context, next) => {
    if (specifier.endsWith("/commands/parse.js")) process.kill(process.pid, "${signal}");
    return next(specifier, context);
  };`;
  const address = `data:text/javascript,${encodeURIComponent(hooks)}`;
  return `data:text/javascript,${encodeURIComponent(`import { register } from "node:module"; register(${JSON.stringify(address)});`)}`;
};

for (const command of ["run", "translate"])
  test(`${command} that is stopped while it still loads ends with 0`, async () => {
    for (const signal of ["SIGTERM", "SIGINT"]) {
      // Node 24 loads all of it before it turns to the signal: that nothing is configured here may be said by then.
      const { code, stderr } = await runCli([command], { NODE_OPTIONS: `--import=${signalAtStart(signal)}` });
      assert.equal(code, 0, stderr);
    }
  });

test("a command that ends by itself leaves a signal to the system", async () => {
  const ended = await runCli(["check"], { NODE_OPTIONS: `--import=${signalAtStart("SIGTERM")}` });
  assert.equal(ended.code, null);
});
