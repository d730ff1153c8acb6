/** A command whose process stays: its signals, its log and its exit codes. */

import type { App } from "../app.js";
import { type Config, formatConfigErrors, WrongConfiguration } from "../config.js";
import type { RootLogger } from "../log.js";
import { createStopRequests } from "../runtime/stop-requests.js";
import { EXIT, type Surroundings } from "./command.js";
import { onStop } from "./stop-signals.js";

/** Goes on until a signal, or a fault that it cannot survive, ends the process. `create` is called once, with the log. */
export const serve = async (
  { build, complain }: Surroundings,
  config: Pick<Config, "log" | "secrets" | "settings" | "shutdownTimeoutMs">,
  warnings: readonly string[],
  create: (log: RootLogger, onFatal: (reason: string) => void) => Promise<App>,
): Promise<undefined> => {
  const { createLogger } = await import("../log.js");
  const log = createLogger({ level: config.log.level, format: config.log.format, secrets: config.secrets });
  let stopping = false;
  const stopRequest = createStopRequests(() => performance.now());
  const leave = (code: number): never => {
    log.flush();
    process.exit(code);
  };
  const die = (reason: string, error?: unknown): void => {
    if (stopping) return;
    stopping = true;
    log.fatal(error === undefined ? { reason } : { reason, error }, "cannot go on");
    leave(EXIT.fatal);
  };
  const app = await create(log, (reason) => die(reason));

  onStop((signal) => {
    if (stopRequest() === "again") {
      log.warn({ signal }, "asked again to stop: leaving at once");
      leave(EXIT.fatal);
    }
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    // Whatever hangs: the supervisor's patience ends too.
    setTimeout(() => leave(EXIT.fatal), config.shutdownTimeoutMs).unref();
    void app.stop().then(() => {
      log.info({}, "stopped");
      leave(EXIT.ok);
    });
  });
  process.on("uncaughtException", (error) => die("a bug: an exception nobody expected", error));
  process.on("unhandledRejection", (error) => die("a bug: a rejection nobody expected", error));

  log.info({ ...build, node: process.version, config: config.settings }, "starting");
  for (const warning of warnings) log.warn({}, warning);
  app.start().catch((error: unknown) => {
    if (!(error instanceof WrongConfiguration) || stopping) return die((error as Error).message);
    stopping = true;
    log.fatal({ reason: error.message }, "cannot go on");
    complain(formatConfigErrors(error.errors));
    leave(EXIT.config);
  });
  return undefined;
};
