/** Recipients that live in PostgreSQL, the whole line: who is told, and what a database that is away does to whom. */

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import { type Postgres, startPostgres } from "#test/support/postgres.js";
import type { Product } from "#test/support/product.js";
import { startTcpProxy } from "#test/support/tcp-proxy.js";

const startDatabaseLine = (t: TestContext, url: string, env: Readonly<Record<string, string>> = {}): Promise<Line> =>
  startLine(t, { env: { RECIPIENTS_DATABASE_URL: url, MAIL_TO: "", ...env } });

/** One that a test may kill, with a database in which one address is told of every device. */
const startOwnPostgres = async (t: TestContext): Promise<{ readonly own: Postgres; readonly database: string }> => {
  const own = await startPostgres();
  t.after(() => own.close());
  const database = await own.createDatabase();
  const everything = "INSERT INTO alert_recipients (device_pattern, address) VALUES ('*', 'all@example.com')";
  await own.query(everything, [], database);
  return { own, database };
};

/** Envelope recipients of the device's mails so far, in the order of the mails. */
const toldAbout = async (line: Line, device: string): Promise<readonly (readonly string[])[]> => {
  const mails = await line.mails();
  return line.smtp.messages.filter((_, index) => mails[index]?.device === device).map(({ to }) => [...to].sort());
};

const gauge = async (product: Product, name: string): Promise<number | undefined> =>
  (await product.metrics()).value(name);

