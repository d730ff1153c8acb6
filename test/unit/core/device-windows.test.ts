import assert from "node:assert/strict";
import { test } from "node:test";
import type { HoldId } from "#src/core/commit-frontier.js";
import { NOBODY, recipientsOf } from "#src/core/delivered.js";
import { DeviceWindows } from "#src/core/device-windows.js";
import { eventTime } from "#src/core/time.js";
import { newWindow, type Window } from "#src/core/window.js";

const window = (deviceId: string, start: number, state: Window["state"] = "open", delivered = NOBODY): Window => {
  const bucket = { start: eventTime(start), open: [], unsettled: 1, passed: 0, closed: false, early: undefined };
  return Object.assign(newWindow(deviceId, bucket, 0 as HoldId), { state, delivered });
};

const starts = (windows: DeviceWindows): number[] => [...windows].map(({ bucket }) => bucket.start);

test("a device's windows are in order of their start, in whatever order they come", () => {
  for (const order of [
    [1, 2, 3, 4],
    [4, 3, 2, 1],
    [2, 4, 1, 3],
    [3, 1, 4, 2],
  ]) {
    const windows = new DeviceWindows();
    for (const start of order) windows.insert(window("a", start));
    assert.deepEqual(starts(windows), [1, 2, 3, 4]);
    assert.deepEqual([windows.oldest("a")?.bucket.start, windows.newest("a")?.bucket.start], [1, 4]);
  }
});

test("the oldest leaves first, and a device without windows is forgotten", () => {
  const windows = new DeviceWindows();
  const [first, second, third] = [window("a", 1), window("a", 2), window("a", 3)];
  for (const each of [second, first, third]) windows.insert(each);
  windows.insert(window("b", 9));
  windows.remove(first);
  assert.deepEqual(starts(windows), [2, 3, 9]);
  assert.throws(() => windows.remove(third), /not the oldest/);
  windows.remove(second);
  windows.remove(third);
  assert.deepEqual([windows.devices, windows.oldest("a"), windows.newest("a")], [1, undefined, undefined]);
  assert.throws(() => windows.remove(third), /not the oldest/);
});

test("a passed window keeps none waiting, and is known until it is taken out, in whatever order that comes", () => {
  const windows = new DeviceWindows();
  const [first, second, third] = [window("a", 1, "mailing"), window("a", 2, "mailing"), window("a", 3)];
  for (const each of [first, second, third]) windows.insert(each);
  windows.pass(first);
  windows.pass(second);
  assert.deepEqual([windows.oldest("a"), third.next, windows.devices], [third, third, 1]);
  assert.deepEqual([first.state, second.state, third.state], ["passed", "passed", "open"]);
  assert.deepEqual([...windows], [first, second, third]);
  windows.remove(second);
  windows.remove(third);
  assert.deepEqual([windows.devices, windows.hasIn("a", first.bucket)], [0, true]);
  assert.deepEqual([windows.hasIn("a", second.bucket), windows.hasIn("b", first.bucket)], [false, false]);
  windows.remove(first);
  assert.deepEqual([[...windows], windows.hasIn("a", first.bucket)], [[], false]);
});

test("only an open window is found: the one of exactly that start, or for a late alert the oldest from there on", () => {
  const windows = new DeviceWindows();
  assert.equal(windows.findOpen("a", 1, true, NOBODY), undefined);
  const [first, second, third, fourth] = [
    window("a", 1, "mailing"),
    window("a", 2, "closed"),
    window("a", 3),
    window("a", 4),
  ];
  for (const each of [first, second, third, fourth]) windows.insert(each);
  assert.equal(windows.findOpen("a", 4, false, NOBODY), fourth);
  assert.equal(windows.findOpen("a", 3, false, NOBODY), third);
  assert.equal(windows.findOpen("a", 2, false, NOBODY), undefined);
  assert.equal(windows.findOpen("a", 5, false, NOBODY), undefined);
  assert.equal(windows.findOpen("a", 2, true, NOBODY), third);
  assert.equal(windows.findOpen("a", 4, true, NOBODY), fourth);
  assert.equal(windows.findOpen("a", 5, true, NOBODY), undefined);
  first.state = "open";
  assert.equal(windows.findOpen("a", 2, true, NOBODY), third, "an older one is no later one");
  fourth.state = "closed";
  assert.equal(windows.findOpen("a", 4, false, NOBODY), undefined);
  assert.equal(windows.findOpen("a", 4, true, NOBODY), undefined);
});

test("of the windows with one start an alert joins the one that the same recipients have", () => {
  const windows = new DeviceWindows();
  const [some, others] = [recipientsOf([5]), recipientsOf([5, 7])];
  const first = window("a", 1, "open", some);
  const second = window("a", 1);
  const third = window("a", 2, "open", some);
  for (const each of [first, second, third]) windows.insert(each);
  assert.deepEqual([...windows], [first, second, third]);
  assert.equal(windows.findOpen("a", 1, false, recipientsOf([5])), first);
  assert.equal(windows.findOpen("a", 1, false, NOBODY), second);
  assert.equal(windows.findOpen("a", 1, false, others), undefined);
  assert.equal(windows.findOpen("a", 2, false, NOBODY), undefined);
  assert.equal(windows.findOpen("a", 2, true, some), third);
  second.state = "closed";
  assert.equal(windows.findOpen("a", 1, true, some), first);
  assert.equal(windows.findOpen("a", 1, true, NOBODY), undefined);
});

test("a new window comes before the first open one that starts later, and after all that are closed before that", () => {
  const order = (...all: readonly (readonly [start: number, state?: Window["state"]])[]): number[] => {
    const windows = new DeviceWindows();
    for (const [start, state] of all) {
      const one = window("a", start);
      windows.insert(one);
      one.state = state ?? "open";
    }
    return starts(windows);
  };
  assert.deepEqual(order([2, "mailing"], [1]), [2, 1], "its mail may be under way");
  assert.deepEqual(order([2, "closed"], [3], [1]), [2, 1, 3]);
  assert.deepEqual(order([1], [2, "closed"], [2]), [1, 2, 2], "the rest after its early part");
  assert.deepEqual(order([2], [3, "closed"], [1]), [1, 2, 3], "none waits for one that closes later");
  assert.deepEqual(order([0], [2, "closed"], [1]), [0, 2, 1], "as without the window that is gone by the next replay");
});
