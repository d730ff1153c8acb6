import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startPostgres } from "#test/support/postgres.js";

test("a PostgreSQL that was killed comes back on its port with its rows", async () => {
  const postgres = await startPostgres();
  after(() => postgres.close());
  const database = await postgres.createDatabase();
  await postgres.query(
    "INSERT INTO alert_recipients (device_id, address) VALUES ('boiler', 'a@example.com')",
    [],
    database,
  );
  await postgres.kill();
  await assert.rejects(postgres.query("SELECT 1"), { code: "ECONNREFUSED" });
  await postgres.restart();
  assert.deepEqual(await postgres.query("SELECT address FROM alert_recipients", [], database), [
    { address: "a@example.com" },
  ]);
});
