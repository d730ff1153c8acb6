import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS, parseCommandLine } from "#src/commands/parse.js";
import { isReadBy, VARIABLES } from "#src/config/variables.js";
import { runHere } from "#test/support/command-line.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const parse = (...argv: string[]) => parseCommandLine(argv, NOW);

const helpOf = (...argv: string[]): string => {
  const said = parse(...argv);
  assert.equal(said.kind, "help", argv.join(" "));
  return said.kind === "help" ? said.text : "";
};
const wrongUsage = (...argv: string[]): string => {
  const said = parse(...argv);
  assert.equal(said.kind, "usage-error", argv.join(" "));
  return said.kind === "usage-error" ? said.text : "";
};
/** What a command writes that needs nothing but the command line. */
const written = async (...argv: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runHere(argv);
  assert.deepEqual([code, stderr], [0, ""], argv.join(" "));
  return stdout;
};

test("run is the command that consumes", () => {
  const said = parse("run");
  assert.ok(said.kind === "command" && said.name === "run");
});

test("--help and --version work everywhere", async () => {
  for (const argv of [
    ["--help"],
    ["run", "--help"],
    ["-h", "nonsense"],
    ["--version", "--help"],
    ["run", "x", "--help"],
  ])
    helpOf(...argv);
  for (const argv of [["--version"], ["run", "--version"], ["--nonsense", "-v"], ["version"]])
    assert.equal(await written(...argv), "1.2.3\n", argv.join(" "));
});

test("help says what --help says, and help COMMAND what COMMAND --help says", async () => {
  assert.equal(await written("help"), helpOf("--help"));
  for (const { name } of COMMANDS) assert.equal(await written("help", name), helpOf(name, "--help"));
  assert.match(wrongUsage("help", "consume"), /unknown command "consume"\nusage: alert-digest help \[COMMAND\]\n$/);
  assert.match(wrongUsage("help", "run", "check"), /help takes no further argument, but "check" was given/);
});

test("check takes an address to mail, and nothing else", () => {
  const [plain, mailed] = [parse("check"), parse("check", "--mail", "kim@ops.test")];
  assert.ok(plain.kind === "command" && mailed.kind === "command");
  assert.deepEqual([plain.args, mailed.args], [{ mailTo: undefined }, { mailTo: "kim@ops.test" }]);
  for (const wrong of [["--mail"], ["now"], ["--all"]]) wrongUsage("check", ...wrong);
  assert.match(wrongUsage("check", "--mail", "nobody"), /--mail "nobody": expected one mail address\nusage: /);
  assert.match(helpOf("check", "--help"), /newest 100 records of the topic on trial/);
});

test("wrong usage says what is wrong and how it is used", () => {
  const general =
    /\nusage: alert-digest run\|translate\|check\|dead-letters\|sent\|routes\|preview\|help\|version \| --help \| --version\n$/;
  const problems: readonly (readonly [readonly string[], RegExp, RegExp])[] = [
    [[], /a command is missing/, general],
    [["consume"], /unknown command "consume"\n/, general],
    [["previw"], /unknown command "previw"; did you mean preview\?/, general],
    [["--brokers=a:1"], /unknown option "--brokers=a:1"; settings are environment variables/, general],
    [["toString"], /unknown command/, general],
    [["help", "chekc"], /unknown command "chekc"; did you mean check\?\n/, /\nusage: alert-digest help \[COMMAND\]\n$/],
    [
      ["preview", "--alrets=a"],
      /unknown option "--alrets"; did you mean --alerts\?\n/,
      /\nusage: alert-digest preview /,
    ],
    [["preview", "--colour"], /unknown option "--colour"\n/, /\nusage: alert-digest preview /],
    [["run", "fast"], /run takes no argument, but "fast" was given/, /\nusage: alert-digest run\n$/],
    [
      ["run", "--brokers=a:1"],
      /run: unknown option "--brokers"; settings are environment variables/,
      /alert-digest run\n$/,
    ],
  ];
  for (const [argv, problem, usage] of problems) {
    assert.match(wrongUsage(...argv), problem);
    assert.match(wrongUsage(...argv), usage);
  }
});

test("every help fits a terminal, and ends with a line break", () => {
  for (const text of [helpOf("--help"), ...COMMANDS.map(({ name }) => helpOf(name, "--help"))]) {
    for (const line of text.split("\n")) assert.ok(line.length <= 120, line);
    assert.ok(text.endsWith("\n") && text.startsWith("usage: alert-digest "));
  }
});

test("the help names every command and every variable", () => {
  for (const [text, variables] of [
    [helpOf("--help"), VARIABLES],
    [helpOf("run", "--help"), VARIABLES.filter((variable) => isReadBy(variable, "run"))],
  ] as const) {
    for (const { name } of variables) assert.match(text, new RegExp(`^  ${name} `, "m"));
    for (const name of ["SMTP_URL", "KAFKA_SASL_PASSWORD", "RECIPIENTS_DATABASE_URL"])
      assert.match(text, new RegExp(`read from a file instead.*\\b${name}\\b[^(]*$`, "s"), name);
  }
  assert.match(helpOf("translate", "--help"), /^ {2}TRANSLATE_FROM /m);
  assert.doesNotMatch(helpOf("translate", "--help"), /SMTP_URL|MAIL_TO/);
  assert.doesNotMatch(helpOf("run", "--help"), /TRANSLATE_FROM/);
  for (const { name } of COMMANDS) assert.match(helpOf("--help"), new RegExp(`^  ${name} `, "m"));
});

test("a command has commands and a help of its own", () => {
  const said = parse("dead-letters", "show", "0/17");
  assert.ok(said.kind === "command" && said.name === "dead-letters");
  assert.deepEqual(said.args, { kind: "show", position: { partition: 0, offset: 17 }, raw: false });
  assert.match(helpOf("dead-letters", "redrive", "--help"), /--max-redrives N.* \[3\]/);
  assert.match(helpOf("sent", "--help"), /--recipient ADDRESS.*\n.*LOG_RECIPIENTS is about the log/s);
  assert.match(wrongUsage("dead-letters", "lsit"), /unknown command "dead-letters lsit"; did you mean list\?\nusage: /);
});
