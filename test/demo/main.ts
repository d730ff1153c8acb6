/** `npm run demo`. */

import { MissingRequirement } from "../support/java.js";
import { onStopSignals } from "../support/stop-signals.js";
import { createCleanup } from "./cleanup.js";
import { runDemo } from "./demo.js";
import { parseOptions, USAGE } from "./options.js";
import { createTerminal } from "./terminal.js";

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
const terminal = createTerminal(process.stdout, Date.now);
const cleanup = createCleanup();
const stop = onStopSignals((signal) => interrupted.abort(new Error(`interrupted by ${signal}`)));

let exitCode = EXIT_FAILED;
try {
  exitCode = await runDemo({
    options: parsed.options,
    foreignBrokers: process.env["KAFKA_BROKERS"] || undefined,
    environment: process.env,
    terminal,
    cleanup,
    signal: interrupted.signal,
  });
} catch (error) {
  terminal.endLive();
  if (stop.signal) terminal.say(`stopping (${stop.signal}); again to leave at once`);
  else if (error instanceof MissingRequirement) process.stderr.write(`demo: ${error.message}\n`);
  else process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  for (const failure of await cleanup.run()) {
    process.stderr.write(`demo: ${failure}\n`);
    exitCode = EXIT_FAILED;
  }
}
process.exit(stop.exitCode ?? exitCode);
