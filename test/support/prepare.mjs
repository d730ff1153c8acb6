/**
 * Makes a clone ready: dependencies installed, product and tests built. Says nothing when nothing is to do.
 *
 *     node test/support/prepare.mjs [script [arguments]]
 *     node test/support/prepare.mjs --install      the dependencies only: for what has to run where the build fails
 *
 * Plain JavaScript without dependencies, because it runs before there are any. The script is then imported into this same
 * process, so that a signal sent to `npm run …` reaches it and is not lost in a shell between the two.
 */

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DIST, inlineIn } from "../../tools/inline-numbers.mjs";
import { missingOutputs, removeOrphans } from "./compiled.mjs";
import { acquireLock } from "./lock.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const KILL_AFTER_MS = 1_000;
const PARENT_WATCH_MS = 200;
const OUTPUT_LINES_ON_FAILURE = 60;

let child;
let interrupted;

const read = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8"));
  } catch {
    return undefined;
  }
};

/** npm notes in node_modules/.package-lock.json what it installed; optional packages of other platforms are not there. */
const installed = () => {
  const wanted = read("package-lock.json")?.packages;
  const present = read("node_modules/.package-lock.json")?.packages;
  if (!wanted || !present) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = present[path];
    if (found ? found.version !== entry.version || found.integrity !== entry.integrity : !entry.optional) return false;
    if (found && !existsSync(join(root, path))) return false;
  }
  return Object.keys(present).every((path) => path in wanted);
};

/** Resolves with the exit code and everything that was printed; the child's own output is shown only when it fails. */
const execute = (args, env = process.env) =>
  new Promise((done) => {
    const output = [];
    child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => done({ code: 1, output: error.message }));
    child.on("close", (code) => {
      child = undefined;
      done({ code: code ?? 1, output: Buffer.concat(output).toString("utf8") });
    });
  });

class Failure extends Error {}

/** As `src/node-version.ts`, which is not built yet. */
const checkNode = () => {
  const needed = read("package.json")?.engines.node.replace(">=", "") ?? "";
  const [[major, minor], [neededMajor, neededMinor]] = [process.versions.node, needed].map((text) =>
    text.split(".").map(Number),
  );
  if (major < neededMajor || (major === neededMajor && minor < neededMinor))
    throw new Failure(`this is Node ${process.versions.node}, and ${needed} or newer is needed`);
};

const check = async (what, args, env) => {
  const { code, output } = await execute(args, env);
  if (interrupted) throw new Failure(`interrupted (${interrupted})`);
  if (code === 0) return;
  process.stderr.write(`${output.trimEnd().split("\n").slice(-OUTPUT_LINES_ON_FAILURE).join("\n")}\n`);
  throw new Failure(`${what} failed, exit code ${code}`);
};

/** npm itself as a script: started without a shell it can be stopped. */
const npm = () => {
  const beside = resolve(process.execPath, "../../lib/node_modules/npm/bin/npm-cli.js");
  for (const candidate of [process.env.npm_execpath, beside]) {
    if (candidate && /\.c?js$/.test(candidate) && existsSync(candidate)) return candidate;
  }
  throw new Failure("npm was not found; run this through npm (npm test, npm run demo)");
};

const install = async () => {
  process.stderr.write("installing dependencies (npm ci)\n");
  const args = [npm(), "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // A `--prefix` or workspace of the calling npm must not lead this one elsewhere, nor its `--dry-run` make it do nothing.
  const env = {
    ...process.env,
    npm_config_prefix: undefined,
    npm_config_local_prefix: undefined,
    npm_config_dry_run: undefined,
  };
  await check("npm ci", args, env);
};

const build = async () => {
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-b", "test"];
  removeOrphans(root);
  await check("the build (tsc -b test)", tsc);
  // The incremental build trusts its notes even when the output was deleted.
  if (missingOutputs(root).length > 0) await check("the build (tsc -b test --force)", [...tsc, "--force"]);
  inlineIn(DIST);
  await import("../../tools/copy-page.mjs");
};

const interrupt = (signal) => {
  interrupted ??= signal;
  child?.kill(signal);
  // npm first finishes what it began; half an installation is done again anyway.
  setTimeout(() => child?.kill("SIGKILL"), KILL_AFTER_MS).unref();
};

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
for (const signal of SIGNALS) process.on(signal, interrupt);

/** Killed, npm can't pass anything on; that it is gone is then the signal. On watch while the script runs, too. */
const watchParent = () => {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, PARENT_WATCH_MS);
  watch.unref();
};
if (process.env.npm_lifecycle_event) watchParent();

const installOnly = process.argv[2] === "--install";
let release = () => {};
try {
  checkNode();
  release = await acquireLock(root, () => interrupted !== undefined);
  if (!interrupted && !installed()) await install();
  if (!interrupted && !installOnly) await build();
} catch (error) {
  if (!interrupted) process.stderr.write(`prepare: ${error instanceof Failure ? error.message : error.stack}\n`);
  process.exitCode = 1;
} finally {
  release();
}

if (interrupted) process.exit(interrupted === "SIGINT" ? 130 : 143);
for (const signal of SIGNALS) process.off(signal, interrupt);

const [script] = process.argv.splice(2, 1);
if (script !== undefined && !installOnly && !process.exitCode) {
  process.argv[1] = resolve(root, script);
  await import(pathToFileURL(process.argv[1]).href);
}
