#!/usr/bin/env node
/** The process of a command: its streams, its environment, its exit code. */

import { readFileSync } from "node:fs";
import { readBoundedSync } from "./bounded-file.js";
import { asksForVersion } from "./commands/asked.js";
import { type Build, EXIT, type Surroundings } from "./commands/command.js";
import { listenForStop } from "./commands/stop-signals.js";

const manifest = () =>
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
    readonly engines: { readonly node: string };
  };

const build = ({ version }: Pick<Build, "version">): Build => {
  try {
    return { version, revision: readFileSync(new URL("./revision", import.meta.url), "utf8").trim() };
  } catch {
    return { version, revision: "unknown" };
  }
};

/** `run` must not touch `process.stdout`: that would make the pipe that its log goes to non-blocking. */
const writer = (): Surroundings["out"] => {
  let isWatched = false;
  return (text) => {
    // `dead-letters list | head` closes the pipe while we write.
    if (!isWatched)
      process.stdout.on("error", ({ code }: NodeJS.ErrnoException) =>
        process.exit(code === "EPIPE" ? EXIT.ok : EXIT.fatal),
      );
    isWatched = true;
    process.stdout.write(text);
  };
};

const surroundings = (made: Build): Surroundings => ({
  env: process.env,
  readFile: (path) => readBoundedSync(path),
  build: made,
  out: writer(),
  error: (line) => void process.stderr.write(`alert-digest: ${line}\n`),
  complain: (text) => void process.stderr.write(text),
});

/** These work with any Node. */
const TELLS_ONLY: ReadonlySet<string> = new Set(["help", "version"]);

const main = async (): Promise<void> => {
  const argv = process.argv.slice(2);
  listenForStop(argv);
  if (asksForVersion(argv)) {
    writer()(`${manifest().version}\n`);
    return;
  }
  const { parseCommandLine } = await import("./commands/parse.js");
  const parsed = parseCommandLine(argv, Date.now());
  switch (parsed.kind) {
    case "help":
      process.stdout.write(parsed.text);
      return;
    case "usage-error":
      process.stderr.write(parsed.text);
      process.exitCode = EXIT.usage;
      return;
    case "command": {
      const { nodeTooOld } = await import("./node-version.js");
      const { version, engines } = manifest();
      const tooOld = TELLS_ONLY.has(parsed.name) ? undefined : nodeTooOld(process.versions.node, engines.node);
      if (tooOld !== undefined) {
        process.stderr.write(`alert-digest: ${tooOld}\n`);
        process.exitCode = EXIT.fatal;
        return;
      }
      const code = await parsed.execute(surroundings(build({ version })));
      if (code !== undefined) process.exitCode = code;
    }
  }
};

/** KafkaJS sets timers that lie in the past; Node 24 warns of the first one, on a stderr that is read by people and scripts. All other warnings stay. */
const ignoreTimersInThePast = (): void => {
  const printers = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "TimeoutNegativeWarning") for (const print of printers) print(warning);
  });
};

ignoreTimersInThePast();
void main();
