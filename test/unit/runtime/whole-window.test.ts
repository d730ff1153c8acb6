import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Alert } from "#src/core/alert.js";
import { eventTime } from "#src/core/time.js";
import type { ArchiveRequest, Digest, FleetDigest, ListedAlert } from "#src/runtime/ports.js";
import { createWholeWindow, type WholeWindowOptions } from "#src/runtime/whole-window.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";

const alert: Alert = { deviceId: "a", message: "m", severity: "warning", status: "firing" };
const listed = (offset: number): ListedAlert => ({ offset, eventTime: eventTime(offset), late: true, alert });

const digest = (offsets: number[], folded: boolean): Digest => ({
  topic: "alerts",
  partition: 3,
  deviceId: "a",
  deviceName: undefined,
  windowStart: eventTime(0),
  windowEnd: eventTime(30_000),
  windowCount: 1,
  idOffset: 0,
  firstOffset: 0,
  lastOffset: 9,
  count: 10,
  listed: offsets.map(listed),
  folded: folded ? foldedAlerts({ count: 1, bySeverity: { info: 0, warning: 1, critical: 0 } }) : undefined,
});

/** An archive that has every offset but those in `gone`. */
const setup = (mode: WholeWindowOptions["mode"], gone: number[] = []) => {
  const requests: ArchiveRequest[] = [];
  const read = async (request: ArchiveRequest) => {
    requests.push(request);
    const wanted = request.runs.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
    const alerts = wanted
      .filter((offset) => !gone.includes(offset))
      .map((offset) => ({ offset, eventTime: eventTime(offset), alert }));
    return { alerts, missing: wanted.length - alerts.length, beyond: 0 };
  };
  return { attach: createWholeWindow({ read }, { mode, maxBytes: 1_000 }), requests };
};

/** As if each record had another leader. */
const job = (...runs: [number, number][]) => ({ offsetRuns: () => runs, epochOf: (offset: number) => offset });

test("a folded window is the digest's alerts and those read back, in offset order; only the latter are read", async () => {
  const { attach, requests } = setup("folded", [7]);
  const attachment = await attach(digest([1, 2, 5], true), job([1, 3], [5, 8]));
  assert.deepEqual(
    attachment?.alerts.map(({ offset }) => offset),
    [1, 2, 3, 5, 6, 8],
  );
  assert.deepEqual(
    attachment?.alerts.map((one) => "late" in one),
    [true, true, false, true, false, false],
  );
  assert.deepEqual([attachment?.unread, attachment?.beyond], [1, 0]);
  const asked = requests.map(({ epochOf, ...request }) => ({ ...request, epochs: [epochOf(3), epochOf(6)] }));
  assert.deepEqual(asked, [
    {
      partition: 3,
      runs: [
        [3, 3],
        [6, 8],
      ],
      deviceId: "a",
      windowEnd: 30_000,
      maxBytes: 1_000,
      epochs: [3, 6],
    },
  ]);
});

test("a window that lists everything has a file when all mails do, and nothing is read for it", async () => {
  const { attach, requests } = setup("always");
  assert.deepEqual(await attach(digest([1, 2], false), job([1, 2])), {
    alerts: [listed(1), listed(2)],
    unread: 0,
    beyond: 0,
  });
  assert.equal(await setup("folded").attach(digest([1], false), job([1, 1])), undefined);
  assert.equal(requests.length, 0);
});

test("what is known already gets no file unless all mails do; where that is not certain, it does", async () => {
  const repeats = { ...digest([1], true), repeats: 2 };
  const attach = (mode: "folded" | "always", of: Digest) => setup(mode).attach(of, job([1, 2]));
  assert.equal(await attach("folded", repeats), undefined);
  assert.equal((await attach("always", repeats))?.alerts.length, 2);
  assert.equal((await attach("folded", { ...repeats, mayBeNews: true }))?.alerts.length, 2);
});

test("without a wish for files nothing is read, and a mail of several devices has none", async () => {
  const never = setup("never");
  assert.equal(await never.attach(digest([1], true), job([1, 2])), undefined);
  const always = setup("always");
  const fleet = { devices: [], reason: "asked" } as unknown as FleetDigest;
  assert.equal(await always.attach(fleet, job([1, 2])), undefined);
  assert.equal(never.requests.length + always.requests.length, 0);
});

test("whatever is listed, each offset of the window is there once", async () => {
  const offsets = fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(offsets, fc.func(fc.boolean()), async (all, isListed) => {
      const runs: [number, number][] = [];
      for (const offset of all) {
        const run = runs.at(-1);
        if (run !== undefined && run[1] === offset - 1) run[1] = offset;
        else runs.push([offset, offset]);
      }
      const { attach } = setup("folded");
      const attachment = await attach(
        digest(
          all.filter((offset) => isListed(offset)),
          true,
        ),
        job(...runs),
      );
      assert.deepEqual(
        attachment?.alerts.map(({ offset }) => offset),
        all,
      );
    }),
  );
});
