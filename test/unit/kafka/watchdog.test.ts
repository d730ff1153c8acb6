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
  const watchdog = new ClientWatchdog(0, 120_000);
  const complaint = watch(watchdog, 5, 300);
  assert.equal(complaint?.second, 120);
  assert.match(complaint?.complaint ?? "", /nothing for 120 s/);
});

test("a client that fetches is left alone for ever", () => {
  const watchdog = new ClientWatchdog(0, 120_000);
  watchdog.joined(0);
  assert.equal(
    watch(watchdog, 5, 7200, (second) => watchdog.fetched(second * 1000)),
    undefined,
  );
});

test("a member whose heartbeats go on while no fetch comes back is complained of", () => {
  const watchdog = new ClientWatchdog(0, 120_000);
  watchdog.joined(0);
  const complaint = watch(watchdog, 5, 300, (second) => watchdog.sign(second * 1000));
  assert.match(complaint?.complaint ?? "", /no fetch has come back for 120 s/);
});

test("crash after crash while the broker is away is no reason to leave: what is known would be lost", () => {
  const watchdog = new ClientWatchdog(0, 120_000);
  watchdog.joined(0);
  assert.equal(
    watch(watchdog, 5, 7200, (second) => second % 15 === 0 && watchdog.crashed(second * 1000)),
    undefined,
  );
});

test("joining and crashing again and again is a storm", () => {
  const watchdog = new ClientWatchdog(0, 120_000);
  const complaint = watch(watchdog, 5, 300, (second) => {
    watchdog.joined(second * 1000);
    if (second % 20 === 0) watchdog.crashed(second * 1000 + 1);
  });
  assert.match(complaint?.complaint ?? "", /joined the group and crashed 6 times within 100 s/);
});

test("six crashes in an hour are none", () => {
  const watchdog = new ClientWatchdog(0, 120_000);
  assert.equal(
    watch(watchdog, 5, 3600, (second) => {
      watchdog.joined(second * 1000);
      if (second % 600 === 0) watchdog.crashed(second * 1000 + 1);
    }),
    undefined,
  );
});

test("a process that was frozen itself gives its client time to come back", () => {
  const watchdog = new ClientWatchdog(0, 120_000);
  watchdog.joined(0);
  watch(watchdog, 5, 60, (second) => watchdog.fetched(second * 1000));
  assert.equal(watch(watchdog, 3600, 3700), undefined);
  assert.ok(watch(watchdog, 3705, 3800));
});

test("a join that neither succeeds nor fails is complained of, though the client goes on connecting and trying", () => {
  const watchdog = new ClientWatchdog(0, 60_000);
  watchdog.joined(0);
  const complaint = watch(watchdog, 5, 300, (second) => {
    watchdog.fetched(second * 1000);
    if (second >= 100 && second % 20 === 0) watchdog.joining(second * 1000);
  });
  assert.deepEqual(complaint, { complaint: "joining the group has come to nothing for 60 s", second: 160 });
});

test("a join that ends in time, or with a crash, is forgotten", () => {
  for (const end of ["joined", "crashed"] as const) {
    const watchdog = new ClientWatchdog(0, 60_000);
    watchdog.joining(1_000);
    watchdog[end](20_000);
    assert.equal(
      watch(watchdog, 25, 300, (second) => watchdog.fetched(second * 1000)),
      undefined,
    );
  }
});

test("a batch that was begun and is not ended is complained of, though another broker's fetches come back", () => {
  const watchdog = new ClientWatchdog(0, 60_000);
  watchdog.joined(0);
  watchdog.batchBegan(1_000);
  watchdog.batchEnded(1_001);
  watchdog.batchBegan(10_000);
  const complaint = watch(watchdog, 5, 300, (second) => watchdog.fetched(second * 1000));
  assert.deepEqual(complaint, { complaint: "a batch of records has not been finished for 60 s", second: 70 });
});

test("standing still itself counts neither for a join nor for a batch", () => {
  const watchdog = new ClientWatchdog(0, 60_000);
  watchdog.complaint(5_000);
  watchdog.joining(5_000);
  watchdog.batchBegan(5_000);
  assert.equal(watchdog.complaint(3_600_000), undefined);
  assert.equal(watch(watchdog, 3605, 3655), undefined);
  assert.match(watchdog.complaint(3_660_000) ?? "", /joining the group/);
});
