import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";

const PROGRAM = `
  import { onStopSignals } from ${JSON.stringify(new URL("../../support/stop-signals.js", import.meta.url).href)};
  onStopSignals((signal) => console.log(signal));
  console.log("ready");
  setInterval(() => {}, 1_000);
`;

test("the first signal asks for a stop once, a second one ends a program that takes its time, with the shell's code", async (t) => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  const exited = once(child, "exit");
  await eventually("it listens", () => lines.includes("ready"));
  child.kill("SIGINT");
  await eventually("it was asked", () => lines.includes("SIGINT"));
  await eventually("it is gone", () => {
    child.kill("SIGTERM");
    return child.exitCode !== null;
  });
  assert.deepEqual(await exited, [143, null]);
  assert.deepEqual(lines, ["ready", "SIGINT"]);
});
