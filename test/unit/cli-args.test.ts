import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArgs } from "#src/cli-args.js";
import { VARIABLES } from "#src/config/variables.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");

test("run is the command that consumes", () => {
  assert.deepEqual(parseArgs(["run"], NOW), { kind: "run" });
});

test("--help and --version work everywhere", () => {
  for (const argv of [
    ["--help"],
    ["run", "--help"],
    ["-h", "nonsense"],
    ["--version", "--help"],
    ["run", "x", "--help"],
  ]) {
    assert.equal(parseArgs(argv, NOW).kind, "help", argv.join(" "));
  }
  for (const argv of [["--version"], ["run", "--version"], ["--nonsense", "-v"]]) {
    assert.deepEqual(parseArgs(argv, NOW), { kind: "version" });
  }
});

test("check takes an address to mail, and nothing else", () => {
  assert.deepEqual(parseArgs(["check"], NOW), { kind: "check", command: { mailTo: undefined } });
  assert.deepEqual(parseArgs(["check", "--mail", "kim@ops.test"], NOW), {
    kind: "check",
    command: { mailTo: "kim@ops.test" },
  });
  for (const wrong of [["--mail"], ["--mail", "nobody"], ["now"], ["--all"]])
    assert.equal(parseArgs(["check", ...wrong], NOW).kind, "usage-error", wrong.join(" "));
  const help = parseArgs(["check", "--help"], NOW);
  assert.match(help.kind === "help" ? help.text : "", /consumes nothing/);
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
    const result = parseArgs(argv, NOW);
    assert.equal(result.kind, "usage-error");
    assert.match("text" in result ? result.text : "", problem);
    assert.match(
      "text" in result ? result.text : "",
      /\nusage: alert-digest run\|check\|dead-letters\|sent\|routes\|preview \| --help \| --version\n$/,
    );
  }
});

test("the help names every variable and fits a terminal", () => {
  const result = parseArgs(["--help"], NOW);
  const text = result.kind === "help" ? result.text : "";
  for (const { name } of VARIABLES) assert.match(text, new RegExp(`^  ${name} `, "m"));
  for (const line of text.split("\n")) assert.ok(line.length <= 120, line);
  for (const name of ["SMTP_URL", "KAFKA_SASL_PASSWORD", "RECIPIENTS_DATABASE_URL"])
    assert.match(text, new RegExp(`read from a file instead.*\\b${name}\\b[^(]*$`, "s"), name);
});

test("dead-letters has commands and a help of its own", () => {
  assert.deepEqual(parseArgs(["dead-letters", "show", "0/17"], NOW), {
    kind: "dead-letters",
    command: { kind: "show", position: { partition: 0, offset: 17 }, raw: false },
  });
  const help = parseArgs(["dead-letters", "redrive", "--help"], NOW);
  assert.match(help.kind === "help" ? help.text : "", /--max-redrives N/);
  const wrong = parseArgs(["dead-letters", "lsit"], NOW);
  assert.match(
    wrong.kind === "usage-error" ? wrong.text : "",
    /unknown command "dead-letters lsit"\nusage: .*dead-letters list/,
  );
});

test("sent has a help of its own", () => {
  const parsed = parseArgs(["sent", "--device", "boiler"], NOW);
  assert.ok(parsed.kind === "sent" && parsed.command.device === "boiler");
  const help = parseArgs(["sent", "--help"], NOW);
  assert.match(help.kind === "help" ? help.text : "", /--recipient ADDRESS.*\n.*LOG_RECIPIENTS is about the log/s);
  const wrong = parseArgs(["sent", "boiler"], NOW);
  assert.match(wrong.kind === "usage-error" ? wrong.text : "", /sent takes options only.*\nusage: alert-digest sent/);
});
