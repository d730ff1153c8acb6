/** What `npm run chaos`, `npm run outage` and `npm run soak` have in common: wrong usage, signals, and cleaning up whatever happens. */

import { type Cleanup, createCleanup } from "../demo/cleanup.js";
import { MissingRequirement } from "./java.js";
import { onStopSignals } from "./stop-signals.js";
import type { Parsed } from "./tool-options.js";

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;

export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Ends the process: with what `run` resolves to, 1 when it rejects, 64 for wrong usage, 128 + n after a signal; cleaned up in each case. */
export async function runCommand<Options>(command: {
  readonly name: string;
  readonly usage: string;
  readonly parsed: Parsed<Options>;
  readonly run: (options: Options, signal: AbortSignal, cleanup: Cleanup) => Promise<number>;
}): Promise<never> {
  const { name, usage, parsed } = command;
  if (parsed.kind === "help") {
    process.stdout.write(usage);
    process.exit(0);
  }
  if (parsed.kind === "wrong") {
    process.stderr.write(`${name}: ${parsed.message}\n\n${usage}`);
    process.exit(EXIT_USAGE);
  }

  const interrupted = new AbortController();
  const cleanup = createCleanup();
  const stop = onStopSignals((signal) => interrupted.abort(new Error(`interrupted by ${signal}`)));

  let exitCode: number = EXIT_FAILED;
  try {
    exitCode = await command.run(parsed.options, interrupted.signal, cleanup);
  } catch (error) {
    if (stop.signal) say(`stopping (${stop.signal}); again to leave at once`);
    else if (error instanceof MissingRequirement) say(`${name}: ${error.message}`);
    else say(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    for (const failure of await cleanup.run()) say(`${name}: ${failure}`);
  }
  process.exit(stop.exitCode ?? exitCode);
}
