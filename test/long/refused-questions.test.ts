/** G1, G5: a broker that refuses a question, for as long as it likes: said in words, nothing is lost, and what does not need the answer goes on. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { freePorts } from "#test/support/free-ports.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { startLine } from "#test/support/line.js";
import { type RefusingProxy, startRefusingProxy } from "#test/support/refusing-proxy.js";

const KAFKA_STORAGE_ERROR = 56;
const REFUSED = 1;
const OTHERS = [0, 2];
const alertOf = (partition: number) => ({ device: `device-${partition}`, partition });

let kafka: Kafka;
let proxy: RefusingProxy;
let brokers: string;

before(async () => {
  const [port = 0] = await freePorts(1);
  proxy = await startRefusingProxy(port);
  brokers = `127.0.0.1:${proxy.port}`;
  kafka = await startKafka({ listeners: [{ name: "REFUSING", ports: [port], advertisedPorts: [proxy.port] }] });
});
after(async () => {
  await proxy?.close();
  await kafka?.close();
});

test("the end of one log is refused: its quiet windows wait, the others' alerts are mailed and committed; then its own are, all of them", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers });
  const product = await line.start({ KAFKA_BROKERS: brokers });
  await line.produce([0, 1, 2].map(alertOf));
  await line.allMailed();
  await line.allCommitted();

  proxy.refuse({ question: "ListOffsets", topic: line.topic, partition: REFUSED, code: KAFKA_STORAGE_ERROR });
  const told = await eventually("it is said", () =>
    product.logs.find(({ msg }) => String(msg).startsWith("log ends of these partitions unknown")),
  );
  assert.deepEqual([told["level"], told["partitions"]], ["warn", [REFUSED]]);
  assert.match(String(told["reasons"]), /^1: broker 1 refuses: .*disk/i);
  const [waiting] = await line.produce([alertOf(REFUSED)]);
  for (let round = 0; round < 3; round++) {
    await line.produce(OTHERS.map(alertOf));
    await line.allMailed(new Set([waiting?.ordinal ?? 0]));
  }
  assert.ok(product.running());
  assert.ok(!product.logs.some(({ level }) => level === "error" || level === "fatal"));

  proxy.refuse(undefined);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  await eventually("that is said too", () =>
    product.logs.some(({ msg }) => String(msg).startsWith("log ends of all partitions are known again")),
  );
  assert.equal(await product.stop(), 0);
});

test("refused from the start on: the others begin, and the refused one once its end is told", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers });
  const written = await line.produce([0, 1, 2].map(alertOf));
  const waiting = new Set(written.filter(({ partition }) => partition === REFUSED).map(({ ordinal }) => ordinal));
  proxy.refuse({ question: "ListOffsets", topic: line.topic, partition: REFUSED, code: KAFKA_STORAGE_ERROR });
  const product = await line.launch({ KAFKA_BROKERS: brokers });
  await line.allMailed(waiting);
  proxy.refuse(undefined);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  assert.equal(await product.stop(), 0);
});

test("where an epoch ends is refused after a change of the leader: the partition waits, and that is said with what to do; then it goes on", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers });
  const product = await line.start({ KAFKA_BROKERS: brokers });
  await line.produce([0, 1, 2].map(alertOf));
  await line.allMailed();
  await line.allCommitted();

  proxy.refuse({ question: "OffsetForLeaderEpoch", topic: line.topic, partition: REFUSED, code: KAFKA_STORAGE_ERROR });
  // It leads again, in another epoch.
  await kafka.stop();
  await kafka.restart();
  const written = await line.produce([0, 1, 2].map(alertOf));
  const waiting = new Set(written.filter(({ partition }) => partition === REFUSED).map(({ ordinal }) => ordinal));
  await line.allMailed(waiting);
  // Of a broker that takes long to come back it is said before that nobody answers.
  const told = await eventually("it is said", () =>
    product.logs.find(
      ({ msg, reason }) =>
        String(msg).startsWith("the leader does not tell how far its log is") &&
        String(reason).startsWith("KAFKA_STORAGE_ERROR: "),
    ),
  );
  assert.deepEqual([told["level"], told["partition"], told["leader"]], ["warn", REFUSED, 1]);
  assert.ok(product.running());

  proxy.refuse(undefined);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  assert.equal(await product.stop(), 0);
});

test("a broker that comes back and does not tell the coordinator yet ends no instance: it asks until it is told, then joins again", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers });
  t.after(() => proxy.hangUpOn(undefined));
  const product = await line.start({ KAFKA_BROKERS: brokers });
  await line.produce([0, 1, 2].map(alertOf));
  await line.allMailed();

  const before = proxy.refused;
  proxy.hangUpOn("FindCoordinator");
  await kafka.stop();
  // Until then it may still be the member that it was, and need nobody to tell it the coordinator.
  await eventually("it begins anew", () => product.logs.some(({ msg }) => msg === "Kafka client restarts"));
  await kafka.restart();
  await eventually("it has asked again and again", () => proxy.refused >= before + 5);
  await line.produce([0, 1, 2].map(alertOf));
  assert.ok(product.running());
  assert.ok(!product.logs.some(({ level }) => level === "error" || level === "fatal"));

  proxy.hangUpOn(undefined);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  assert.equal(await product.stop(), 0);
});
