import { readFile } from "node:fs/promises";

/** The last lines of a text file, each ended by a line feed; empty when there is no such file. */
export async function readTail(file: string, lines: number): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .slice(-lines)
    .map((line) => `${line}\n`)
    .join("");
}
