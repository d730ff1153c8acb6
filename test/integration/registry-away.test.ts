/** A schema registry in trouble, before a real broker and a real mail server. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import { AVRO_ALERT, framedAlert, startStandInRegistry } from "#test/support/stand-in-registry.js";

/** The texts of all mails about a device. */
const mailsOf = async (line: Line, device: string): Promise<string> => {
  const texts = await Promise.all(
    line.smtp.messages.map(async (message) =>
      (await message.header("X-Alert-Digest-Device")) === device ? ((await message.parsed()).text ?? "") : "",
    ),
  );
  return texts.join("\n");
};

const mailed = (line: Line, device: string, ...texts: readonly string[]): Promise<boolean> =>
  eventually(`mails about ${device} with ${texts.join(", ")}`, async () => {
    const all = await mailsOf(line, device);
    return texts.every((text) => all.includes(text));
  });

describe("a schema registry in trouble", { concurrency: 2 }, () => {
  test("away, 500, 401, 429, a page of HTML, a foreign 404: the partition waits, the others go on, nothing is lost or given up", async (t) => {
    const registry = await startStandInRegistry(t, { 7: AVRO_ALERT });
    const line = await startLine(t, { partitions: 2, env: { SCHEMA_REGISTRY_URL: registry.url } });
    registry.troubles = ["cut", 500, 401, 429, "html", 404];
    const timestamp = pastWindow(3);
    const record = (message: string) => ({ key: "a", value: framedAlert(7, "a", message), partition: 0, timestamp });
    await line.produceRaw([
      { key: "a", value: { deviceId: "a", message: "before" }, partition: 0, timestamp },
      record("one"),
      record("two"),
      { key: "b", value: { deviceId: "b", message: "beside" }, partition: 1, timestamp },
    ]);
    const product = await line.start();
    await mailed(line, "b", "beside");
    await eventually("each trouble was seen", () => registry.given.includes("404"));
    const waiting = await product.metrics();
    assert.equal(waiting.value("kafka_partitions_paused", { reason: "registry" }), 1);
    assert.ok((waiting.value("schema_registry_waiting_seconds") ?? 0) > 5);
    for (const outcome of ["unreachable", "failed", "refused", "throttled"])
      assert.ok((waiting.value("schema_registry_requests_total", { outcome }) ?? 0) >= 1, outcome);
    const rebalances = waiting.value("kafka_rebalances_total");
    // What was read before is not to wait for a registry that nobody knows to come back.
    await mailed(line, "a", "before");
    registry.troubles = [];
    await mailed(line, "a", "before", "one", "two");
    await line.allCommitted();
    const after = await product.metrics();
    assert.equal(after.value("kafka_rebalances_total"), rebalances);
    assert.equal(after.value("kafka_partitions_paused", { reason: "registry" }), 0);
    assert.equal(registry.given.filter((given) => given === "schema 7").length, 1);
    assert.deepEqual(await line.deadLetters(), []);
  });

  test("a schema that the registry does not have is asked for during half a minute; its record is a dead letter, those around it are mailed", async (t) => {
    const registry = await startStandInRegistry(t, { 7: AVRO_ALERT });
    const line = await startLine(t, { partitions: 1, env: { SCHEMA_REGISTRY_URL: registry.url } });
    const timestamp = pastWindow(3);
    const startedAt = Date.now();
    const values = [
      framedAlert(7, "a", "first"),
      framedAlert(99, "a", "lost"),
      framedAlert(7, "a", "last"),
      Buffer.from("c3010203", "hex"),
    ];
    await line.produceRaw(values.map((value) => ({ key: "a", value, timestamp })));
    const product = await line.start();
    const letters = await line.waitForDeadLetters(2);
    assert.ok(Date.now() - startedAt >= 30_000);
    assert.deepEqual(letters.map(({ headers }) => [headers["reason"], headers["offset"]]).toSorted(), [
      ["unknown-schema", "1"],
      ["unknown-schema", "3"],
    ]);
    await mailed(line, "a", "first", "last");
    await line.allCommitted();
    assert.equal((await product.metrics()).value("alerts_total", { outcome: "invalid" }), 2);
    assert.ok(registry.given.filter((given) => given === "no 99").length >= 5);
  });
});
