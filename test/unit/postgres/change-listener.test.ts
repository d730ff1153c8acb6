import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeListener } from "#src/postgres/change-listener.js";
import { quietLog } from "#test/support/quiet.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";

class Bench {
  readonly clock = new VirtualClock(0);
  readonly events: string[] = [];
  readonly opened: { notified: (payload: string) => void; ended: (error: unknown) => void }[] = [];
  refusing = false;
  silent = false;
  readonly listener = new ChangeListener({
    open: (on) => {
      this.opened.push(on);
      if (this.refusing) throw new Error("refused");
      return {
        start: async (channel) => void this.events.push(`start ${channel}`),
        check: () => (this.silent ? Promise.reject(new Error("silent")) : Promise.resolve()),
        close: () => this.events.push("close"),
      };
    },
    channel: "changes",
    onChange: (payload) => this.events.push(`change ${payload}`),
    onListening: () => this.events.push("listening"),
    describe: (error) => ({ code: undefined, detail: String(error) }),
    clock: this.clock,
    log: quietLog,
    random: () => 1,
    retryInitialMs: 1_000,
    retryMaxMs: 4_000,
  });
}

test("it listens, and hands on what it hears", async () => {
  const bench = new Bench();
  bench.listener.start();
  await settled();
  bench.opened[0]?.notified("boiler");
  assert.deepEqual(bench.events, ["start changes", "listening", "change boiler"]);
  assert.equal(bench.listener.listens, true);
});

test("a connection that ends is replaced after a pause that grows, and every time it tells that it listens from now on", async () => {
  const bench = new Bench();
  bench.listener.start();
  await settled();
  bench.refusing = true;
  bench.opened[0]?.ended(new Error("gone"));
  assert.equal(bench.listener.listens, false);
  await bench.clock.advance(1_000 + 2_000 + 4_000);
  assert.equal(bench.opened.length, 4);
  bench.refusing = false;
  bench.events.length = 0;
  await bench.clock.advance(4_000);
  assert.deepEqual(bench.events, ["start changes", "listening"]);
  bench.opened[0]?.ended(new Error("gone"));
  assert.equal(bench.listener.listens, true, "an old connection has nothing to say any more");
});

test("a connection that is silent is replaced", async () => {
  const bench = new Bench();
  bench.listener.start();
  await settled();
  await bench.clock.advance(120_000);
  assert.equal(bench.opened.length, 1);
  bench.silent = true;
  await bench.clock.advance(30_000);
  assert.equal(bench.listener.listens, false);
  assert.equal(bench.events.at(-1), "close");
  bench.silent = false;
  await bench.clock.advance(1_000);
  assert.equal(bench.listener.listens, true);
});

test("after its end no connection and no timer is left", async () => {
  const bench = new Bench();
  bench.listener.start();
  await settled();
  bench.listener.close();
  assert.equal(bench.events.at(-1), "close");
  assert.equal(bench.clock.pending, 0);
  bench.opened[0]?.ended(new Error("gone"));
  assert.equal(bench.clock.pending, 0);
});
