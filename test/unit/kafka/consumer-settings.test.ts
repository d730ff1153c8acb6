import assert from "node:assert/strict";
import { test } from "node:test";
import { clientWaits, consumerSettings, retryWaits } from "#src/kafka/consumer-settings.js";

test("with the usual session of 15 s the waits are those that were tried for long", () => {
  const { sessionTimeout, heartbeatInterval, rebalanceTimeout } = consumerSettings(15_000);
  assert.deepEqual([sessionTimeout, heartbeatInterval, rebalanceTimeout], [15_000, 2_500, 20_000]);
  assert.deepEqual(clientWaits(15_000), {
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: 10_000,
  });
  assert.equal(retryWaits(15_000).maxRetryTime, 3_000);
});

for (const session of [3_000, 6_000, 10_000, 15_000, 45_000, 1_800_000]) {
  test(`with a session of ${session} ms a request that hangs ends, and several heartbeats leave, before the session does`, () => {
    const settings = consumerSettings(session);
    const waits = clientWaits(session);
    assert.equal(settings.sessionTimeout, session);
    assert.ok(settings.heartbeatInterval * 5 < session);
    assert.ok(waits.requestTimeout + settings.heartbeatInterval < session);
    assert.ok(waits.connectionTimeout + retryWaits(session).maxRetryTime < session);
    assert.ok(settings.maxWaitTimeInMs < waits.requestTimeout);
    assert.ok(settings.rebalanceTimeout > waits.requestTimeout);
  });
}

test("a longer session makes nobody wait longer for a rebalance or for a request", () => {
  const [usual, longer] = [consumerSettings(15_000), consumerSettings(600_000)];
  assert.deepEqual(
    [longer.heartbeatInterval, longer.rebalanceTimeout],
    [usual.heartbeatInterval, usual.rebalanceTimeout],
  );
  assert.deepEqual(clientWaits(600_000), clientWaits(15_000));
});
