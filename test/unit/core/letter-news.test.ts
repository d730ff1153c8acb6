import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  DEVICES_COUNTED_MAX,
  DEVICES_LISTED_MAX,
  type LetterFacts,
  LetterGathering,
  WORST_MAX,
} from "#src/core/letter-news.js";
import { checkProperty } from "#test/support/property.js";

const MINUTE = 60_000;

const letter = (atMs: number, more: Partial<LetterFacts> = {}): LetterFacts => ({
  ...{ kind: "window", stage: "smtp", reason: "recipient-refused", deviceId: "boiler", severity: "warning" },
  ...{ alerts: 3, says: "too hot", detail: "550 no such user", position: "0/7", atMs },
  ...more,
});

test("the first letter begins an interval, and a mail at its end tells of all", () => {
  const gathering = new LetterGathering(15 * MINUTE);
  assert.equal(gathering.dueMs, undefined);
  gathering.note(letter(MINUTE));
  gathering.note(letter(9 * MINUTE, { reason: "not-json", stage: "decode", deviceId: undefined, alerts: 1 }));
  assert.equal(gathering.dueMs, 16 * MINUTE);
  const news = gathering.take(16 * MINUTE);
  assert.deepEqual([news.letters, news.alerts, news.sinceMs, news.untilMs], [2, 4, MINUTE, 16 * MINUTE]);
  assert.deepEqual(
    news.reasons.map(({ reason, letters }) => [reason, letters]),
    [
      ["not-json", 1],
      ["recipient-refused", 1],
    ],
  );
  assert.deepEqual(news.devices, [{ deviceId: "boiler", letters: 1, critical: 0 }]);
  assert.deepEqual([gathering.waiting, gathering.dueMs], [0, undefined]);
});

test("a letter of a critical alert is told of at once, unless a mail left in this interval", () => {
  const gathering = new LetterGathering(15 * MINUTE);
  gathering.note(letter(MINUTE));
  gathering.note(letter(2 * MINUTE, { severity: "critical" }));
  assert.ok((gathering.dueMs ?? 0) <= 2 * MINUTE);
  gathering.take(2 * MINUTE);
  gathering.left(2 * MINUTE);
  gathering.note(letter(3 * MINUTE, { severity: "critical" }));
  assert.equal(gathering.dueMs, 17 * MINUTE);
  gathering.take(17 * MINUTE);
  gathering.left(17 * MINUTE);
  gathering.note(letter(60 * MINUTE, { severity: "critical" }));
  assert.equal(gathering.dueMs, 60 * MINUTE);
});

test("what nobody took comes back, and what came since joins it", () => {
  const gathering = new LetterGathering(15 * MINUTE);
  gathering.note(letter(MINUTE, { severity: "info" }));
  const news = gathering.take(20 * MINUTE);
  gathering.note(letter(21 * MINUTE, { deviceId: "pump", severity: "critical" }));
  gathering.back(news);
  assert.equal(gathering.waiting, 2);
  const both = gathering.take(22 * MINUTE);
  assert.deepEqual([both.sinceMs, both.letters, both.critical, both.deviceCount], [MINUTE, 2, 1, 2]);
  assert.deepEqual(
    both.worst.map(({ deviceId }) => deviceId),
    ["pump", "boiler"],
  );
});

test("a flood takes bounded memory, and its worst are kept", () => {
  const gathering = new LetterGathering(MINUTE);
  for (let index = 0; index < 3_000; index++)
    gathering.note(letter(index, { deviceId: `d${index}`, severity: index === 5 ? "critical" : "info" }));
  const news = gathering.take(MINUTE);
  assert.deepEqual(
    [news.letters, news.deviceCount, news.moreDevices, news.devices.length, news.worst.length],
    [3_000, DEVICES_COUNTED_MAX, true, DEVICES_LISTED_MAX, WORST_MAX],
  );
  assert.deepEqual([news.worst[0]?.deviceId, news.devices[0]?.deviceId], ["d5", "d5"]);
});

test("whatever comes whenever, whatever fails: no two mails in one interval, none waits for longer than one, nothing is left out", () => {
  const INTERVAL = 100;
  const step = fc.record({
    afterMs: fc.nat(60),
    severity: fc.constantFrom("critical" as const, "warning" as const, undefined),
    fails: fc.boolean(),
  });
  checkProperty(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const gathering = new LetterGathering(INTERVAL);
      let now = 0;
      let noted = 0;
      let told = 0;
      let last: number | undefined;
      const send = (fails: boolean): void => {
        const news = gathering.take(now);
        if (fails) {
          gathering.back(news);
          return;
        }
        assert.ok(last === undefined || now - last >= INTERVAL, `mails at ${last} and ${now}`);
        last = now;
        told += news.letters;
        gathering.left(now);
      };
      for (const { afterMs, severity, fails } of steps) {
        for (const end = now + afterMs; now < end; now++)
          if (gathering.dueMs !== undefined && gathering.dueMs <= now) send(fails);
        noted++;
        gathering.note(letter(now, { severity }));
        const due = gathering.dueMs ?? Number.POSITIVE_INFINITY;
        assert.ok(due <= Math.max(now, last ?? 0) + INTERVAL, `a letter of ${now} is told of at ${due}`);
      }
      assert.equal(told + gathering.waiting, noted);
    }),
    { runs: 200, rerun: "npm run test:unit -- core/letter-news" },
  );
});
