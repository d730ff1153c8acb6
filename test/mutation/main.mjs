/**
 * Mutation testing with StrykerJS, of src/core, or of what `--mutate` names in src/core and src/runtime: `npm run mutation -- [options of "stryker run"]`.
 *
 *     npm run mutation -- --mutate src/core/watermark.ts
 *     npm run mutation -- --mutate src/runtime/conclusion.ts,src/runtime/mail-server.ts
 *
 * StrykerJS brings 166 packages that nothing else needs: they are installed into `.mutation` by the first run, as `tool/package-lock.json`
 * says, and not with the development dependencies.
 */

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const wanted = fileURLToPath(new URL("tool", import.meta.url));
const tool = join(root, ".mutation/tool");
const LOCK = "package-lock.json";

const isInstalled = () =>
  existsSync(join(tool, "node_modules/.package-lock.json")) &&
  readFileSync(join(tool, LOCK)).equals(readFileSync(join(wanted, LOCK)));

if (!isInstalled()) {
  process.stderr.write("installing StrykerJS into .mutation (npm ci)\n");
  mkdirSync(tool, { recursive: true });
  for (const file of ["package.json", LOCK]) copyFileSync(join(wanted, file), join(tool, file));
  const npm =
    process.env.npm_execpath ??
    fileURLToPath(new URL("../lib/node_modules/npm/bin/npm-cli.js", pathToFileURL(process.execPath)));
  const args = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const env = { ...process.env, npm_config_prefix: undefined, npm_config_local_prefix: undefined };
  execFileSync(process.execPath, args, { cwd: tool, env, stdio: ["ignore", "inherit", "inherit"] });
}

// In this same process: a signal sent to `npm run …` reaches it, and it ends its workers.
process.chdir(root);
// Of both folders, since the runtime's tests pass through the core.
const at = process.argv.indexOf("--mutate");
const mutated = at < 0 ? "" : (process.argv[at + 1] ?? "");
process.env.MUTATION_TESTS = mutated.includes("src/runtime") ? "core,runtime" : "core";
// What an interrupted run left.
rmSync(".mutation/sandbox", { recursive: true, force: true });
process.argv.splice(2, 0, "run", "test/mutation/stryker.config.json");
await import(pathToFileURL(join(tool, "node_modules/@stryker-mutator/core/bin/stryker.js")).href);
