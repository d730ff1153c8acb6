/** `npm run abuse`. */

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "../demo/cleanup.js";
import { runCommand, say } from "../support/command.js";
import { withSection } from "../support/page-section.js";
import { type AbuseOptions, parseOptions, USAGE } from "./options.js";
import { runAbuse } from "./run.js";
import { missedGoals, table } from "./table.js";

const EXIT_FAILED = 1;
const PAGE = fileURLToPath(new URL("../../docs/abuse.md", import.meta.url));

async function run(options: AbuseOptions, signal: AbortSignal, cleanup: Cleanup): Promise<number> {
  const result = await runAbuse(options, { signal, cleanup, say });
  const section = table(result);
  process.stdout.write(section);
  const missed = missedGoals(result, options.bounds);
  for (const line of missed) say(`MISSED: ${line}`);
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify({ ...result, missed }, null, 2)}\n`);
  if (options.write) {
    const text = withSection("abuse", await readFile(PAGE, "utf8"), section);
    if (text === undefined) throw new Error("docs/abuse.md has no place for the table");
    await writeFile(PAGE, text);
  }
  return missed.length > 0 ? EXIT_FAILED : 0;
}

await runCommand({ name: "abuse", usage: USAGE, parsed: parseOptions(process.argv.slice(2)), run });
