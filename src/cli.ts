#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { knownFor } from "./app/known.js";
import { EXIT, parseArgs } from "./cli-args.js";
import {
  type Config,
  type ConfigError,
  formatConfigErrors,
  type Known,
  noRecipients,
  parseConfig,
  parseKafkaConfig,
  parsePreviewConfig,
  parseRoutesConfig,
  WrongConfiguration,
} from "./config.js";
import type { Output } from "./dead-letter-commands/names.js";
import type { PreviewCommand } from "./preview-command/args.js";
import type { LoadedRoutes } from "./routing/routes-file.js";
import { createStopRequests } from "./runtime/stop-requests.js";

const build = (): { version: string; revision: string } => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  try {
    return { version, revision: readFileSync(new URL("./revision", import.meta.url), "utf8").trim() };
  } catch {
    return { version, revision: "unknown" };
  }
};

/** Commands load what they need, and nothing of what others do: they are to start quickly. */
const run = async (config: Config, routes: LoadedRoutes | undefined, warnings: readonly string[]): Promise<void> => {
  // Nothing has begun yet: there is nothing to end.
  let stop = (_signal: string): void => process.exit(EXIT.ok);
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => stop(signal));
  const [{ createApp }, { createLogger }] = await Promise.all([import("./app.js"), import("./log.js")]);
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
  const app = await createApp({ config, log, build: build(), routes, onFatal: (reason) => die(reason) });

  stop = (signal) => {
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
  };
  process.on("uncaughtException", (error) => die("a bug: an exception nobody expected", error));
  process.on("unhandledRejection", (error) => die("a bug: a rejection nobody expected", error));

  log.info({ ...build(), node: process.version, config: config.settings }, "starting");
  for (const warning of warnings) log.warn({}, warning);
  app.start().catch((error: unknown) => {
    if (!(error instanceof WrongConfiguration) || stopping) return die((error as Error).message);
    stopping = true;
    log.fatal({ reason: error.message }, "cannot go on");
    process.stderr.write(formatConfigErrors(error.errors));
    leave(EXIT.config);
  });
};

const readText = (path: string): string => readFileSync(path, "utf8");

const wrongConfig = ({ errors, warnings }: { errors: readonly ConfigError[]; warnings: readonly string[] }): void => {
  process.stderr.write(formatConfigErrors(errors));
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  process.exitCode = EXIT.config;
};

type Checked = { readonly ok: true } | { readonly ok: false; readonly errors: readonly ConfigError[] };

const routesIn = async (file: string | undefined, known: Known) => {
  if (file === undefined) return undefined;
  const { loadRoutesFile } = await import("./routes-command/main.js");
  return loadRoutesFile(file, readText, known);
};

const errorsOf = (...checked: readonly (Checked | undefined)[]): readonly ConfigError[] =>
  checked.flatMap((one) => (one?.ok === false ? one.errors : []));

/** A command that ends by itself, and talks to Kafka only. It is loaded by `load`, so that `run` need not. */
const answer = (
  load: (kafka: Config["kafka"], output: Output) => Promise<boolean>,
  lacking: (kafka: Config["kafka"]) => ConfigError | undefined = () => undefined,
): void => {
  const result = parseKafkaConfig(process.env, readText);
  if (!result.ok) {
    wrongConfig(result);
    return;
  }
  const missing = lacking(result.kafka);
  if (missing !== undefined) {
    wrongConfig({ errors: [missing], warnings: result.warnings });
    return;
  }
  const error = (line: string): void => void process.stderr.write(`alert-digest: ${line}\n`);
  result.warnings.forEach(error);
  // `dead-letters list | head` closes the pipe while we write.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === "EPIPE" ? EXIT.ok : EXIT.fatal),
  );
  void load(result.kafka, { out: (text) => process.stdout.write(text), error }).then((done) => {
    process.exitCode = done ? EXIT.ok : EXIT.fatal;
  });
};

const NO_SENT_TOPIC: ConfigError = {
  variable: "KAFKA_SENT_TOPIC",
  problem: "it is not set, but it is what this command reads",
  expected: "the topic in which the mails are put on record",
  example: "alerts.sent",
};

