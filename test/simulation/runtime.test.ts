import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeeds } from "./pool.js";
import { WEATHERS, weatherNamed } from "./weathers.js";

/**
 * `SEED` runs one seed, `SEEDS` so many from there on (or from the usual first one), `WEATHER` one of the weathers only. `RUNS_FACTOR` multiplies the usual
 * number.
 */
const { SEED, SEEDS, WEATHER, RUNS_FACTOR } = process.env;
const first = Number(SEED ?? 1);
const usual = Math.max(1, Math.round(350 * Number(RUNS_FACTOR ?? 1)));
const count = Number(SEEDS ?? (SEED === undefined ? usual : 1));

for (const weather of WEATHER === undefined ? WEATHERS : [weatherNamed(WEATHER)]) {
  test(weather.claim, async () => {
    const { worlds, failures } = await runSeeds(weather, first, count);
    // The test's own stack says nothing.
    if (failures.length > 0) throw Object.assign(new Error(failures[0]), { stack: failures[0] });
    assert.equal(worlds, count);
  });
}
