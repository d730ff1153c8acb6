import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions } from "#test/demo/options.js";

test("without flags there are three windows of 30 seconds", () => {
  const parsed = parseOptions([]);
  assert.deepEqual(parsed, {
    kind: "run",
    options: { seconds: 90, devices: 30, rate: 20, windowSeconds: 30, seed: 1, exit: false },
  });
});

test("flags are read as two arguments or one", () => {
  const parsed = parseOptions(["--seconds", "10", "--rate=2.5", "--window", "5", "--devices=4", "--exit"]);
  assert.deepEqual(parsed, {
    kind: "run",
    options: { seconds: 10, devices: 4, rate: 2.5, windowSeconds: 5, seed: 1, exit: true },
  });
});

test("a wrong flag, a missing number and a number out of range say what is wrong", () => {
  const message = (args: string[]): string => {
    const parsed = parseOptions(args);
    return parsed.kind === "wrong" ? parsed.message : parsed.kind;
  };
  assert.match(message(["--second", "5"]), /^unknown option "--second"/);
  assert.match(message(["constructor", "5"]), /demo takes no argument, but "constructor" was given/);
  assert.match(message(["--seconds"]), /--seconds needs a value/);
  assert.match(message(["--seconds", "0"]), /--seconds "0": expected a whole number from 1 to 3600/);
  assert.match(message(["--devices", "1.5"]), /a whole number/);
  assert.match(message(["--rate=-1"]), /--rate "-1": expected a number from 0.1 to 2000/);
});

test("help wins over everything else", () => {
  assert.deepEqual(parseOptions(["--nonsense", "--help"]), { kind: "help" });
});
