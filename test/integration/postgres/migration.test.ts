/** The shipped table: what its rows mean, what it refuses, whom its triggers tell. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { eventually } from "#test/support/eventually.js";
import { MIGRATION, type Postgres, startPostgres } from "#test/support/postgres.js";
import { openSource } from "./source.js";

describe("the table alert_recipients", () => {
  let postgres: Postgres;
  let database: string;
  const run = (sql: string) => postgres.query(sql, [], database);
  before(async () => {
    postgres = await startPostgres();
    database = await postgres.createDatabase();
  });
  after(() => postgres?.close());

  test("rows count by device, by pattern and by labels, disabled ones not, and LIKE's own wildcards are characters", async (t) => {
    await run(`INSERT INTO alert_recipients (device_id, device_pattern, labels, address, kind, locale, timezone, enabled) VALUES
      ('boiler-1', NULL, '{}', 'own@example.com', 'to', 'en', 'Europe/Berlin', true),
      ('boiler-1', NULL, '{"site":"busan-2"}', 'own-busan@example.com', 'to', NULL, NULL, true),
      ('boiler-1', NULL, '{}', 'away@example.com', 'to', NULL, NULL, false),
      (NULL, 'boiler-?', '{}', 'boilers@example.com', 'cc', NULL, NULL, true),
      (NULL, '*', '{}', 'all@example.com', 'bcc', NULL, NULL, true),
      (NULL, '100%_\\*', '{}', 'odd@example.com', 'to', NULL, NULL, true),
      (NULL, NULL, '{"site":"busan-2","line":"3"}', 'line-3@example.com', 'to', NULL, NULL, true)`);
    const { source, addresses, recipients } = openSource(t, postgres.url({ database }));
    assert.equal(await source.start(), undefined);
    assert.deepEqual(await recipients("boiler-1"), [
      { address: "own@example.com", kind: "to", locale: "en", timezone: "Europe/Berlin" },
      { address: "boilers@example.com", kind: "cc" },
      { address: "all@example.com", kind: "bcc" },
    ]);
    const busan = { site: "busan-2", line: "3", more: "x" };
    assert.deepEqual(await addresses("boiler-1", busan), [
      "line-3@example.com",
      "own-busan@example.com",
      "own@example.com",
      "boilers@example.com",
      "all@example.com",
    ]);
    assert.deepEqual(await addresses("boiler-12"), ["all@example.com"]);
    assert.deepEqual(await addresses("boiler"), ["all@example.com"]);
    assert.deepEqual(await addresses("100%_\\x"), ["odd@example.com", "all@example.com"]);
    assert.deepEqual(await addresses("100xx\\x"), ["all@example.com"]);
    await run("TRUNCATE alert_recipients");
  });

  test("the migration can be run again and changes no row", async () => {
    await run("INSERT INTO alert_recipients (device_id, address) VALUES ('kept', 'a@example.com')");
    await postgres.query(await readFile(MIGRATION, "utf8"), [], database);
    assert.deepEqual(await run("SELECT device_id FROM alert_recipients"), [{ device_id: "kept" }]);
    await run("TRUNCATE alert_recipients");
  });

  test("what docs/recipients-database.md shows works", async (t) => {
    const page = await readFile(new URL("../../../docs/recipients-database.md", import.meta.url), "utf8");
    const [rows = "", query = ""] = [...page.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql]) => sql);
    await run(rows);
    const { source, addresses } = openSource(t, postgres.url({ database }));
    assert.equal(await source.start(), undefined);
    assert.deepEqual(await addresses("boiler-7"), ["keeper@example.com", "audit@example.com"]);
    assert.deepEqual(await addresses("pump", { site: "busan-2" }), ["busan@example.com"]);
    await run("CREATE TABLE contacts (device text, site text, email text, language text)");
    await run(
      "INSERT INTO contacts VALUES ('boiler-7', NULL, 'own@example.com', 'ko'), (NULL, 'busan-2', 'site@example.com', 'en')",
    );
    const own = openSource(t, postgres.url({ database }), { query });
    assert.equal(await own.source.start(), undefined);
    assert.deepEqual(await own.addresses("boiler-7", { site: "busan-2" }), ["own@example.com", "site@example.com"]);
    await run("TRUNCATE alert_recipients");
  });

  for (const [what, columns, values] of [
    ["without device, pattern and labels", "address", "'a@example.com'"],
    ["with device and pattern", "device_id, device_pattern, address", "'a', 'a*', 'a@example.com'"],
    ["without an address", "device_id", "'a'"],
    ["whose address is none", "device_id, address", "'a', 'nobody'"],
    ["whose address has a line break", "device_id, address", "'a', E'a@example.com\\nb'"],
    ["of another kind", "device_id, address, kind", "'a', 'a@example.com', 'from'"],
    ["whose labels are a list", "device_id, address, labels", "'a', 'a@example.com', '[]'"],
    ["with an empty device", "device_id, address", "'', 'a@example.com'"],
  ] as const) {
    test(`a row ${what} is refused`, () =>
      assert.rejects(run(`INSERT INTO alert_recipients (${columns}) VALUES (${values})`), { code: /^(23502|23514)$/ }));
  }

  test("a change tells of its devices; one of patterns, of many devices or of everything tells of all", async (t) => {
    const client = new pg.Client({ connectionString: postgres.url({ database }) });
    t.after(() => client.end());
    await client.connect();
    const heard: string[] = [];
    client.on("notification", ({ payload }) => heard.push(payload ?? ""));
    await client.query("LISTEN alert_recipients");
    const hears = async (sql: string, expected: readonly string[]): Promise<void> => {
      heard.length = 0;
      await run(sql);
      await run("NOTIFY alert_recipients, '(end)'");
      await eventually("the end", () => heard.includes("(end)"));
      assert.deepEqual(heard.slice(0, -1).toSorted(), expected, sql);
    };
    await hears(
      "INSERT INTO alert_recipients (device_id, address) VALUES ('a', 'x@example.com'), ('b', 'x@example.com'), ('b', 'y@example.com')",
      ["a", "b"],
    );
    await hears("UPDATE alert_recipients SET address = 'z@example.com' WHERE device_id = 'a'", ["a"]);
    await hears("UPDATE alert_recipients SET device_id = 'c' WHERE device_id = 'a'", ["a", "c"]);
    await hears("UPDATE alert_recipients SET device_id = 'c' WHERE device_id = 'nobody'", []);
    await hears("DELETE FROM alert_recipients WHERE device_id = 'c'", ["c"]);
    await hears("INSERT INTO alert_recipients (device_pattern, address) VALUES ('c*', 'x@example.com')", [""]);
    await hears(
      "INSERT INTO alert_recipients (device_id, address) SELECT n::text, 'x@example.com' FROM generate_series(1, 100) AS n",
      Array.from({ length: 100 }, (_, i) => String(i + 1)).toSorted(),
    );
    await hears(
      "INSERT INTO alert_recipients (device_id, address) SELECT n::text, 'x@example.com' FROM generate_series(1, 101) AS n",
      [""],
    );
    await hears("TRUNCATE alert_recipients", [""]);
  });

  test("among many devices the query goes by the index", async () => {
    await run(
      "INSERT INTO alert_recipients (device_id, address) SELECT 'device-' || n, 'x@example.com' FROM generate_series(1, 20000) AS n",
    );
    await run("ANALYZE alert_recipients");
    const plan = await run("EXPLAIN SELECT address FROM alert_recipients WHERE enabled AND device_id = 'device-7'");
    assert.match(JSON.stringify(plan), /alert_recipients_by_device/);
    await run("TRUNCATE alert_recipients");
  });
});
