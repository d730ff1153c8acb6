import { printable, printableBytes } from "../printable.js";
import type { Journal } from "./journal.js";
import { type Letter, nameOf } from "./letter.js";
import { listed } from "./list.js";

/** Headers, then the content: a window's document laid out, a record's bytes on one line; nothing a terminal would obey. */
export const shown = (letter: Letter, journal: Journal): string => {
  const redriven = journal.redrivenAt(letter, listed(letter).alerts);
  const width = Math.max(...[...letter.headers.keys(), "position"].map((name) => name.length));
  const line = (name: string, text: string): string => `${printable(name).padEnd(width)}  ${text}\n`;
  return [
    line("position", nameOf(letter)),
    line("written", new Date(letter.timestampMs).toISOString()),
    ...(redriven === undefined ? [] : [line("redriven", redriven)]),
    line("key", letter.key === null ? "(none)" : printableBytes(letter.key)),
    ...[...letter.headers].map(([name, text]) => line(name, printable(text))),
    `\n${content(letter)}\n`,
  ].join("");
};

const content = ({ kind, value }: Letter): string => {
  if (kind === "record") return printableBytes(value);
  try {
    const lines = JSON.stringify(JSON.parse(value.toString("utf8")), undefined, 2).split("\n");
    return lines.map(printable).join("\n");
  } catch {
    return printableBytes(value);
  }
};
