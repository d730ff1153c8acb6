import assert from "node:assert/strict";
import { test } from "node:test";
import type { HoldId } from "#src/core/commit-frontier.js";
import { NOBODY, recipientsOf } from "#src/core/delivered.js";
import { eventTime } from "#src/core/time.js";
import { NO_WINDOW, type WindowId, type WindowState } from "#src/core/window.js";
import { Buckets, DeviceWindows } from "#src/core/window-orders.js";
import { Windows } from "#src/core/windows.js";
import { written } from "#test/support/written.js";

const bench = () => {
  const buckets = new Buckets(1);
  const windows = new Windows(buckets);
  const { devices } = windows;
  const rings = new DeviceWindows(windows);
  return {
    windows,
    rings,
    window(deviceId: string, start: number, state: WindowState = "open", delivered = NOBODY): WindowId {
      const window = windows.open(devices.findOrAdd(written(deviceId)), buckets.at(eventTime(start)), 0 as HoldId);
      windows.setDelivered(window, delivered);
      windows.setState(window, state);
      return window;
    },
    bucket: (start: number) => buckets.at(eventTime(start)),
    starts: () => [...rings].map((window) => windows.bucketOf(window).start as number),
    oldest: (deviceId: string) => rings.oldest(devices.findText(deviceId)),
    newest: (deviceId: string) => devices.newest(devices.findText(deviceId)),
    findOpen: (deviceId: string, start: number, orLater: boolean, delivered = NOBODY) =>
      rings.findOpen(devices.findText(deviceId), start, orLater, delivered),
  };
};

test("a device's windows are in order of their start, in whatever order they come", () => {
  for (const order of [
    [1, 2, 3, 4],
    [4, 3, 2, 1],
    [2, 4, 1, 3],
    [3, 1, 4, 2],
  ]) {
    const { window, rings, windows, starts, oldest, newest } = bench();
    for (const start of order) rings.insert(window("a", start));
    assert.deepEqual(starts(), [1, 2, 3, 4]);
    assert.deepEqual(
      [oldest("a"), newest("a")].map((each) => windows.bucketOf(each).start as number),
      [1, 4],
    );
  }
});

test("the oldest leaves first, and a device without windows is forgotten", () => {
  const { window, rings, windows, starts, oldest, newest } = bench();
  const [first, second, third] = [window("a", 1), window("a", 2), window("a", 3)];
  for (const each of [second, first, third]) rings.insert(each);
  rings.insert(window("b", 9));
  rings.remove(first);
  assert.deepEqual(starts().toSorted(), [2, 3, 9]);
  assert.throws(() => rings.remove(third), /not the oldest/);
  rings.remove(second);
  rings.remove(third);
  assert.deepEqual([windows.devices.count, oldest("a"), newest("a")], [1, NO_WINDOW, NO_WINDOW]);
  assert.throws(() => rings.remove(third), /not the oldest/);
});

test("a passed window keeps none waiting, and is known until it is taken out, in whatever order that comes", () => {
  const { window, rings, windows, bucket, oldest } = bench();
  const [first, second, third] = [window("a", 1, "mailing"), window("a", 2, "mailing"), window("a", 3)];
  for (const each of [first, second, third]) rings.insert(each);
  rings.pass(first);
  rings.pass(second);
  assert.deepEqual([oldest("a"), windows.nextOf(third), windows.devices.count], [third, third, 1]);
  assert.deepEqual(
    [first, second, third].map((each) => windows.stateOf(each)),
    ["passed", "passed", "open"],
  );
  assert.deepEqual([...rings], [first, second, third]);
  rings.remove(second);
  rings.remove(third);
  assert.deepEqual([windows.devices.count, rings.hasIn("a", bucket(1))], [1, true], "it has a passed one still");
  assert.deepEqual([rings.hasIn("a", bucket(2)), rings.hasIn("b", bucket(1))], [false, false]);
  rings.remove(first);
  assert.deepEqual([[...rings], windows.devices.count, rings.hasIn("a", bucket(1))], [[], 0, false]);
});

test("only an open window is found: the one of exactly that start, or for a late alert the oldest from there on", () => {
  const { window, rings, windows, findOpen } = bench();
  assert.equal(findOpen("a", 1, true), NO_WINDOW);
  const [first, second, third, fourth] = [
    window("a", 1, "mailing"),
    window("a", 2, "closed"),
    window("a", 3),
    window("a", 4),
  ];
  for (const each of [first, second, third, fourth]) rings.insert(each);
  assert.equal(findOpen("a", 4, false), fourth);
  assert.equal(findOpen("a", 3, false), third);
  assert.equal(findOpen("a", 2, false), NO_WINDOW);
  assert.equal(findOpen("a", 5, false), NO_WINDOW);
  assert.equal(findOpen("a", 2, true), third);
  assert.equal(findOpen("a", 4, true), fourth);
  assert.equal(findOpen("a", 5, true), NO_WINDOW);
  windows.setState(first, "open");
  assert.equal(findOpen("a", 2, true), third, "an older one is no later one");
  windows.setState(fourth, "closed");
  assert.equal(findOpen("a", 4, false), NO_WINDOW);
  assert.equal(findOpen("a", 4, true), NO_WINDOW);
});

test("of the windows with one start an alert joins the one that the same recipients have", () => {
  const { window, rings, windows, findOpen } = bench();
  const [some, others] = [recipientsOf([5]), recipientsOf([5, 7])];
  const first = window("a", 1, "open", some);
  const second = window("a", 1);
  const third = window("a", 2, "open", some);
  for (const each of [first, second, third]) rings.insert(each);
  assert.deepEqual([...rings], [first, second, third]);
  assert.equal(findOpen("a", 1, false, recipientsOf([5])), first);
  assert.equal(findOpen("a", 1, false), second);
  assert.equal(findOpen("a", 1, false, others), NO_WINDOW);
  assert.equal(findOpen("a", 2, false), NO_WINDOW);
  assert.equal(findOpen("a", 2, true, some), third);
  windows.setState(second, "closed");
  assert.equal(findOpen("a", 1, true, some), first);
  assert.equal(findOpen("a", 1, true), NO_WINDOW);
});

test("a new window comes before the first open one that starts later, and after all that are closed before that", () => {
  const order = (...all: readonly (readonly [start: number, state?: WindowState])[]): number[] => {
    const { window, rings, windows, starts } = bench();
    for (const [start, state] of all) {
      const one = window("a", start);
      rings.insert(one);
      windows.setState(one, state ?? "open");
    }
    return starts();
  };
  assert.deepEqual(order([2, "mailing"], [1]), [2, 1], "its mail may be under way");
  assert.deepEqual(order([2, "closed"], [3], [1]), [2, 1, 3]);
  assert.deepEqual(order([1], [2, "closed"], [2]), [1, 2, 2], "the rest after its early part");
  assert.deepEqual(order([2], [3, "closed"], [1]), [1, 2, 3], "none waits for one that closes later");
  assert.deepEqual(order([0], [2, "closed"], [1]), [0, 2, 1], "as without the window that is gone by the next replay");
});
