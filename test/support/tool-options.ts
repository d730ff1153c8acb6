/** The command lines of the tools: tables of options, read as those of the product's commands are. */

import { type OptionTable, readOptions, UsageError, type Values } from "#src/commands/options.js";
import { parsed, type ValueParser, wrong } from "#src/config/values.js";

export type Parsed<Options> =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** `of` makes of the values what the tool works with; it may throw a `UsageError`, too. */
export const parseTool = <T extends OptionTable, Options>(
  name: string,
  table: T,
  argv: readonly string[],
  of: (values: Values<T>) => Options,
): Parsed<Options> => {
  if (argv.includes("--help") || argv.includes("-h")) return { kind: "help" };
  try {
    return { kind: "run", options: of(readOptions(name, table, argv)) };
  } catch (error) {
    // The tool's name stands before every line that it writes.
    if (error instanceof UsageError) return { kind: "wrong", message: error.message.replace(`${name}: `, "") };
    throw error;
  }
};

export const whole = (lowest: number, highest: number): ValueParser<number> => {
  const any = number(lowest, highest);
  return {
    expected: `a whole number from ${lowest} to ${highest}`,
    parse: (text) => (/^\d+$/.test(text) ? any.parse(text) : wrong("it is not whole")),
  };
};

export const number = (lowest: number, highest: number): ValueParser<number> => ({
  expected: `a number from ${lowest} to ${highest}`,
  parse(text) {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    return value >= lowest && value <= highest ? parsed(value) : wrong("it is out of bounds");
  },
});

/** Several of `all`, comma separated. */
export const someOf = <T extends string>(all: readonly T[]): ValueParser<readonly T[]> => ({
  expected: `some of ${all.join(",")}`,
  parse(text) {
    const names = text.split(",");
    return names.every((name) => all.includes(name as T)) ? parsed(names as T[]) : wrong("one is unknown");
  },
});
