/** A member that the group can no longer count in says so, and when it is one again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { startKafka } from "#test/support/kafka.js";
import { startLine } from "#test/support/line.js";

test("a broker silent for longer than the session: /readyz is 503 with the reason, nothing is claimed as assigned; 200 once it answers, and every alert is mailed once", async (t) => {
  const kafka = await startKafka();
  t.after(() => kafka.close());
  const line = await startLine(t, { brokers: kafka.brokers, env: { KAFKA_SESSION_TIMEOUT: "8s" } });
  const product = await line.start();
  await line.produce([{ device: "boiler" }]);
  await line.allMailed();
  await line.allCommitted();
  const readyz = async () => {
    const response = await get(`${product.url}/readyz`, 10_000);
    return { status: response.status, text: await response.text() };
  };
  const said = (message: string): number => product.logs.filter(({ msg }) => msg === message).length;
  const heartbeat = async () => (await product.metrics()).value("kafka_last_heartbeat_timestamp_seconds") ?? 0;
  assert.equal((await readyz()).status, 200);
  assert.ok((await heartbeat()) > 0);
  kafka.freeze();
  t.after(() => kafka.thaw());
  const sick = await eventually("it is out of the group", async () => {
    const answer = await readyz();
    return answer.status === 503 && /^out of the consumer group/.test(answer.text) && answer;
  });
  const sickAt = Date.now() / 1000;
  assert.match(sick.text, /it has acknowledged no heartbeat of this instance, and a session lasts 8 s/);
  await eventually("the log says it", () => said("out of the consumer group") === 1);
  const page = await product.metrics();
  assert.equal(page.value("kafka_partitions_assigned"), 0);
  assert.ok((await heartbeat()) <= sickAt - 7, "the last heartbeat is one that was answered, a session before");
  const status = (await (await get(`${product.url}/api/status`)).json()) as { instances: { outOfGroup: boolean }[] };
  assert.deepEqual(
    status.instances.map(({ outOfGroup }) => outOfGroup),
    [true],
  );
  assert.equal(said("the consumer group acknowledges heartbeats again"), 0);
  kafka.thaw();
  await eventually("it is a member again", async () => (await readyz()).status === 200);
  await eventually(
    "the log says that, too",
    () => said("the consumer group acknowledges heartbeats again") === said("out of the consumer group"),
  );
  assert.ok((await heartbeat()) > sickAt - 7);
  await line.produce([{ device: "boiler" }]);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
});
