import { readFileSync } from "node:fs";
import { EXIT } from "#src/commands/command.js";
import { type ParsedLine, parseCommandLine } from "#src/commands/parse.js";
import type { CliResult } from "./run-cli.js";

/** What a command line says to `command`, or what is wrong with it. */
export const saidTo =
  <A>(command: string, nowMs: number) =>
  (line: string): { readonly ok: true; readonly command: A } | { readonly ok: false; readonly problem: string } => {
    const said: ParsedLine = parseCommandLine([command, ...line.split(" ").filter(Boolean)], nowMs);
    return said.kind === "command"
      ? { ok: true, command: said.args as A }
      : { ok: false, problem: said.text.split("\n")[0] ?? "" };
  };

/** What `cli.ts` does with a command line, without a process for it. Not for `run`, which ends its process. */
export const runHere = async (
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> => {
  const said = parseCommandLine(argv, Date.now());
  if (said.kind === "help") return { code: EXIT.ok, stdout: said.text, stderr: "" };
  if (said.kind === "usage-error") return { code: EXIT.usage, stdout: "", stderr: said.text };
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await said.execute({
    env,
    readFile: (path) => readFileSync(path, "utf8"),
    build: { version: "1.2.3", revision: "abc" },
    out: (text) => stdout.push(String(text)),
    error: (line) => stderr.push(`alert-digest: ${line}\n`),
    complain: (text) => stderr.push(text),
  });
  return { code: code ?? Number.NaN, stdout: stdout.join(""), stderr: stderr.join("") };
};
