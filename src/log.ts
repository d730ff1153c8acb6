/** JSON lines on stdout. The only file that knows pino. */

import { type DestinationStream, destination, pino } from "pino";
import type { LogFormat, LogLevel } from "./config/shape.js";
import { withoutSecrets } from "./core/secret-text.js";
import { terminalSafeJson } from "./core/terminal-text.js";
import { pretty } from "./log/pretty.js";
import type { Logger } from "./runtime/log.js";

export interface RootLogger extends Logger {
  /** Writes the line and everything before it, then returns: the process may exit at once. */
  fatal(fields: Readonly<Record<string, unknown>>, message: string): void;
  /** Writes what is still waiting. Call it last thing before an exit. */
  flush(): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Default `json`. */
  readonly format?: LogFormat;
  /** Texts that no line may contain but very short ones, longest first (`config.secrets`); see `withoutSecrets`. */
  readonly secrets: readonly string[];
  /** On every line, for instance `{ version }`. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** Where lines go instead of stdout. */
  readonly stream?: DestinationStream & { flushSync?(): void };
}

/** Unwritten lines kept in memory while stdout takes none; beyond it lines are dropped, the process is not. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

export const createLogger = ({ level, format = "json", secrets, base = {}, stream }: LogOptions): RootLogger => {
  // Asynchronous: a reader of stdout that stops reading must not stop the event loop.
  const out = stream ?? destination({ dest: 1, sync: false, maxLength: WAITING_BYTES_MAX });
  const logger = pino(
    { level, base, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    // In the process, so that the last lines are written before it ends; a transport's thread would have to be waited for.
    { write: (line) => out.write(format === "json" ? terminalSafeJson(line) : pretty(line)) },
  );
  const clean = cleaner(secrets);
  const at =
    (method: "debug" | "info" | "warn" | "error" | "fatal") =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      if (logger.isLevelEnabled(method)) logger[method](clean(fields), String(clean(message)));
    };
  const flush = (): void => {
    try {
      out.flushSync?.();
    } catch {
      // Nobody reads stdout any more; there is nobody to tell.
    }
  };
  const fatal = at("fatal");
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    fatal(fields, message) {
      fatal(fields, message);
      flush();
    },
    flush,
  };
};

const SECRET_KEY = /^(password|passwd|pass|secret|token|auth|authorization|sasl|credentials|smtp_?url|key_?pem)$/i;
const REDACTED = "[redacted]";
const DEPTH_MAX = 6;
const ITEMS_MAX = 200;
const KEYS_MAX = 1_000;
const TEXT_LENGTH_MAX = 8_192;

/**
 * Copies what is logged, plain and bounded, without secrets: by the name of a field, and by value wherever one occurs, also in
 * messages and stacks of errors of libraries. Values are cleaned before they become JSON, so that no replacement can break a line.
 */
const cleaner = (secrets: readonly string[]) => {
  const hide = withoutSecrets(secrets);
  const text = (value: string): string =>
    hide(value.length > TEXT_LENGTH_MAX ? `${value.slice(0, TEXT_LENGTH_MAX)}…` : value);
  const error = (value: Error, depth: number): Record<string, unknown> => ({
    type: value.name,
    message: text(value.message),
    ...(value.stack === undefined ? {} : { stack: text(value.stack) }),
    ...("code" in value ? { code: clean(value.code, depth + 1) } : {}),
    ...(value.cause === undefined ? {} : { cause: clean(value.cause, depth + 1) }),
  });
  const known = new Map<string, boolean>();
  const isSecret = (key: string): boolean => {
    let secret = known.get(key);
    if (secret === undefined) {
      secret = SECRET_KEY.test(key);
      // Fields are named in the code; those of an object that came from elsewhere need not be remembered.
      if (known.size < KEYS_MAX) known.set(key, secret);
    }
    return secret;
  };
  const clean = (value: unknown, depth = 0): unknown => {
    if (typeof value === "string") return text(value);
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth >= DEPTH_MAX) return "[deeper]";
    if (value instanceof Error) return error(value, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof Uint8Array) return `[${value.length} bytes]`;
    if (value instanceof Map) return clean(Object.fromEntries(value), depth);
    if (value instanceof Set) return clean([...value], depth);
    if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => clean(item, depth + 1));
    const copy: Record<string, unknown> = {};
    let room = ITEMS_MAX;
    // Not by lists of entries: each mail writes a line.
    for (const key of Object.keys(value)) {
      const item = (value as Record<string, unknown>)[key];
      if (item === undefined) continue;
      if (--room < 0) break;
      const cleaned = isSecret(key) && item !== null ? REDACTED : clean(item, depth + 1);
      // A field of that name would become the copy's prototype.
      if (key === "__proto__") Object.defineProperty(copy, key, { value: cleaned, enumerable: true });
      else copy[key] = cleaned;
    }
    return copy;
  };
  return clean as { (fields: Readonly<Record<string, unknown>>): Record<string, unknown>; (message: string): string };
};
