import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { freePort, freePorts } from "#test/support/free-ports.js";

const MODULE = new URL("../../support/free-ports.js", import.meta.url).href;
/** Below those that tests are given. */
const anyPort = () => randomInt(12_000, 17_000);
/** Tries `tries` in turn. */
const inTurn = (...tries: readonly number[]) => {
  const rest = [...tries];
  return (): number => rest.shift() ?? anyPort();
};

/** A process that is given `port`, says so and then does `last`. */
const processWith = (port: number, last: string): ChildProcess =>
  spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { freePorts } from ${JSON.stringify(MODULE)}; await freePorts(1, () => ${port}); console.log("given"); ${last}`,
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );

test("a port that another running process was given is not given again; once that process has ended it is", async (t) => {
  const port = anyPort();
  const other = processWith(port, "process.stdin.resume()");
  t.after(() => other.kill("SIGKILL"));
  await once(other.stdout as NonNullable<typeof other.stdout>, "data");
  assert.notDeepEqual(await freePorts(1, inTurn(port)), [port]);

  const ended = once(other, "exit");
  other.stdin?.end();
  await ended;
  assert.deepEqual(await freePorts(1, inTurn(port)), [port]);
});

test("what a killed process was given is free at the second look", async () => {
  const port = anyPort();
  await once(processWith(port, 'process.kill(process.pid, "SIGKILL")'), "exit");
  assert.deepEqual(await freePorts(1, inTurn(port, port)), [port]);
});

test("no process is given a port twice", async () => {
  const port = await freePort();
  assert.notDeepEqual(await freePorts(1, inTurn(port)), [port]);
});

test("a port that somebody listens on is not given", async (t) => {
  const port = anyPort();
  const server = createServer().listen(port, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  assert.notDeepEqual(await freePorts(1, inTurn(port)), [port]);
});