const preview = async (command: PreviewCommand): Promise<void> => {
  const { locale, timezone } = command;
  const chosen = { ...(locale && { MAIL_LOCALE: locale }), ...(timezone && { MAIL_TIMEZONE: timezone }) };
  const env = { ...process.env, ...chosen };
  const known = await knownFor(env);
  const result = parsePreviewConfig(env, readText, known);
  const routes = await routesIn(result.routesFile, known);
  if (!result.ok || routes?.ok === false) {
    wrongConfig({ errors: errorsOf(result, routes), warnings: result.warnings });
    return;
  }
  const error = (line: string): void => void process.stderr.write(`alert-digest: ${line}\n`);
  result.warnings.forEach(error);
  const { runPreview } = await import("./preview-command/main.js");
  const { mail, digestBy, database } = result;
  const config = { mail, digestBy, database, routes: routes?.loaded.routes };
  const isWhole = await runPreview(command, config, { out: (text) => process.stdout.write(text), error });
  process.exitCode = isWhole ? EXIT.ok : EXIT.fatal;
};

/** What `run` starts with; undefined: it is wrong, and has been told. */
const wholeConfig = async () => {
  const known = await knownFor(process.env);
  const result = parseConfig(process.env, readText, known);
  const routes = await routesIn(result.ok ? result.config.routes.file : result.routesFile, known);
  if (!result.ok || routes?.ok === false) {
    wrongConfig({ errors: errorsOf(result, routes), warnings: result.warnings });
    return undefined;
  }
  const nobody = noRecipients(result.config, routes?.loaded.routes);
  if (nobody !== undefined) {
    wrongConfig({ errors: [nobody], warnings: result.warnings });
    return undefined;
  }
  return { config: result.config, routes: routes?.loaded, warnings: result.warnings };
};

const main = async (): Promise<void> => {
  const args = parseArgs(process.argv.slice(2), Date.now());
  switch (args.kind) {
    case "help":
      process.stdout.write(args.text);
      return;
    case "version":
      process.stdout.write(`${build().version}\n`);
      return;
    case "usage-error":
      process.stderr.write(args.text);
      process.exitCode = EXIT.usage;
      return;
    case "dead-letters":
      answer(async (kafka, output) => {
        const { runDeadLetters } = await import("./dead-letter-commands/main.js");
        return runDeadLetters(args.command, kafka, output);
      });
      return;
    case "sent":
      answer(
        async (kafka, output) => {
          const { runSent } = await import("./sent-commands/main.js");
          return runSent(args.command, kafka, output);
        },
        ({ sentTopic }) => (sentTopic === undefined ? NO_SENT_TOPIC : undefined),
      );
      return;
    case "routes": {
      const known = await knownFor(process.env);
      const result = parseRoutesConfig(process.env, readText, known);
      const { warnings } = result;
      const { runRoutes } = await import("./routes-command/main.js");
      const said = result.ok ? runRoutes(args.command, result.settings, readText, known) : undefined;
      if (said?.kind !== "answered") {
        wrongConfig({ errors: said?.errors ?? (result.ok ? [] : result.errors), warnings });
        return;
      }
      for (const warning of warnings) process.stderr.write(`alert-digest: ${warning}\n`);
      process.stdout.write(said.text);
      process.exitCode = said.somebody ? EXIT.ok : EXIT.fatal;
      return;
    }
    case "preview":
      await preview(args.command);
      return;
    case "run": {
      const all = await wholeConfig();
      if (all !== undefined) await run(all.config, all.routes, all.warnings);
      return;
    }
    case "check": {
      const all = await wholeConfig();
      if (all === undefined) return;
      for (const warning of all.warnings) process.stderr.write(`alert-digest: ${warning}\n`);
      const { runCheck } = await import("./check-command/main.js");
      const isWell = await runCheck(args.command, all.config, (text) => process.stdout.write(text));
      process.exitCode = isWell ? EXIT.ok : EXIT.fatal;
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
