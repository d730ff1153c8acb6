import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArgs } from "#src/cli-args.js";
import { VARIABLES } from "#src/config/variables.js";

test("run is the command that consumes", () => {
  assert.deepEqual(parseArgs(["run"]), { kind: "command", command: "run" });
});

test("--help and --version work everywhere", () => {
  for (const argv of [
    ["--help"],
    ["run", "--help"],
    ["-h", "nonsense"],
    ["--version", "--help"],
    ["run", "x", "--help"],
  ]) {
    assert.equal(parseArgs(argv).kind, "help", argv.join(" "));
  }
  for (const argv of [["--version"], ["run", "--version"], ["--nonsense", "-v"]]) {
    assert.deepEqual(parseArgs(argv), { kind: "version" });
  }
});

test("wrong usage says what is wrong and how it is used", () => {
  const problems: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /a command is missing/],
    [["consume"], /unknown command "consume"/],
    [["run", "fast"], /run takes no argument, but "fast" was given/],
    [["run", "--brokers=a:1"], /unknown option "--brokers=a:1"; settings are environment variables/],
    [["toString"], /unknown command/],
  ];
  for (const [argv, problem] of problems) {
    const result = parseArgs(argv);
    assert.equal(result.kind, "usage-error");
    assert.match("text" in result ? result.text : "", problem);
    assert.match("text" in result ? result.text : "", /\nusage: alert-digest run \| --help \| --version\n$/);
  }
});

test("the help names every variable and fits a terminal", () => {
  const result = parseArgs(["--help"]);
  const text = result.kind === "help" ? result.text : "";
  for (const { name } of VARIABLES) assert.match(text, new RegExp(`^  ${name} `, "m"));
  for (const line of text.split("\n")) assert.ok(line.length <= 120, line);
});
