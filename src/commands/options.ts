/** A table of options: what a command line may say, what it means, and the lines of the help. `util.parseArgs` does the parsing. */

import { parseArgs } from "node:util";
import { nearest } from "../config/unknown-names.js";
import { duration, type Parsed, parsed, type ValueParser, wrong } from "../config/values.js";

/** The command line is wrong; the message says what is wrong and what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const fail = (problem: string): never => {
  throw new UsageError(problem);
};

export interface Option<V = unknown> {
  readonly says: string;
  /** As the help calls its value; undefined: it is a flag and takes none. */
  readonly value: string | undefined;
  /** What applies without it, for the help. */
  readonly default?: string | undefined;
  readonly isNeeded?: true;
  readonly isRepeated?: true;
  /** Its value, of what was written: nothing, one text, or as many as there may be. */
  take(texts: readonly string[], name: string): V;
}

export type OptionTable = Readonly<Record<string, Option>>;
export type Values<T extends OptionTable> = { readonly [N in keyof T]: T[N] extends Option<infer V> ? V : never };

export const flag = (says: string): Option<boolean> => ({ says, value: undefined, take: (texts) => texts.length > 0 });

export const option = <V>(value: string, parser: ValueParser<V>, says: string): Option<V | undefined> => ({
  says,
  value,
  take: ([text], name) => (text === undefined ? undefined : readText(parser, text, name)),
});

/** `usual` is written as a user would write it. */
export const withDefault = <V>(value: string, parser: ValueParser<V>, usual: string, says: string): Option<V> => ({
  says,
  value,
  default: usual,
  take: ([text = usual], name) => readText(parser, text, name),
});

export const needed = <V>(value: string, parser: ValueParser<V>, says: string): Option<V> => ({
  says,
  value,
  isNeeded: true,
  take: ([text = ""], name) => readText(parser, text, name),
});

export const repeated = <V>(value: string, parser: ValueParser<V>, says: string): Option<readonly V[]> => ({
  says,
  value,
  isRepeated: true,
  take: (texts, name) => texts.map((text) => readText(parser, text, name)),
});

const readText = <V>(parser: ValueParser<V>, text: string, name: string): V => {
  const result = parser.parse(text);
  return result.ok ? result.value : fail(`--${name} ${quoted(text)}: expected ${parser.expected}`);
};

/** Every text is right. */
export const anyText: ValueParser<string> = { expected: "a text", parse: parsed<string> };

/** `argv` after the name of `command`, which stands in what is said of mistakes. */
export const readOptions = <T extends OptionTable>(command: string, table: T, argv: readonly string[]): Values<T> =>
  readOptionsAndArguments(command, table, argv, 0).options;

/** At most `argumentsMax` words stand between the options. */
export const readOptionsAndArguments = <T extends OptionTable>(
  command: string,
  table: T,
  argv: readonly string[],
  argumentsMax = Number.POSITIVE_INFINITY,
): { readonly options: Values<T>; readonly positionals: readonly string[] } => {
  const config = Object.fromEntries(
    Object.entries(table).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...argv], options: config, strict: false, tokens: true });
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") {
      positionals.push(token.value);
      if (positionals.length > argumentsMax)
        fail(
          `${command} takes no ${argumentsMax === 0 ? "" : "further "}argument, but ${quoted(token.value)} was given`,
        );
    }
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const known = Object.hasOwn(table, name) ? table[name] : undefined;
    if (known === undefined) return fail(`${command}: unknown option ${quoted(rawName)}${adviceFor(rawName, table)}`);
    if (given.has(name) && !known.isRepeated) fail(`${rawName} is given twice`);
    if (known.value === undefined) {
      if (value !== undefined) fail(`${rawName} takes no value`);
      // `--device --json`: the next option is not this one's value; `--device=--json` says that it is. `-` is standard input.
    } else if (!value || (!inlineValue && value.startsWith("-") && value !== "-")) fail(`${rawName} needs a value`);
    given.set(name, [...(given.get(name) ?? []), value ?? ""]);
  }
  const options = Object.fromEntries(
    Object.entries(table).map(([name, one]) => {
      if (one.isNeeded && !given.has(name)) fail(`${command} needs --${name}`);
      return [name, one.take(given.get(name) ?? [], name)];
    }),
  );
  return { options: options as Values<T>, positionals };
};

