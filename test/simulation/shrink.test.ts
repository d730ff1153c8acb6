import assert from "node:assert/strict";
import { test } from "node:test";
import { scenarioOf } from "./scenario.js";
import { shrink } from "./shrink.js";
import { report, shortest, simulate } from "./simulate.js";
import { weatherNamed } from "./weathers.js";
import type { Sabotage } from "./world.js";

const numbers = Array.from({ length: 60 }, (_, index) => index);
const none = (): readonly number[] => [];

test("of many events only those that are needed stay, in their order", async () => {
  const fails = async (events: readonly number[]): Promise<boolean> =>
    [7, 31, 32].every((each) => events.includes(each));
  assert.deepEqual(await shrink(numbers, fails, none, 1_000), [7, 31, 32]);
});

test("an event that only stands in for another is found out", async () => {
  // Any three will do, as long as there are three.
  assert.equal((await shrink(numbers, async (events) => events.length >= 3, none, 1_000)).length, 3);
});

test("what is left is made as small as it may be", async () => {
  const fails = async (events: readonly number[]): Promise<boolean> => events.some((each) => each >= 20);
  const smaller = (each: number): readonly number[] => [each >> 1, each - 1];
  assert.deepEqual(await shrink([3, 57, 90], fails, smaller, 1_000), [20]);
});

test("shrinking ends after so many tries, with something that fails", async () => {
  let tries = 0;
  const fails = async (events: readonly number[]): Promise<boolean> => {
    tries++;
    return events.includes(7) && events.includes(50);
  };
  const left = await shrink(numbers, fails, none, 10);
  assert.equal(tries, 10);
  assert.equal(await fails(left), true);
});

/** The first seed in which the defect shows. */
const failingSeed = async (weather: string, sabotage: Sabotage): Promise<number> => {
  for (let seed = 1; seed < 300; seed++)
    if ((await simulate(scenarioOf(seed, weatherNamed(weather)), sabotage)).failure !== undefined) return seed;
  throw new Error(`300 seeds of ${weather} do not find out about ${sabotage}`);
};

for (const [sabotage, weather, words] of [
  ["lease", "frozen", /without a lease/],
  ["exposure", "failing", /a crash would repeat them/],
] as const) {
  test(`a process without its ${sabotage} is found out, and told in few events`, async () => {
    const seed = await failingSeed(weather, sabotage);
    const scenario = scenarioOf(seed, weatherNamed(weather));
    const small = await shortest(scenario, sabotage);
    assert.ok(small.events.length * 2 < scenario.events.length, `${small.events.length} of ${scenario.events.length}`);
    const text = await report(seed, weatherNamed(weather), sabotage);
    assert.match(text, words);
    assert.match(text, new RegExp(`SEED=${seed} WEATHER=${weather} npm run test:simulation`));
    assert.match(text, new RegExp(`it takes ${small.events.length} of ${scenario.events.length} events`));
  });
}

for (const [sabotage, weather] of [
  ["late-lease", "frozen"],
  ["announcement", "moved"],
  ["settled", "crashes"],
  ["pin", "crashes"],
  ["counted", "crashes"],
  ["binding", "mirrored"],
  ["stable-end", "transactions"],
  ["epochs", "unclean"],
  ["whole-batches", "slow"],
] as const) {
  test(`the defect "${sabotage}" shows`, async () => {
    assert.ok((await failingSeed(weather, sabotage)) > 0);
  });
}

test("worlds in which alerts are urgent have early mails, and others have none", async () => {
  const mails = { urgent: 0, other: 0 };
  for (let seed = 1; seed <= 10; seed++) {
    const scenario = scenarioOf(seed, weatherNamed("failing"));
    mails[scenario.options.urgent ? "urgent" : "other"] += (await simulate(scenario)).earlyMails;
  }
  assert.ok(mails.urgent > 20, `${mails.urgent} early mails`);
  assert.equal(mails.other, 0);
});

test("where the server may fall silent, some mails are presumed to have come; elsewhere none is", async () => {
  const presumed = async (weather: string): Promise<number> => {
    let alerts = 0;
    for (let seed = 1; seed <= 10; seed++) alerts += (await simulate(scenarioOf(seed, weatherNamed(weather)))).presumed;
    return alerts;
  };
  assert.ok((await presumed("crashes")) > 10);
  assert.equal(await presumed("failing"), 0);
});

test("worlds with REPEAT_INTERVALS hold windows, and others hold none", async () => {
  const mails = { on: 0, off: 0 };
  for (let seed = 1; seed <= 10; seed++) {
    const scenario = scenarioOf(seed, weatherNamed("failing"));
    const { heldMails } = await simulate(scenario);
    mails[scenario.options.repeatIntervalsMs === undefined ? "off" : "on"] += heldMails;
  }
  assert.ok(mails.on > 20, `${mails.on} mails of windows that told nothing new`);
  assert.equal(mails.off, 0);
});
