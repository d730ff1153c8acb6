import assert from "node:assert/strict";
import { test } from "node:test";
import { readSimulatorOptions } from "#tools/simulator/options.js";
import type { ProducedRecord } from "#tools/simulator/producer.js";
import { roundMs, type Simulation, simulate } from "#tools/simulator/simulator.js";

const ENVIRONMENT = { KAFKA_BROKERS: "kafka:9092", SIMULATOR_DEVICES: "8" };

const optionsOf = (environment: Record<string, string>) => {
  const read = readSimulatorOptions({ ...ENVIRONMENT, ...environment });
  assert.ok(read.ok, JSON.stringify(read));
  return read.options;
};

/** Runs until `enough`, between a producer that takes everything (or fails the first `failures` times) and a clock that is always late. */
async function run(
  environment: Record<string, string>,
  { failures = 0, enough }: { failures?: number; enough: (records: readonly ProducedRecord[]) => boolean },
): Promise<{ records: ProducedRecord[]; failed: unknown[]; acknowledged: number }> {
  const stop = new AbortController();
  const records: ProducedRecord[] = [];
  const failed: unknown[] = [];
  let acknowledged = 0;
  const simulation: Simulation = {
    options: optionsOf(environment),
    // The plan is as if it had begun long ago, so that nothing waits.
    now: () => Date.now() - 600_000,
    producer: {
      send: async (topic, batch) => {
        assert.equal(topic, "alerts");
        if (failures-- > 0) throw new Error("no broker");
        records.push(...batch);
        if (enough(records)) stop.abort();
        return batch.map((_, offset) => ({ partition: 0, offset }));
      },
      close: async () => undefined,
    },
    acknowledged: (count) => {
      acknowledged += count;
    },
    failed: (error) => failed.push(error),
    retryMs: 1,
    signal: stop.signal,
  };
  await simulate(simulation);
  return { records, failed, acknowledged };
}

const alertIdOf = ({ value }: ProducedRecord): string | undefined =>
  (value as { readonly alertId?: string } | null)?.alertId;

test("the simulator sends alerts of its devices, each with its own ID, and bad records among them", async () => {
  const { records, acknowledged } = await run({}, { enough: (sent) => sent.length >= 6_000 });
  const ids = records.map(alertIdOf).filter((id) => id !== undefined);
  assert.ok(ids.length > 5_000);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(records.some(({ value }) => value === null));
  assert.ok(records.some(({ value }) => Buffer.isBuffer(value)));
  assert.equal(acknowledged, records.length);
});

test("bad records can be switched off", async () => {
  const { records } = await run({ SIMULATOR_BAD_RECORDS: "off" }, { enough: (sent) => sent.length >= 6_000 });
  assert.ok(records.every((record) => alertIdOf(record) !== undefined));
});

test("what the broker does not take is told, and the devices go on", async () => {
  const { failed, records } = await run({}, { failures: 1, enough: (sent) => sent.length > 0 });
  assert.equal(failed.length, 1);
  assert.ok(records.length > 0);
});

test("a round is planned in memory, so a fast fleet has short ones", () => {
  assert.equal(roundMs(20), 300_000);
  assert.ok(roundMs(5_000) <= 12_000);
});

test("every wrong variable of the simulator is told at once", () => {
  const read = readSimulatorOptions({
    SIMULATOR_RATE: "fast",
    SIMULATOR_DEVICES: "1.5",
    SIMULATOR_BAD_RECORDS: "maybe",
  });
  assert.ok(!read.ok);
  for (const name of ["KAFKA_BROKERS", "SIMULATOR_RATE", "SIMULATOR_DEVICES", "SIMULATOR_BAD_RECORDS"]) {
    assert.equal(read.errors.filter((error) => error.startsWith(name)).length, 1, name);
  }
});
