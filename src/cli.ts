#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createApp } from "./app.js";
import { EXIT, parseArgs } from "./cli-args.js";
import { type Config, formatConfigErrors, parseConfig, redacted, secretsOf } from "./config.js";
import { createLogger } from "./log.js";

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

const run = (config: Config, warnings: readonly string[]): void => {
  const log = createLogger({ level: config.log.level, secrets: secretsOf(config) });
  let stopping = false;
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
  const app = createApp({ config, log, build: build(), onFatal: (reason) => die(reason) });

  const stop = (signal: string): void => {
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
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("uncaughtException", (error) => die("a bug: an exception nobody expected", error));
  process.on("unhandledRejection", (error) => die("a bug: a rejection nobody expected", error));

  log.info({ ...build(), node: process.version, config: redacted(config) }, "starting");
  for (const warning of warnings) log.warn({}, warning);
  app.start().catch((error: unknown) => die((error as Error).message));
};

const main = (): void => {
  const args = parseArgs(process.argv.slice(2));
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
    case "command": {
      const result = parseConfig(process.env, (path) => readFileSync(path, "utf8"));
      if (!result.ok) {
        process.stderr.write(formatConfigErrors(result.errors));
        for (const warning of result.warnings) process.stderr.write(`${warning}\n`);
        process.exitCode = EXIT.config;
        return;
      }
      run(result.config, result.warnings);
    }
  }
};

main();
