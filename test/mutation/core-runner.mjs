/**
 * StrykerJS runs the tests of the core, and of the runtime, through this: all in one process, where a mutant costs milliseconds and not a process for
 * each test file. It works because they wait for nothing but virtual clocks, and keep no state between them.
 */

import { existsSync, readdirSync } from "node:fs";
import { register } from "node:module";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { runInThisContext } from "node:vm";
import { takeTests } from "./node-test.mjs";

/** Of `dist-test/unit` and `dist-test/volume`, as `main.mjs` found out what is mutated. */
const FOLDERS = (process.env["MUTATION_TESTS"] ?? "core").split(",");
/** Properties: the same cases for every mutant, and fewer of them. */
const SEED = "1";
const RUNS_FACTOR = "0.2";
/** StrykerJS takes a mutant for an endless loop when it is passed 100 times as often as without it. Seeded tests need no such margin. */
const HIT_LIMIT_FACTOR = 0.1;
/** A test that takes longer than this, and so many times as long as without a mutant, hangs. */
const HANG_MS = 1_500;
const FIRST_RUN_MS = 60_000;
const HANG_FACTOR = 5;
const isHanging = (error) => error?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
const hangs = () => Object.assign(new Error("the test waits for ever"), { code: "ERR_SCRIPT_EXECUTION_TIMEOUT" });

// StrykerJS's numbers (TestStatus).
const PASSED = 0;
const FAILED = 1;

/** What the mutated code reads and writes. */
const instrumenter = () => {
  globalThis.__stryker__ ??= {};
  return globalThis.__stryker__;
};

class CoreRunner {
  #tests = [];
  #generation = 0;
  /** The modules are not as they were loaded, or were loaded with a mutant in them. */
  #spoiled = true;
  /** What each test takes without a mutant: the quick ones go first. */
  #millis = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    Object.assign(process.env, { SEED, RUNS_FACTOR });
    register("./hooks.mjs", import.meta.url);
    // What a test that failed left under way fails by itself.
    process.on("unhandledRejection", () => undefined);
    // A shorter counterexample of a mutant is of no use to anybody.
    const { default: fc } = await import("fast-check");
    fc.configureGlobal({ endOnFailure: true });
    // Here, where no time limit of StrykerJS runs.
    await this.#measure();
  }

  async dryRun() {
    const stryker = instrumenter();
    stryker.activeMutant = undefined;
    stryker.mutantCoverage = undefined;
    await this.#load();
    const tests = [];
    for (const test of this.#tests) {
      stryker.currentTestId = test.id;
      const started = performance.now();
      // Nothing is mutated yet, so nothing hangs; what counts the mutants that it enters makes a test several times slower.
      const error = await this.#run(test, FIRST_RUN_MS);
      const timeSpentMs = performance.now() - started;
      const { id, name, fileName } = test;
      tests.push(
        error === undefined
          ? { id, name, fileName, timeSpentMs, status: PASSED }
          : { id, name, fileName, timeSpentMs, status: FAILED, failureMessage: String(error?.stack ?? error) },
      );
    }
    stryker.currentTestId = undefined;
    return { status: "complete", tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, reloadEnvironment }) {
    const stryker = instrumenter();
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    stryker.hitLimit = hitLimit === undefined ? undefined : hitLimit * HIT_LIMIT_FACTOR;
    const isStatic = mutantActivation === "static";
    stryker.activeMutant = isStatic ? activeMutant.id : undefined;
    try {
      if (reloadEnvironment || this.#spoiled) await this.#load();
    } catch (error) {
      // A module that does not even load with the mutant.
      return { status: "killed", killedBy: [], failureMessage: String(error?.message ?? error), nrOfTests: 0 };
    }
    this.#spoiled = isStatic;
    stryker.activeMutant = activeMutant.id;
    const tests = this.#tests
      .filter(({ id }) => testFilter === undefined || testFilter.includes(id))
      .sort((a, b) => (this.#millis.get(a.id) ?? 0) - (this.#millis.get(b.id) ?? 0));
    for (const [index, test] of tests.entries()) {
      const error = await this.#run(test);
      if (isHanging(error) || stryker.hitCount > stryker.hitLimit) {
        await this.#leaveClean(test);
        return { status: "timeout", reason: `hangs in: ${test.name}` };
      }
      if (error === undefined) continue;
      await this.#leaveClean(test);
      const failureMessage = String(error?.message ?? error);
      return { status: "killed", killedBy: [test.id], failureMessage, nrOfTests: index + 1 };
    }
    return { status: "survived", nrOfTests: tests.length };
  }

  /** A mutant may have spoiled what modules share (a constant array): a test that it failed must pass again without it. */
  async #leaveClean(test) {
    const stryker = instrumenter();
    stryker.activeMutant = undefined;
    stryker.hitLimit = undefined;
    if ((await this.#run(test)) !== undefined) this.#spoiled = true;
  }

  async #measure() {
    await this.#load();
    for (const test of this.#tests) {
      const started = performance.now();
      await this.#run(test);
      this.#millis.set(test.id, performance.now() - started);
    }
  }

  #hangsAfterMs({ id }) {
    const millis = this.#millis.get(id);
    return Math.ceil(millis === undefined ? FIRST_RUN_MS : HANG_MS + HANG_FACTOR * millis);
  }

  /** What it throws, or its promise rejects with. Run through `node:vm` for its time limit, which ends an endless loop too. */
  async #run(test, timeout = this.#hangsAfterMs(test)) {
    globalThis.runTest = test.run;
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(hangs()), timeout);
    });
    try {
      await Promise.race([runInThisContext("runTest()", { timeout }), late]);
    } catch (error) {
      return error ?? new Error("a test threw nothing");
    } finally {
      clearTimeout(timer);
    }
    return undefined;
  }

  async #load() {
    this.#generation++;
    // Until all is loaded.
    this.#spoiled = true;
    this.#tests = [];
    takeTests();
    const files = ["unit", "volume"]
      .flatMap((suite) => FOLDERS.map((folder) => join(suite, folder)))
      .filter((folder) => existsSync(join("dist-test", folder)))
      .flatMap((folder) => readdirSync(join("dist-test", folder)).map((file) => join(folder, file)))
      .filter((file) => file.endsWith(".test.js"));
    for (const file of files.sort()) {
      const fileName = resolve("dist-test", file);
      await import(`${pathToFileURL(fileName).href}?generation=${this.#generation}`);
      const source = relative("dist-test", fileName).replace(/\.js$/, ".ts");
      for (const { name, run } of takeTests())
        this.#tests.push({ id: `${file}: ${name}`, name, run, fileName: join("test", source) });
    }
    this.#spoiled = false;
  }
}

export const strykerPlugins = [{ kind: "TestRunner", name: "core", injectableClass: CoreRunner }];
