/** The source on a real PostgreSQL: own queries, changes, and everything a database can do wrong. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Postgres, startPostgres } from "#test/support/postgres.js";
import { startTcpProxy } from "#test/support/tcp-proxy.js";
import { openSource } from "./source.js";

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `device-${i}`);

describe("recipients in PostgreSQL", () => {
  let postgres: Postgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres?.close());

  test("a query of one's own, with literals that look like parameters, answers for many devices at once", async (t) => {
    const query = `WITH own AS (SELECT $1 AS id) -- $1
      SELECT id || '.' || coalesce($2->>'site', '$2') || '@example.com' AS email, 'bcc' AS kind FROM own
      UNION ALL SELECT 'night@example.com', NULL WHERE $1 = 'device-7' ORDER BY 1 LIMIT 5 -- end`;
    const { source, recipients, addresses } = openSource(t, postgres.url(), { query });
    assert.equal(await source.start(), undefined);
    const found = await Promise.all(many(600).map((device) => addresses(device, { site: "busan" })));
    assert.deepEqual(found[8], ["device-8.busan@example.com"]);
    assert.deepEqual(found[7], ["night@example.com", "device-7.busan@example.com"]);
    assert.deepEqual(await recipients("other"), [{ address: "other.$2@example.com", kind: "bcc" }]);
  });

  test("hundreds of devices at once are a handful of queries", async (t) => {
    const database = await postgres.createDatabase();
    const beforehand = await postgres.transactions(database);
    const batched = openSource(t, postgres.url({ database }), { query: "SELECT $1 || '@example.com'" });
    assert.equal(await batched.source.start(), undefined);
    const found = await Promise.all(many(900).map((device) => batched.addresses(device)));
    assert.deepEqual(found[899], ["device-899@example.com"]);
    await batched.source.close();
    const queries = (await postgres.transactions(database)) - beforehand;
    assert.ok(queries > 0 && queries < 20, `${queries} transactions for 900 devices`);
  });

  test("rows that are not as they should be: no address is left out, the rest counts without, all of it told", async (t) => {
    const query = `SELECT * FROM (VALUES
      ('a@example.com', 'CC ', 'EN', ''),
      ('b@example.com', 'from', 'klingon', 'Mars/Olympus'),
      (E'c@example.com\\r\\nBcc: d@example.com', 'to', NULL, NULL),
      (NULL, 'to', NULL, NULL),
      ('a@example.com', 'to', NULL, NULL)) AS r(address, kind, locale, timezone) WHERE $1 = 'boiler'`;
    const { source, recipients, lines, calls } = openSource(t, postgres.url(), { query });
    await source.start();
    assert.deepEqual(await recipients("boiler"), [
      { address: "a@example.com", kind: "to" },
      { address: "b@example.com", kind: "to" },
    ]);
    assert.deepEqual(
      calls.filter((call) => call.startsWith("recipientFault")).toSorted(),
      ["address", "address", "kind", "locale", "timezone"].map((fault) => `recipientFault ${fault}`),
    );
    assert.deepEqual(lines.map(({ fault }) => fault).toSorted(), ["address", "kind", "locale", "timezone"]);
    assert.deepEqual(await recipients("pump"), []);
  });

  test("a query that names too many is a fault, nobody of them is told, and few rows come over", async (t) => {
    const query =
      "SELECT 'user-' || n || '@example.com' AS email FROM generate_series(1, CASE $1 WHEN 'few' THEN 3 WHEN 'most' THEN 10 ELSE 1000000 END) AS n";
    const { source, addresses, lines, calls } = openSource(t, postgres.url(), { query, recipientsMax: 10 });
    assert.equal(await source.start(), undefined);
    const all = await Promise.all(["few", "everybody", "most"].map((device) => addresses(device)));
    assert.deepEqual(
      all.map(({ length }) => length),
      [3, 0, 10],
    );
    assert.deepEqual(
      lines.filter(({ fault }) => fault === "many").map(({ deviceId }) => deviceId),
      ["everybody"],
    );
    assert.ok(calls.includes("recipientFault many"));
  });

  for (const [what, query, said] of [
    [
      "a table that is not there",
      "SELECT address FROM nowhere WHERE id = $1",
      /relation "nowhere" does not exist \(42P01\)/,
    ],
    ["bad syntax", "SELECT address FORM t", /syntax error/],
    [
      "a wrong type",
      "SELECT 'a' AS address FROM (VALUES (1)) AS t(id) WHERE id = $1",
      /operator does not exist: integer = text/,
    ],
    ["no column for the address", "SELECT 1 AS a, 2 AS b", /no column is called address or email; it has a, b/],
    ["two statements", "SELECT 1; SELECT 2", /more than one statement/],
    ["a third parameter", "SELECT $3", /\$3/],
    ["a change of data", "WITH gone AS (DELETE FROM pg_class RETURNING 1) SELECT 'a'", /data-modifying/],
  ] as const) {
    test(`${what} is found at the start`, async (t) => {
      const { source } = openSource(t, postgres.url(), { query });
      const problem = await source.start();
      assert.equal(problem?.variable, "RECIPIENTS_QUERY");
      assert.match(problem.problem, said);
    });
  }

  test("without the shipped table the problem names the migration", async (t) => {
    const { source } = openSource(t, postgres.url());
    assert.match((await source.start())?.problem ?? "", /migrations\/001_alert_recipients\.sql/);
  });

  test("a wrong password or database is found at the start, and no password is told", async (t) => {
    const url = new URL(postgres.url());
    url.password = "wrong-horse";
    for (const wrong of [
      url.href,
      postgres.url({ database: "nowhere" }),
      `${postgres.url()}?sslmode=verify-full&sslrootcert=/nowhere`,
    ]) {
      const { source, lines } = openSource(t, wrong, { query: "SELECT 'a@example.com'" });
      const problem = await source.start();
      assert.equal(problem?.variable, "RECIPIENTS_DATABASE_URL", wrong);
      assert.doesNotMatch(JSON.stringify([problem, lines]), /horse/);
      assert.equal(problem.problem.startsWith("PostgreSQL says"), !wrong.includes("=/nowhere"), problem.problem);
    }
  });

  test("the URL's sslmode says what is asked of TLS", async (t) => {
    const query = "SELECT 'tls@example.com' FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    const answers = async (mode: string): Promise<readonly string[]> => {
      const { source, addresses } = openSource(t, `${postgres.url()}${mode}`, { query });
      assert.equal(await source.start(), undefined);
      return addresses("boiler");
    };
    assert.deepEqual(await answers(""), []);
    assert.deepEqual(await answers(`?sslmode=verify-full&sslrootcert=${postgres.caFile}`), ["tls@example.com"]);
    const { source, lines } = openSource(t, `${postgres.url()}?sslmode=verify-full`, { query });
    assert.equal(await source.start(), undefined);
    assert.equal(source.isUp, false, "nobody vouches for its certificate");
    assert.match(JSON.stringify(lines), /self-signed certificate/);
  });

  test("a change that NOTIFY tells of counts at once, for its device or for all", async (t) => {
    const database = await postgres.createDatabase();
    const run = (sql: string) => postgres.query(sql, [], database);
    await run(
      "INSERT INTO alert_recipients (device_id, address) VALUES ('a', 'old@example.com'), ('b', 'old@example.com')",
    );
    const { source, addresses, calls } = openSource(t, postgres.url({ database }));
    await source.start();
    await eventually("it listens", () => source.listens);
    assert.deepEqual([await addresses("a"), await addresses("b")], [["old@example.com"], ["old@example.com"]]);
    await run("UPDATE alert_recipients SET address = 'new@example.com' WHERE device_id = 'a'");
    await eventually("a is told to the new one", async () => (await addresses("a"))[0] === "new@example.com");
    const asked = () => calls.filter((call) => call === "recipientLookup asked 1").length;
    const before = asked();
    assert.deepEqual(await addresses("b"), ["old@example.com"]);
    assert.equal(asked(), before, "b is in the cache still");
    await run("INSERT INTO alert_recipients (device_pattern, address) VALUES ('*', 'all@example.com')");
    await eventually("b has the pattern's", async () => (await addresses("b")).includes("all@example.com"));
  });

  test("changes made while the listening connection was away count once it is back", async (t) => {
    const database = await postgres.createDatabase();
    const run = (sql: string) => postgres.query(sql, [], database);
    await run("INSERT INTO alert_recipients (device_id, address) VALUES ('a', 'old@example.com')");
    const { source, addresses } = openSource(t, postgres.url({ database }), { retryInitialMs: 300 });
    await source.start();
    await eventually("it listens", () => source.listens);
    await addresses("a");
    await run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
    await eventually("it does not listen", () => !source.listens);
    await run("UPDATE alert_recipients SET address = 'new@example.com'");
    await eventually("it listens again", () => source.listens);
    assert.deepEqual(await addresses("a"), ["new@example.com"]);
  });

  test("a device on which the query fails waits alone", async (t) => {
    const query = "SELECT (100 / (CASE WHEN $1 = 'device-5' THEN 0 ELSE 1 END)) || $1 || '@example.com' AS address";
    const { source, addresses, lines } = openSource(t, postgres.url(), { query });
    await source.start();
    let failing: readonly string[] | undefined;
    void addresses("device-5").then((found) => {
      failing = found;
    });
    const others = await Promise.all(
      many(50)
        .filter((device) => device !== "device-5")
        .map((device) => addresses(device)),
    );
    assert.equal(others.length, 49);
    assert.equal(failing, undefined);
    const line = await eventually("it is told", () => lines.find(({ deviceId }) => deviceId === "device-5"));
    assert.equal(line["code"], "22012");
    assert.equal(source.isUp, true);
  });

  test("a table that is dropped and comes back: who waits is answered, and the log tells what PostgreSQL said", async (t) => {
    const database = await postgres.createDatabase();
    const { source, addresses, lines } = openSource(t, postgres.url({ database }));
    await source.start();
    await postgres.query("ALTER TABLE alert_recipients RENAME TO gone", [], database);
    const waiting = addresses("a");
    await eventually("it is noticed", () => !source.isUp);
    await postgres.query("ALTER TABLE gone RENAME TO alert_recipients", [], database);
    assert.deepEqual(await waiting, []);
    assert.equal(source.isUp, true);
    assert.ok(lines.some(({ reason, code }) => reason === "query" && code === "42P01"));
  });

  test("sessions that are ended, too many of them, and a query that takes too long: as away, and back by itself", async (t) => {
    const database = await postgres.createDatabase();
    const run = (sql: string) => postgres.query(sql, [], database);
    await run("CREATE TABLE pace (seconds float8)");
    await run("INSERT INTO pace VALUES (0)");
    const query = "SELECT $1 || '@example.com' FROM (SELECT pg_sleep(seconds) FROM pace) AS slept";
    const { source, addresses, lines } = openSource(t, postgres.url({ database }), { query, timeoutMs: 500 });
    await source.start();
    assert.deepEqual(await addresses("a"), ["a@example.com"]);
    await run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    assert.deepEqual(await addresses("b"), ["b@example.com"]);

    await run("UPDATE pace SET seconds = 20");
    const slow = addresses("c");
    const isTooSlow = () => lines.some(({ reason, code }) => reason === "timeout" && code === "57014");
    await eventually("the server says that it is too slow", isTooSlow, { seen: () => lines });
    assert.equal(source.isUp, false);
    await run("UPDATE pace SET seconds = 0");
    assert.deepEqual(await slow, ["c@example.com"]);

    await postgres.query(`ALTER DATABASE ${database} CONNECTION LIMIT 0`);
    await postgres.query("CREATE ROLE reader LOGIN PASSWORD 'reader'");
    await run("GRANT SELECT ON pace TO reader");
    const url = new URL(postgres.url({ database }));
    url.username = url.password = "reader";
    const limited = openSource(t, url.href, { query });
    assert.equal(await limited.source.start(), undefined);
    assert.equal(limited.source.isUp, false);
    const isFull = () => limited.lines.some(({ code }) => code === "53300");
    await eventually("there are too many connections", isFull, { seen: () => limited.lines });
    const waiting = limited.addresses("d");
    await postgres.query(`ALTER DATABASE ${database} CONNECTION LIMIT 10`);
    assert.deepEqual(await waiting, ["d@example.com"]);
  });

  test("a network that swallows everything: expired answers go on, the rest waits, and both are asked again after it", async (t) => {
    const proxy = await startTcpProxy(postgres.port);
    const options = { query: "SELECT $1 || '@example.com'", timeoutMs: 500, cacheTtlMs: 1, cacheMax: 10 };
    const { source, addresses } = openSource(t, postgres.url({ port: proxy.port }), options);
    t.after(() => proxy.close());
    await source.start();
    // An answer that is on its way while it begins to listen is not kept.
    await eventually("it listens", () => source.listens);
    await addresses("known");
    proxy.blackHole();
    const waiting = addresses("unknown");
    assert.deepEqual(await addresses("known"), ["known@example.com"]);
    await eventually("it is noticed", () => !source.isUp);
    proxy.heal();
    assert.deepEqual(await waiting, ["unknown@example.com"]);
  });

  test("a server that takes connections and says nothing does not hold up the start or the end", async (t) => {
    const proxy = await startTcpProxy(postgres.port);
    t.after(() => proxy.close());
    proxy.blackHole();
    const { source } = openSource(t, postgres.url({ port: proxy.port }), { timeoutMs: 200 });
    assert.equal(await source.start(), undefined);
    assert.equal(source.isUp, false);
    await source.close();
  });

  test("a database that is away at the start is waited for", async (t) => {
    const own = await startPostgres();
    t.after(() => own.close());
    await own.kill();
    const { source, addresses } = openSource(t, own.url(), { query: "SELECT $1 || '@example.com'" });
    assert.equal(await source.start(), undefined);
    const waiting = addresses("a");
    await own.restart();
    assert.deepEqual(await waiting, ["a@example.com"]);
  });
});
