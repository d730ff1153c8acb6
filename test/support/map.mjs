/** `npm run map [-- folder]`: every source file with the first sentence of its comment. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../src/", import.meta.url));

/** Of the first comment that belongs to the file or to something at its top level; "" where there is none. */
const firstSentence = (text) => {
  const [, comment = ""] = /^\/\*\*(.*?)\*\//ms.exec(text) ?? [];
  const words = comment.replace(/\s*\n\s*\*\s*/g, " ").trim();
  return /^.*?\.(?= |$)/.exec(words)?.[0] ?? words;
};

const [folder = ""] = process.argv.slice(2);
const files = readdirSync(source, { recursive: true })
  .map((name) => String(name).replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts") && name.startsWith(folder))
  .sort();
const width = Math.max(0, ...files.map((name) => name.length));
for (const name of files)
  process.stdout.write(`${name.padEnd(width)}  ${firstSentence(readFileSync(source + name, "utf8"))}\n`);
