import assert from "node:assert/strict";
import { test } from "node:test";
import type { Preparation } from "#src/runtime/ports.js";
import { SCHEMAS_WITHIN_MS, Schemas } from "#src/runtime/schemas-in-time.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const RECORDS = [{ key: null, value: Buffer.from("x"), headers: {} }];

test("one question after the other is waited for, until all records can be decoded", async () => {
  const clock = new VirtualClock();
  const questions: Preparation[] = [1_000, 2_000].map((ms, index) => ({
    decodable: index,
    ready: new Promise((resolve) => clock.after(3 * ms, resolve)),
  }));
  const schemas = new Schemas({ prepare: () => questions.shift() }, clock);
  const had = schemas.have(RECORDS);
  await clock.advance(6_000);
  assert.equal(await had, true);
  assert.deepEqual(questions, []);
});

test("who was waited for in vain is not waited for again; where nothing is to be asked, nothing is waited for", async () => {
  const clock = new VirtualClock();
  const never = { decodable: 0, ready: new Promise<void>(() => undefined) };
  const schemas = new Schemas({ prepare: () => never }, clock);
  const first = schemas.have(RECORDS);
  await clock.advance(SCHEMAS_WITHIN_MS);
  assert.equal(await first, false);
  const second = schemas.have(RECORDS);
  await clock.advance(0);
  assert.equal(await second, false);
  assert.equal(await new Schemas({}, clock).have(RECORDS), true);
});
