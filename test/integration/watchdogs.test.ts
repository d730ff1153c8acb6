/** What a supervisor relies on: a process whose Kafka client hangs says so, and leaves with 1; one whose broker restarts stays. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { type Line, startLine } from "#test/support/line.js";
import { after as later } from "#test/support/smtp-server.js";

let kafka: Kafka;
before(async () => {
  kafka = await startKafka();
});
after(() => kafka?.close());

const DEVICES = Array.from({ length: 12 }, (_, i) => `device-${i}`);
const WATCHDOG_S = 30;
/** It looks every 5 s, and finishes what can be finished. */
const SHUTDOWN_S = 4;
const BOUND_MS = (WATCHDOG_S + 5 + SHUTDOWN_S + 2) * 1000;
const ENV = { WINDOW_GRACE: "1s", WATCHDOG_TIMEOUT: `${WATCHDOG_S}s`, SHUTDOWN_TIMEOUT: `${SHUTDOWN_S}s` };

const produceRound = (line: Line): Promise<unknown> => line.produce(DEVICES.map((device) => ({ device })));

const livez = async (url: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2_000) });
  return { status: response.status, text: await response.text() };
};

test("a broker that falls silent: /livez turns 503 with the reason, exit 1 within the bound, and the restart mails everything once", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers, env: ENV });
  const product = await line.start();
  await produceRound(line);
  await line.allMailed();
  await line.allCommitted();
  await produceRound(line);
  await eventually("it is read", async () => (await product.metrics()).value("windows_open") === DEVICES.length);
  kafka.freeze();
  t.after(() => kafka.thaw());
  const frozenAt = performance.now();
  const sick = await eventually("/livez turns 503", async () => {
    const answer = await livez(product.url);
    return answer.status === 503 && answer;
  });
  assert.match(sick.text, /the Kafka client has done nothing for 3\d s|no fetch has come back|has come to nothing/);
  const seconds = (performance.now() - frozenAt) / 1000;
  assert.ok(seconds > WATCHDOG_S - 5, `/livez turned 503 after ${seconds} s already`);
  assert.equal((await product.exited(BOUND_MS)).code, 1);
  const goneMs = performance.now() - frozenAt;
  assert.ok(goneMs < BOUND_MS, `it left after ${goneMs} ms, not within ${BOUND_MS}`);
  const last = product.logs.at(-1);
  assert.equal(last?.["level"], "fatal", JSON.stringify(product.logs.slice(-6), undefined, 1));
  assert.ok(sick.text.includes(String(last?.["reason"])), `${sick.text} against ${last?.["reason"]}`);
  kafka.thaw();
  await line.start();
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  t.diagnostic(
    `/livez 503 after ${seconds.toFixed(1)} s, gone after ${(goneMs / 1000).toFixed(1)} s: ${sick.text.trim()}`,
  );
});

test("a broker that is gone for 10 s and comes back: /livez stays 200 all the time", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers, env: ENV });
  const product = await line.start();
  await produceRound(line);
  await eventually("it is read", async () => (await product.metrics()).value("windows_open") === DEVICES.length);
  const answers: number[] = [];
  const ask = async (): Promise<void> => void answers.push((await livez(product.url)).status);
  await kafka.kill();
  const goneAt = performance.now();
  await eventually("10 s have passed", async () => {
    await ask();
    await later(200);
    return performance.now() - goneAt > 10_000;
  });
  await kafka.restart();
  await produceRound(line);
  await line.allMailed();
  await line.allCommitted();
  await ask();
  assert.deepEqual([...new Set(answers)], [200]);
  assert.ok(product.running());
  await line.assertBooks();
});
