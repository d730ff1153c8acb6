/**
 * Runs the compiled tests of the named suites, tells again at the end what failed, under the line `== failed`, and prints
 * `N passed, N failed` as its last line.
 *
 *     node test/support/run-tests.mjs unit volume simulation browser integration long [part of a file name ...]
 *
 * Unit, volume and simulation files run together, simulations each in a process of its own, the others in as many as there are cores:
 * a unit test leaves nothing behind in its process, and does not end it. Browser files after them, in a Chromium that is installed where there is none
 * (or the one in CHROMIUM); integration files and long ones last, against one broker that is started for all
 * (or the one in KAFKA_BROKERS). Where no broker can be had, they fail and say what to install.
 */

import { once, setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { testFileOf, writeBatches } from "./batches.mjs";
import { testFiles } from "./compiled.mjs";
import { longestFirst } from "./longest-first.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const SUITES = ["unit", "volume", "simulation", "browser", "integration", "long"];
/** Of a process with up to half of all unit files: for what hangs, not for a machine that is busy with other things. */
const FAST_TIMEOUT_MS = 20 * 60_000;
const INTEGRATION_TIMEOUT_MS = 20 * 60_000;
const FAILURE_LINES = 40;

/** What a developer waits for makes a fifth of the worlds and runs of properties; with the long tests, in CI, it is all of them. */
const QUICK_RUNS_FACTOR = "0.2";

const suites = process.argv.slice(2).filter((arg) => SUITES.includes(arg));
const parts = process.argv.slice(2).filter((arg) => !SUITES.includes(arg));
const filesOf = (suite) => {
  const files = testFiles(root, suite);
  return parts.length === 0 ? files : files.filter((file) => parts.some((part) => relative(root, file).includes(part)));
};

const counts = { passed: 0, failed: 0, skipped: 0 };
/** One text each, told again at the end: the reporter's own account is thousands of lines further up. */
const failures = [];
const abort = new AbortController();
// One listener for each test file.
setMaxListeners(0, abort.signal);
let signalled;

/** Each entry is a process of its own, a test file or a batch of them; `timeout` ends one that hangs. */
const runFiles = async (files, entries, concurrency, timeout) => {
  if (files.length === 0 || signalled) return;
  const events = run({ files: entries, concurrency, timeout, signal: abort.signal });
  const silent = new Set(files.filter((file) => !entries.includes(file)));
  const strays = [];
  events.on("test:pass", (event) => {
    const { details, skip, todo } = event;
    silent.delete(testFileOf(root, event));
    if (details.type === "suite") return;
    counts[skip !== undefined || todo !== undefined ? "skipped" : "passed"]++;
  });
  events.on("test:fail", (event) => {
    const { name, details, todo } = event;
    const file = testFileOf(root, event);
    silent.delete(file);
    if (details.type === "suite" || todo !== undefined) return;
    counts.failed++;
    const { error } = details;
    const why = (error?.cause?.stack ?? error?.cause ?? error?.message ?? error ?? "").toString().split("\n");
    // A process that fails without a test that does says why only in passing.
    if (entries.includes(name)) why.push(...strays.splice(0));
    failures.push([name, `in ${relative(root, file ?? "")}`, ...why.slice(0, FAILURE_LINES)].join("\n    "));
  });
  events.on("test:diagnostic", ({ message }) => {
    if (message.startsWith("Error: ")) strays.push(message);
  });
  const report = events.compose(spec);
  report.pipe(process.stdout, { end: false });
  await once(report, "end");
  if (silent.size === 0 || signalled) return;
  const names = [...silent].map((file) => relative(root, file)).slice(0, FAILURE_LINES);
  fail([`${silent.size} test files told nothing: their process ended before them`, ...names].join("\n    "));
};

const fail = (line) => {
  process.stderr.write(`${line}\n`);
  counts.failed++;
  failures.push(line);
};

const runFast = async (unit, simulation) => {
  const cores = availableParallelism();
  const batches = writeBatches(root, unit, cores);
  try {
    // Simulations take longest, and the last of them is busy on every core: so they come first.
    await runFiles([...simulation, ...unit], [...simulation, ...batches.entries], cores, FAST_TIMEOUT_MS);
  } finally {
    batches.remove();
  }
};

const runBrowser = async (files) => {
  if (files.length === 0 || signalled) return;
  const { findChromium } = await import("../../dist-test/support/chromium.js");
  try {
    process.env.CHROMIUM = await findChromium();
  } catch (error) {
    return fail(`browser tests: ${error.message}`);
  }
  await runFiles(files, files, availableParallelism(), FAST_TIMEOUT_MS);
};

const runIntegration = async (files) => {
  if (files.length === 0 || signalled) return;
  files.sort(longestFirst);
  // Node 22 and newer keep compiled code there: the product is started some 300 times, which takes half as long with it.
  const { compileCache } = await import("../../dist-test/support/cache.js");
  process.env.NODE_COMPILE_CACHE ??= compileCache();
  let broker;
  if (!process.env.KAFKA_BROKERS) {
    const { startKafka } = await import("../../dist-test/support/kafka.js");
    try {
      broker = await startKafka({ signal: abort.signal });
    } catch (error) {
      return fail(`integration tests: ${error.message}`);
    }
  }
  // Apart from KAFKA_BROKERS, which would also configure every product the tests start.
  process.env.TEST_KAFKA_BROKERS = broker?.brokers ?? process.env.KAFKA_BROKERS;
  try {
    // They wait for brokers, clocks and mail servers more than they compute.
    await runFiles(files, files, Math.min(3, availableParallelism() + 1), INTEGRATION_TIMEOUT_MS);
  } finally {
    await broker?.close();
  }
};

const interrupt = (signal) => {
  signalled ??= signal;
  abort.abort();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupt);

if (suites.length === 0) {
  process.stderr.write(`usage: run-tests.mjs ${SUITES.join("|")} ... [part of a file name ...]\n`);
  process.exit(64);
}

const [unit, volume, simulation, browser, integration, long] = SUITES.map((suite) =>
  suites.includes(suite) ? filesOf(suite) : [],
);
if ([unit, volume, simulation, browser, integration, long].flat().length === 0)
  fail(`no test file matches: ${process.argv.slice(2).join(" ")}`);
for (const suite of parts.length === 0 ? suites : []) {
  if (filesOf(suite).length === 0) fail(`suite ${suite} has no test files`);
}
if (!suites.includes("long")) process.env.RUNS_FACTOR ??= QUICK_RUNS_FACTOR;
await runFast([...unit, ...volume], simulation);
await runBrowser(browser);
await runIntegration([...integration, ...long]);
if (signalled) fail(`stopped by ${signalled}`);
if (failures.length > 0) process.stdout.write(`\n== failed\n${failures.join("\n")}\n\n`);
if (counts.skipped > 0) process.stdout.write(`${counts.skipped} skipped\n`);
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
