import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientWatchdog } from "#src/kafka/watchdog.js";

/** Asks every 5 s, as the product does, from `from` to `to` seconds; the first complaint and when. */
function watch(watchdog: ClientWatchdog, from: number, to: number, each: (second: number) => void = () => undefined) {
  for (let second = from; second <= to; second += 5) {
    each(second);
    const complaint = watchdog.complaint(second * 1000);
    if (complaint !== undefined) return { complaint, second };
  }
  return undefined;
}

test("a client that does nothing at all is complained of within two minutes and a check", () => {
  const watchdog = new ClientWatchdog(0);
  const complaint = watch(watchdog, 5, 300);
  assert.equal(complaint?.second, 120);
  assert.match(complaint?.complaint ?? "", /nothing for 120 s/);
});

test("a client that fetches is left alone for ever", () => {
  const watchdog = new ClientWatchdog(0);
  watchdog.joined(0);
  assert.equal(
    watch(watchdog, 5, 7200, (second) => watchdog.fetched(second * 1000)),
    undefined,
  );
});

test("a member whose heartbeats go on while no fetch comes back is complained of", () => {
  const watchdog = new ClientWatchdog(0);
  watchdog.joined(0);
  const complaint = watch(watchdog, 5, 300, (second) => watchdog.sign(second * 1000));
  assert.match(complaint?.complaint ?? "", /no fetch has come back for 120 s/);
});

test("crash after crash while the broker is away is no reason to leave: what is known would be lost", () => {
  const watchdog = new ClientWatchdog(0);
  watchdog.joined(0);
  assert.equal(
    watch(watchdog, 5, 7200, (second) => second % 15 === 0 && watchdog.crashed(second * 1000)),
    undefined,
  );
});

test("joining and crashing again and again is a storm", () => {
  const watchdog = new ClientWatchdog(0);
  const complaint = watch(watchdog, 5, 300, (second) => {
    watchdog.joined(second * 1000);
    if (second % 20 === 0) watchdog.crashed(second * 1000 + 1);
  });
  assert.match(complaint?.complaint ?? "", /joined the group and crashed 6 times within 100 s/);
});

test("six crashes in an hour are none", () => {
  const watchdog = new ClientWatchdog(0);
  assert.equal(
    watch(watchdog, 5, 3600, (second) => {
      watchdog.joined(second * 1000);
      if (second % 600 === 0) watchdog.crashed(second * 1000 + 1);
    }),
    undefined,
  );
});

test("a process that was frozen itself gives its client time to come back", () => {
  const watchdog = new ClientWatchdog(0);
  watchdog.joined(0);
  watch(watchdog, 5, 60, (second) => watchdog.fetched(second * 1000));
  assert.equal(watch(watchdog, 3600, 3700), undefined);
  assert.ok(watch(watchdog, 3705, 3800));
});
