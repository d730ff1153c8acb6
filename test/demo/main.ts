/** `npm run demo`. */

import { MissingRequirement } from "../support/java.js";
import { onStopSignals } from "../support/stop-signals.js";
import { createCleanup } from "./cleanup.js";
import { runDemo } from "./demo.js";
import { parseOptions, USAGE } from "./options.js";
import { createTerminal } from "./terminal.js";
import { languageOf, TEXTS } from "./texts.js";

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;

const parsed = parseOptions(process.argv.slice(2));
if (parsed.kind === "help") {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (parsed.kind === "wrong") {
  process.stderr.write(`demo: ${parsed.message}\n\n${USAGE}`);
  process.exit(EXIT_USAGE);
}

const interrupted = new AbortController();
const language = languageOf(process.env);
const texts = TEXTS[language];
const terminal = createTerminal(process.stdout, Date.now, texts);
const cleanup = createCleanup();
const stop = onStopSignals((signal) => interrupted.abort(new Error(`interrupted by ${signal}`)));

/** Undefined: it did not come to its end. */
let exitCode: number | undefined;
try {
  exitCode = await runDemo({
    options: parsed.options,
    language,
    texts,
    foreignBrokers: process.env["KAFKA_BROKERS"] || undefined,
    environment: process.env,
    terminal,
    isWatched: process.stdout.isTTY && !parsed.options.exit,
    cleanup,
    signal: interrupted.signal,
  });
} catch (error) {
  terminal.endLive();
  if (stop.signal) terminal.say(texts.stopping);
  else if (error instanceof MissingRequirement) process.stderr.write(`demo: ${error.message}\n`);
  else process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  for (const failure of await cleanup.run()) {
    process.stderr.write(`demo: ${failure}\n`);
    exitCode = EXIT_FAILED;
  }
}
process.exit(exitCode ?? stop.exitCode ?? EXIT_FAILED);
