/** Options of a command line, as data. */

import { parseArgs } from "node:util";
import { duration } from "../config/values.js";

/** By name, without dashes; a flag has "". */
export type Options = ReadonlyMap<string, string>;

class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Ends the `parse` of `parsed` with a problem. */
export const fail = (problem: string): never => {
  throw new UsageError(problem);
};

/** What `parse` returns, or the problem it ended with. */
export const parsed = <T>(
  parse: () => T,
): { readonly ok: true; readonly command: T } | { readonly ok: false; readonly problem: string } => {
  try {
    return { ok: true, command: parse() };
  } catch (error) {
    if (error instanceof UsageError) return { ok: false, problem: error.message };
    throw error;
  }
};

/** `known`: the options that `command` has; those of `texts` take a value, the others are flags. */
export const splitOptions = (
  command: string,
  argv: readonly string[],
  { known, texts }: { readonly known: readonly string[]; readonly texts: readonly string[] },
): { options: Options; positionals: string[] } => {
  const config = Object.fromEntries(
    known.map((option) => [option, { type: texts.includes(option) ? ("string" as const) : ("boolean" as const) }]),
  );
  const { tokens } = parseArgs({ args: [...argv], options: config, strict: false, tokens: true });
  const options = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (!known.includes(token.name)) fail(`${command}: unknown option ${quoted(token.rawName)}`);
    if (options.has(token.name)) fail(`${token.rawName} is given twice`);
    if (texts.includes(token.name)) {
      // `--device --json`: the next option is not this one's value; `--device=--json` says that it is.
      if (!token.value || (!token.inlineValue && token.value.startsWith("-"))) fail(`${token.rawName} needs a value`);
    } else if (token.value !== undefined) fail(`${token.rawName} takes no value`);
    options.set(token.name, token.value ?? "");
  }
  return { options, positionals };
};

export const oneOf = <T extends string>(options: Options, name: string, values: readonly T[]): T | undefined => {
  const text = options.get(name);
  if (text === undefined) return undefined;
  return (
    values.find((value) => value === text) ?? fail(`--${name} ${quoted(text)}: expected one of ${values.join(", ")}`)
  );
};

export const whole = (options: Options, name: string, min: number, max: number): number | undefined => {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : fail(`--${name} ${quoted(text)}: expected a whole number from ${min}`);
};

const AGO = duration("0ms", "999999h");
/** RFC 3339: a date (its first instant in UTC), or date and time with their offset from UTC. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** From `--since`, inclusive, to `--until`, exclusive; undefined: not bounded. Milliseconds since the epoch. */
export const timeSpan = (
  options: Options,
  nowMs: number,
): { readonly sinceMs: number | undefined; readonly untilMs: number | undefined } => {
  const sinceMs = time(options, "since", nowMs);
  const untilMs = time(options, "until", nowMs);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs)
    fail(
      `--since ${quoted(options.get("since") ?? "")} is not before --until ${quoted(options.get("until") ?? "")}: nothing lies between them`,
    );
  return { sinceMs, untilMs };
};

const time = (options: Options, name: string, nowMs: number): number | undefined => {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const days = /^(\d{1,6})d$/.exec(text)?.[1];
  const ago = AGO.parse(days === undefined ? text : `${Number(days) * 24}h`);
  if (ago.ok) return nowMs - ago.value;
  const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant))
    fail(`--${name} ${quoted(text)}: expected 30m, 2h or 7d (ago), 2026-11-21, or 2026-11-21T08:30:00Z`);
  return instant;
};

export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