// They mostly wait.
describe("recipients in a database", { concurrency: 3 }, () => {
  let postgres: Postgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres?.close());

  test("who is told depends on the device and on its labels, each in their language; nobody there: MAIL_TO", async (t) => {
    const database = await postgres.createDatabase();
    await postgres.query(
      `INSERT INTO alert_recipients (device_id, device_pattern, labels, address, kind, locale) VALUES
        ('boiler-1', NULL, '{}', 'keeper@example.com', 'to', NULL),
        (NULL, 'boiler-*', '{}', 'audit@example.com', 'bcc', NULL),
        (NULL, NULL, '{"site":"busan-2"}', 'busan@example.com', 'cc', 'ko')`,
      [],
      database,
    );
    const line = await startDatabaseLine(t, postgres.url({ database }), { MAIL_TO: "operators@example.com" });
    const at = pastWindow(4);
    await line.produce([
      { device: "boiler-1", at, fields: { labels: { site: "busan-1" } } },
      { device: "boiler-2", at, fields: { labels: { site: "busan-2", line: "3" } } },
      { device: "pump", at },
    ]);
    const product = await line.start();
    await line.allMailed();
    await line.allCommitted();
    assert.deepEqual(await toldAbout(line, "boiler-1"), [["audit@example.com", "keeper@example.com"]]);
    assert.deepEqual((await toldAbout(line, "boiler-2")).toSorted(), [["audit@example.com"], ["busan@example.com"]]);
    assert.deepEqual(await toldAbout(line, "pump"), [["operators@example.com"]]);
    const named = /^(to|cc|bcc):.*(audit|keeper)@/im;
    assert.ok(line.smtp.messages.every(({ raw }) => !named.test(raw.toString("latin1"))));
    assert.equal(await gauge(product, "recipients_database_up"), 1);
    assert.ok(!JSON.stringify(product.logs).includes("word-horse"));
  });

  test("hundreds of windows that close at once are a handful of queries", async (t) => {
    const database = await postgres.createDatabase();
    await postgres.query(
      "INSERT INTO alert_recipients (device_pattern, address) VALUES ('*', 'all@example.com')",
      [],
      database,
    );
    const beforehand = await postgres.transactions(database);
    const line = await startDatabaseLine(t, postgres.url({ database }), { CATCH_UP: "separate" });
    const at = pastWindow(4);
    await line.produce(Array.from({ length: 300 }, (_, i) => ({ device: `device-${i}`, at })));
    const product = await line.start();
    await line.allMailed();
    assert.equal(await product.stop(), 0);
    const asked = (await postgres.transactions(database)) - beforehand;
    assert.ok(asked > 0 && asked < 60, `${asked} transactions for 300 mails`);
  });

  test("a row that changes changes who is told of the next window", async (t) => {
    const database = await postgres.createDatabase();
    const run = (sql: string) => postgres.query(sql, [], database);
    await run("INSERT INTO alert_recipients (device_id, address) VALUES ('boiler', 'day@example.com')");
    const line = await startDatabaseLine(t, postgres.url({ database }), { RECIPIENTS_CACHE_TTL: "24h" });
    await line.start();
    await line.produce([{ device: "boiler", at: pastWindow(4) }]);
    await line.allMailed();
    await run("UPDATE alert_recipients SET address = 'night@example.com'");
    await line.produce([{ device: "boiler" }]);
    await line.allMailed();
    assert.deepEqual(await toldAbout(line, "boiler"), [["day@example.com"], ["night@example.com"]]);
  });

  test("a database that is killed: known devices' mails go on, the others wait, and none is lost or given up", async (t) => {
    const { own, database } = await startOwnPostgres(t);
    // Long over when the second mail of a known device leaves.
    const line = await startDatabaseLine(t, own.url({ database }), {
      RECIPIENTS_CACHE_TTL: "1s",
      SMTP_RETRY_BUDGET: "300ms",
    });
    const product = await line.start();
    await line.produce([{ device: "known", at: pastWindow(4), partition: 0 }]);
    await line.allMailed();
    await line.allCommitted();
    await own.kill();
    const unknown = Array.from({ length: 20 }, (_, i) => ({ device: `unknown-${i}`, partition: 1 }));
    const waiting = new Set((await line.produce(unknown)).map(({ ordinal }) => ordinal));
    await eventually("the others wait", async () => (await gauge(product, "mails_waiting_for_recipients")) === 20);
    assert.equal(await gauge(product, "recipients_database_up"), 0);
    await line.produce([{ device: "known", partition: 0 }]);
    await line.allMailed(waiting);
    assert.equal((await toldAbout(line, "known")).length, 2);
    assert.equal((await line.committed()).get(1) ?? 0, 0, "nothing of those who wait is committed");
    assert.ok(((await product.metrics()).value("recipient_lookups_total", { outcome: "stale" }) ?? 0) > 0);
    await own.restart();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    assert.deepEqual(await line.deadLetters(), []);
    assert.equal(await gauge(product, "mails_waiting_for_recipients"), 0);
    assert.equal(await gauge(product, "recipients_database_up"), 1);
  });

  test("a database that is away at the start, and a stop while mails wait: the next one sends them all", async (t) => {
    const { own, database } = await startOwnPostgres(t);
    await own.kill();
    const line = await startDatabaseLine(t, own.url({ database }));
    await line.produce([{ device: "boiler", at: pastWindow(4) }]);
    const first = await line.start();
    await eventually("its mail waits", async () => (await gauge(first, "mails_waiting_for_recipients")) === 1);
    assert.equal(await first.stop(), 0, "a stop does not wait for the database");
    await line.start();
    await own.restart();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
  });

  test("a network that swallows everything: what waits is mailed once it is heard again", async (t) => {
    const database = await postgres.createDatabase();
    await postgres.query(
      "INSERT INTO alert_recipients (device_pattern, address) VALUES ('*', 'all@example.com')",
      [],
      database,
    );
    const proxy = await startTcpProxy(postgres.port);
    t.after(() => proxy.close());
    const line = await startDatabaseLine(t, postgres.url({ database, port: proxy.port }));
    const product = await line.start();
    proxy.blackHole();
    await line.produce([{ device: "boiler", at: pastWindow(4) }]);
    await eventually("it is noticed", async () => (await gauge(product, "recipients_database_up")) === 0);
    assert.equal(line.smtp.acceptedCount, 0);
    proxy.heal();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
  });

  test("a query that PostgreSQL does not take ends the start with 78 and a sentence; a password is nowhere in it", async (t) => {
    const line = await startDatabaseLine(t, postgres.url(), {
      RECIPIENTS_QUERY: "SELECT email FROM contacts WHERE device = $1",
    });
    const product = await line.launch();
    assert.equal((await product.exited()).code, 78);
    assert.match(product.stderr(), /RECIPIENTS_QUERY: PostgreSQL says relation "contacts" does not exist \(42P01\)/);
    assert.match(product.stderr(), /example: {2}RECIPIENTS_QUERY=SELECT/);
    assert.doesNotMatch(JSON.stringify(product.logs) + product.stderr(), /word-horse/);
  });
});
