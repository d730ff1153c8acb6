import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startGuard } from "#test/support/guard.js";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const until = async (condition: () => boolean): Promise<void> => {
  const deadline = Date.now() + 120_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "the condition did not come true in time");
    await sleep(20);
  }
};

const FOREVER = ["-e", "setInterval(() => {}, 1000)"];

test("closing a guard kills its programs and deletes its directory", async () => {
  const guard = await startGuard("unit");
  const child = await guard.start(process.execPath, FOREVER);
  assert.ok(existsSync(guard.directory));
  await guard.close();
  assert.equal(existsSync(guard.directory), false);
  assert.equal(isAlive(child.pid), false);
  assert.notEqual(child.exit(), undefined);
});

test("a guard that is closed before it was up deletes its directory too", async () => {
  const guards = await Promise.all(Array.from({ length: 4 }, () => startGuard("unit")));
  await Promise.all(guards.map((guard) => guard.close()));
  assert.deepEqual(
    guards.filter(({ directory }) => existsSync(directory)),
    [],
  );
});

test("a program that cannot be started is a failure, not a wait", async () => {
  const guard = await startGuard("unit");
  await assert.rejects(guard.start("/no/such/program", []), /ENOENT/);
  await guard.close();
});

test("a guard that is closed starts nothing, and says so at once", async () => {
  const guard = await startGuard("unit");
  await guard.close();
  await assert.rejects(guard.start(process.execPath, FOREVER), /the guard process ended/);
});

test("after kill -9 of its parent a guard leaves neither a process nor a file", async () => {
  const script = `
    const { startGuard } = await import(${JSON.stringify(import.meta.resolve("#test/support/guard.js"))});
    const guard = await startGuard("unit");
    const child = await guard.start(process.execPath, ${JSON.stringify(FOREVER)});
    console.log(JSON.stringify({ pid: child.pid, directory: guard.directory }));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(parent.stdout, "data");
  const { pid, directory } = JSON.parse(String(line)) as { pid: number; directory: string };
  assert.ok(isAlive(pid));
  parent.kill("SIGKILL");
  await until(() => !isAlive(pid) && !existsSync(directory));
});
