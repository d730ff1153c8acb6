import assert from "node:assert/strict";
import { test } from "node:test";
import type { LetterFilter } from "#src/commands/dead-letters/command.js";
import { byAgeInOrder, matches } from "#src/commands/dead-letters/filter.js";
import type { Letter } from "#src/commands/dead-letters/letter.js";
import { seededRandom } from "#tools/simulator/random.js";

const letter = (failedAtMs: number, partition: number, offset: number): Letter =>
  ({
    failedAtMs,
    partition: 0,
    offset: failedAtMs,
    source: { topic: "alerts", partition, offset },
  }) as unknown as Letter;
const named = (letters: readonly Letter[]): string[] =>
  letters.map(({ source: { partition, offset } }) => `${partition}/${offset}`);

test("letters are taken oldest first, but those of one partition in the order of its records", () => {
  const letters = [letter(3, 0, 5), letter(1, 0, 20), letter(2, 1, 9), letter(4, 1, 8)];
  assert.deepEqual(named(byAgeInOrder(letters)), ["0/5", "1/8", "0/20", "1/9"]);
});

test("whatever the limit, what is left of a partition came after what was taken of it", () => {
  const random = seededRandom(7);
  for (let round = 0; round < 200; round++) {
    const letters = Array.from({ length: 12 }, (_, at) => letter(at, random.whole(0, 2), random.whole(0, 49)));
    const all = byAgeInOrder(letters);
    assert.deepEqual(new Set(all), new Set(letters));
    for (const [at, { source }] of all.entries())
      for (const later of all.slice(at + 1))
        assert.ok(later.source.partition !== source.partition || later.source.offset >= source.offset);
  }
});

test("a device is found by its ID as text or as number, with all its digits, where the key names another", () => {
  const finds = (value: string, device: string): boolean =>
    matches(
      { device: undefined, key: Buffer.from("other"), value: Buffer.from(value) } as unknown as Letter,
      { device, positions: [] } as unknown as LetterFilter,
    );
  assert.ok(finds('{"deviceId":"7"}', "7"));
  assert.ok(finds('{"deviceId":7}', "7"));
  assert.ok(finds('{"deviceId":1234567890123456789}', "1234567890123456789"));
  assert.ok(!finds('{"deviceId":77}', "7"));
  assert.ok(!finds('{"deviceId":"8","value":7}', "7"));
  assert.ok(!finds('{"deviceId":["7"]}', "7"));
});
