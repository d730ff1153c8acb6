/** Recipients out of PostgreSQL: everything of this folder put together. */

import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics, RecipientSource } from "../runtime/ports.js";
import { batchStatement } from "./batch-statement.js";
import { ChangeListener } from "./change-listener.js";
import { Connections, Listening } from "./connections.js";
import { DEFAULT_QUERY } from "./default-query.js";
import { databaseFailure } from "./failure.js";
import type { DatabaseFailure } from "./lookup.js";
import { Lookups } from "./lookups.js";
import { QueryDatabase } from "./query-database.js";

export interface PostgresRecipientsOptions {
  /** `postgres://…`; its `sslmode` says what is asked of TLS. */
  readonly url: string;
  /** One SELECT with `$1` (device ID) and `$2` (labels); undefined: that of the table `alert_recipients`. */
  readonly query: string | undefined;
  /** Most queries at once; one more connection listens. */
  readonly connections: number;
  /** Most recipients of one device; more are a fault, and none of them is told. */
  readonly recipientsMax: number;
  readonly cacheTtlMs: number;
  readonly cacheMax: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  /** Of one query, and of one attempt to connect. Default 5 s. */
  readonly timeoutMs?: number;
}

/** What no waiting will mend: the variable that is wrong, and how. No secret. */
export interface PostgresProblem {
  readonly variable: "RECIPIENTS_DATABASE_URL" | "RECIPIENTS_QUERY";
  readonly problem: string;
  readonly expected: string;
  readonly example: string;
}

export interface PostgresRecipients extends RecipientSource {
  /** Tries the query on nobody and begins to listen. A database that is away is no problem: it is waited for. Never rejects. */
  start(): Promise<PostgresProblem | undefined>;
  /** Whether the database answered last. */
  readonly isUp: boolean;
  /** Whether changes are told at once. */
  readonly listens: boolean;
  /** Who waits for an answer waits for ever. */
  close(): Promise<void>;
}

const CHANNEL = "alert_recipients";

export const createPostgresRecipients = (deps: {
  options: PostgresRecipientsOptions;
  /** A mail address as the server is given it; undefined when the text is none. */
  address: (text: string) => string | undefined;
  /** That mails can be written in. */
  locales: readonly string[];
  /** Takes secrets out of a text. */
  redact: (text: string) => string;
  /** Addresses as the log may show them. */
  shown: (text: string) => string;
  metrics: Pick<Metrics, "recipientLookup" | "recipientFault">;
  clock: Clock;
  log: Logger;
  random: () => number;
}): PostgresRecipients => {
  const { options, metrics, clock, log, random } = deps;
  const { retryInitialMs, retryMaxMs } = options;
  const statement = batchStatement(options.query ?? DEFAULT_QUERY, options.recipientsMax);
  const settings = { url: options.url, connections: options.connections, timeoutMs: options.timeoutMs ?? TIMEOUT_MS };
  const connections = new Connections(settings);
  const describe = (error: unknown): DatabaseFailure => databaseFailure(error, (text) => deps.shown(deps.redact(text)));
  const database = new QueryDatabase({
    sql: statement.ok ? statement.sql : "",
    rowsMax: options.recipientsMax,
    async query(sql, values) {
      try {
        return await connections.query(sql, values);
      } catch (error) {
        if (isOfConnection(describe(error))) connections.renew();
        throw error;
      }
    },
    describe,
    rules: deps,
    shown: deps.shown,
    metrics,
    clock,
    log,
  });
  const usesLabels = statement.ok && statement.usesLabels;
  const lookups = new Lookups({ database, metrics, clock, log, random, options: { ...options, usesLabels } });
  const listener = new ChangeListener({
    open: (on) => new Listening(settings, on),
    channel: CHANNEL,
    onChange: (deviceId) => lookups.changed(deviceId === "" ? undefined : deviceId),
    onListening: () => lookups.mayHaveChanged(),
    describe,
    clock,
    log,
    random,
    retryInitialMs,
    retryMaxMs: Math.min(retryMaxMs, LISTEN_RETRY_MAX_MS),
  });
  return {
    async start() {
      if (!statement.ok) return wrongQuery(statement.problem);
      const failure = await lookups.start();
      if (failure !== undefined) return problemOf(failure, options.query === undefined);
      listener.start();
      return undefined;
    },
    recipientsOf: (digest) => lookups.recipientsOf(digest),
    get isUp() {
      return lookups.isUp;
    },
    get listens() {
      return listener.listens;
    },
    async close() {
      listener.close();
      lookups.close();
      await connections.close();
    },
  };
};

const TIMEOUT_MS = 5_000;
const LISTEN_RETRY_MAX_MS = 10_000;

/** The others of the pool may be as dead as this one. An error with an SQLSTATE came over a connection that works, unless it says goodbye (57P, 08). */
const isOfConnection = ({ kind, code }: DatabaseFailure): boolean =>
  (kind === "away" || kind === "timeout") &&
  (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith("57P") || code.startsWith("08"));

const wrongQuery = (problem: string): PostgresProblem => ({
  variable: "RECIPIENTS_QUERY",
  problem,
  expected:
    "one SELECT for one device: $1 is its ID (text), $2 its labels (jsonb); a column address or email, and where wanted kind, locale, timezone",
  example: "SELECT email, locale FROM contacts WHERE device = $1 OR site = $2->>'site'",
});

const problemOf = ({ kind, detail, code }: DatabaseFailure, isDefault: boolean): PostgresProblem => {
  // The operating system's codes begin with E, and no SQLSTATE does.
  const said = code === undefined || code.startsWith("E") ? detail : `PostgreSQL says ${detail} (${code})`;
  if (kind === "refused")
    return {
      variable: "RECIPIENTS_DATABASE_URL",
      problem: said,
      expected: "postgres://user:password@host:port/database of a database that lets this user in",
      example: "postgres://alerts:secret@db.example.com/alerts",
    };
  if (!isDefault) return wrongQuery(said);
  const table = "without it, migrations/001_alert_recipients.sql must have been run there, and the user may SELECT";
  return wrongQuery(`it is not set, and the table alert_recipients cannot be read: ${said}; ${table}`);
};
