/** What a supervisor relies on: a process whose Kafka client hangs says so, and leaves with 1; one whose broker restarts stays. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { type Line, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { after as later } from "#test/support/smtp-server.js";

let kafka: Kafka;
before(async () => {
  kafka = await startKafka();
});
after(() => kafka?.close());

const DEVICES = Array.from({ length: 12 }, (_, i) => `device-${i}`);
const WATCHDOG_S = 30;
/** So long, at most, /livez says why; then nobody answers. */
const SHUTDOWN_S = 10;
/** It looks every 5 s, and finishes what can be finished. The rest is for a machine that does not let it. */
const BOUND_MS = (WATCHDOG_S + 5 + SHUTDOWN_S + 20) * 1000;
const ENV = { WINDOW_GRACE: "1s", WATCHDOG_TIMEOUT: `${WATCHDOG_S}s`, SHUTDOWN_TIMEOUT: `${SHUTDOWN_S}s` };

const produceRound = (line: Line): Promise<unknown> => line.produce(DEVICES.map((device) => ({ device })));

/** By what was consumed: windows are open for three seconds at most. */
const isRead = (line: Line, product: Product): Promise<unknown> =>
  eventually("it is read", async () => {
    return (await product.metrics()).value("kafka_records_consumed_total") === line.produced.length;
  });

const livez = async (url: string): Promise<{ status: number; text: string }> => {
  const response = await get(`${url}/livez`, 20_000);
  return { status: response.status, text: await response.text() };
};

test("a broker that falls silent: /livez turns 503 with the reason, exit 1 within the bound, and the restart mails everything once", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers, env: ENV });
  const product = await line.start();
  await produceRound(line);
  await line.allMailed();
  await line.allCommitted();
  await produceRound(line);
  await isRead(line, product);
  kafka.freeze();
  t.after(() => kafka.thaw());
  const frozenAt = performance.now();
  const sick = await eventually("/livez turns 503", async () => {
    const answer = await livez(product.url);
    return answer.status === 503 && answer;
  });
  assert.match(sick.text, /the Kafka client has done nothing for \d\d s|no fetch has come back|has come to nothing/);
  const seconds = (performance.now() - frozenAt) / 1000;
  assert.ok(seconds > WATCHDOG_S - 5, `/livez turned 503 after ${seconds} s already`);
  assert.equal((await product.exited(BOUND_MS)).code, 1);
  const goneMs = performance.now() - frozenAt;
  assert.ok(goneMs < BOUND_MS, `it left after ${goneMs} ms, not within ${BOUND_MS}`);
  const fatal = product.logs.find(({ level }) => level === "fatal");
  assert.ok(fatal, JSON.stringify(product.logs.slice(-6), undefined, 1));
  assert.ok(sick.text.includes(String(fatal["reason"])), `${sick.text} against ${fatal["reason"]}`);
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
  // A broker that a busy machine starts slowly is away for longer than 10 s.
  const line = await startLine(t, { brokers: kafka.brokers, env: { ...ENV, WATCHDOG_TIMEOUT: "90s" } });
  const product = await line.start();
  await produceRound(line);
  await isRead(line, product);
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
