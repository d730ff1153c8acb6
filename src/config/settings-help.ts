/** The variables as `--help` lists them. */

import type { Reader, Variable } from "./variable.js";
import { isReadBy, VARIABLES } from "./variables.js";

/** Those that a command reads; of no command: all. */
export const settingsHelp = (reader?: Reader): string => {
  const read = VARIABLES.filter((variable) => reader === undefined || isReadBy(variable, reader));
  const width = Math.max(...read.map(({ name }) => name.length));
  const secrets = read.filter(({ secrecy }) => secrecy !== undefined).map(({ name }) => name);
  return `Settings are environment variables (default in brackets):

${read.map((variable) => `  ${variable.name.padEnd(width)}  ${inOneLine(variable)}`).join("\n")}

Durations are written 250ms 30s 15m 4h, sizes 512KB 256MB. Can be read from a file instead, as in
NAME_FILE=/run/secrets/name:
  ${secrets.join("\n  ")}`;
};

const inOneLine = ({ says, parser: { words = [] }, required, default: usual, unset }: Variable): string => {
  const what = words.length === 0 ? says : `${says}: ${words.join(", ")}`;
  const without = required ? "required" : (usual ?? unset);
  return without === undefined ? what : `${what} [${without}]`;
};

/** The names of what a command reads; `KAFKA_*` where it reads all variables that begin so. */
export const namesReadBy = (reader: Reader): readonly string[] => {
  const names = VARIABLES.filter((variable) => isReadBy(variable, reader)).map(({ name }) => name);
  const short = names.map((name) => {
    const prefix = name.slice(0, name.indexOf("_") + 1);
    const all = VARIABLES.filter((variable) => variable.name.startsWith(prefix));
    return all.length > 1 && all.every((variable) => names.includes(variable.name)) ? `${prefix}*` : name;
  });
  return [...new Set(short)];
};
