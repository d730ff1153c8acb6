/** The page and the product's own HTTP server together: other tests of the page make its events up. */

import { test } from "node:test";
import { eventTime, wallTime } from "#src/core/time.js";
import { createHttpServer } from "#src/http/server.js";
import type { RuntimeState } from "#src/runtime/ports.js";
import { groupSource } from "#test/support/group-source.js";
import { openPage } from "./support/browser.js";

const START = Date.parse("2026-11-22T05:20:18.000Z");

const stateWith = (oldestAgeSeconds: number): RuntimeState => ({
  partitionCount: 1,
  partitions: [
    {
      partition: 0,
      endOffset: 12,
      committedOffset: 10,
      position: 12,
      oldestUnsettledEventTime: eventTime(START - oldestAgeSeconds * 1_000),
      behindOpenTransaction: 0,
      checkpointBytes: 3,
      paused: [],
    },
  ],
  windowsOpen: 4_321,
  windowsPending: 0,
  bufferedAlerts: 5,
  bufferedBytes: 600,
  oldestPendingWindowEnd: undefined,
  smtp: { busy: 0, idle: 1, max: 8, circuitOpen: false },
  lastPollAtMs: START,
  lastCommitAtMs: START,
});

test("the product's server and its page understand each other: windows of five minutes, a change, a stop", async (t) => {
  let state = stateWith(240);
  const ignore = (): void => {};
  const server = createHttpServer({
    ...groupSource({ state: () => state, now: () => wallTime(START), window: { sizeMs: 300_000, graceMs: 2_000 } }),
    scrape: { contentType: "text/plain", render: async () => "" },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    eventIntervalMs: 100,
  });
  const { port } = await server.start("127.0.0.1", 0);
  t.after(() => server.close());
  const { page } = await openPage(t, `http://127.0.0.1:${port}/`);
  await page.getByText("Every alert is being emailed on time").waitFor();
  await page.getByText("4,321").first().waitFor();
  state = stateWith(320);
  await page.getByText("Alerts have been waiting for more than").waitFor();
  await server.close();
  await page.locator("body[data-connection=lost]").waitFor();
});