const adviceFor = (written: string, table: OptionTable): string => {
  const names = Object.keys(table).map((name) => `--${name}`);
  return names.length === 0 ? "; settings are environment variables" : didYouMean(written, names);
};

/** What to add to "unknown …": the name that was hardly missed, or nothing. */
export const didYouMean = (written: string, names: readonly string[]): string => {
  const near = nearest(written.slice(0, 64), names);
  return near.distance <= 2 ? `; did you mean ${near.name}?` : "";
};

/** The first word of `argv`, which must be one of `names`, and what follows it. */
export const subcommand = <N extends string>(
  command: string,
  names: readonly N[],
  [first, ...rest]: readonly string[],
): readonly [N, readonly string[]] => {
  if (first === undefined) {
    const last = names.at(-1);
    return fail(`${command}: ${names.slice(0, -1).join(", ")} or ${last} is missing`);
  }
  const name = names.find((one) => one === first);
  return name === undefined
    ? fail(`unknown command ${quoted(`${command} ${first}`)}${didYouMean(first, names)}`)
    : [name, rest];
};

/** A point in time as it was written: an age, a day or an instant. */
export interface Moment {
  readonly text: string;
  /** Milliseconds since the epoch; an age is counted from `nowMs`. */
  at(nowMs: number): number;
}

const AGO = duration("0ms", "999999h");
/** RFC 3339: a date (its first instant in UTC), or date and time with their offset from UTC. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

export const moment: ValueParser<Moment> = {
  expected: "30m, 2h or 7d (ago), 2026-11-21, or 2026-11-21T08:30:00Z",
  parse(text): Parsed<Moment> {
    const days = /^(\d{1,6})d$/.exec(text)?.[1];
    const ago = AGO.parse(days === undefined ? text : `${Number(days) * 24}h`);
    if (ago.ok) return parsed({ text, at: (nowMs) => nowMs - ago.value });
    const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(instant) ? wrong(`${quoted(text)} is no time`) : parsed({ text, at: () => instant });
  },
};

/** From `since`, inclusive, to `until`, exclusive; undefined: not bounded. Milliseconds since the epoch. */
export const timeSpan = (
  { since, until }: { readonly since: Moment | undefined; readonly until: Moment | undefined },
  nowMs: number,
): { readonly sinceMs: number | undefined; readonly untilMs: number | undefined } => {
  const [sinceMs, untilMs] = [since?.at(nowMs), until?.at(nowMs)];
  if (since !== undefined && until !== undefined && since.at(nowMs) >= until.at(nowMs))
    fail(`--since ${quoted(since.text)} is not before --until ${quoted(until.text)}: nothing lies between them`);
  return { sinceMs, untilMs };
};

export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** Of the lines of a help. */
const WIDTH = 120;

/** `usage: alert-digest NAME [--option VALUE] …`, in lines that fit a terminal. */
export const usageOf = (start: string, table: OptionTable, last = ""): string => {
  const words = Object.entries(table).map(([name, one]) => {
    const written = `--${name}${one.value === undefined ? "" : ` ${one.value}`}`;
    return `${one.isNeeded ? written : `[${written}]`}${one.isRepeated ? "..." : ""}`;
  });
  return wrapped([...words, ...(last === "" ? [] : [last])], `${start} `, start.length + 1);
};

/** A line for each option, its explanation in a column. */
export const optionLines = (table: OptionTable): string =>
  columns(
    Object.entries(table).map(([name, one]) => [
      `--${name}${one.value === undefined ? "" : ` ${one.value}`}`,
      `${one.says}${one.default === undefined ? "" : ` [${one.default}]`}`,
    ]),
  );

/** Two columns; the right one is wrapped. Without a line break at the end. */
export const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => wrapped(right.split(" "), `  ${left.padEnd(width)}  `, width + 4)).join("\n");
};

/** In lines that fit a terminal. Without a line break at the end. */
export const paragraph = (text: string): string => wrapped(text.split(" "), "", 0);

const wrapped = (words: readonly string[], start: string, indent: number): string => {
  const lines = [start];
  for (const word of words) {
    const line = lines.at(-1) ?? "";
    const isFirst = line.length === indent;
    if (!isFirst && line.length + 1 + word.length > WIDTH) lines.push(" ".repeat(indent) + word);
    else lines[lines.length - 1] = isFirst ? line + word : `${line} ${word}`;
  }
  return lines.join("\n").trimEnd();
};
