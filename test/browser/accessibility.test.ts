/** What a reader needs who does not see the page as its author did: contrast, structure, small screens, other schemes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { openPage, PATIENCE_OF_PAGE_MS } from "./support/browser.js";
import {
  deadLetterStatus,
  groupStatus,
  instanceStatus,
  mailStatus,
  partitionStatus,
  windowStatus,
} from "./support/group-status.js";
import { servePage } from "./support/page-server.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Rules of WCAG 2.1 A and AA that the page breaks, with the elements. */
const violations = async (page: Page, run: string): Promise<readonly string[]> => {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run(document, { runOnly: ${run} }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + " " + target + " " + failureSummary)))`);
};

const LONG = "w".repeat(256);
/** Everything that can be wrong, and names without a place to break. */
const trouble = groupStatus({
  instances: [
    instanceStatus(0, {
      host: `host-${LONG}`.slice(0, 63),
      notReady: "draining",
      partitions: [
        partitionStatus({ paused: ["buffer", "smtp"], lagSeconds: 3_700 }),
        partitionStatus({ partition: 1, lagSeconds: 90, lagRecords: 1_234_567 }),
        partitionStatus({ partition: 2, position: null }),
      ],
      smtp: {
        idle: 0,
        busy: 0,
        max: 8,
        circuitOpen: true,
        circuitSince: "2026-11-20T05:19:00.000Z",
        host: `${LONG}.example.com`,
        port: 587,
        reachable: false,
        since: "2026-11-20T05:19:00.000Z",
        trouble: { kind: "certificate", said: LONG },
        lastFailure: {
          at: "2026-11-20T05:19:00.000Z",
          phase: "connect",
          reason: "refused",
          reply: `ECONNREFUSED ${LONG}`,
        },
      },
      windows: {
        open: 12_345,
        pending: 1_234,
        held: 5_678,
        oldestPendingAgeSeconds: 4_000,
        top: [
          windowStatus(0, { deviceName: LONG, alerts: 123_456 }),
          windowStatus(1, { windowEnd: "2026-11-20T05:19:00.000Z" }),
        ],
      },
      mails: (["accepted", "dead_lettered", "deferred", "refused", "unreachable", "ambiguous"] as const).map(
        (outcome, index) =>
          mailStatus(index, { outcome, deviceName: null, deviceId: LONG, attempts: 3, reason: "mailbox-unavailable" }),
      ),
      deadLetters: [deadLetterStatus({ at: groupStatus().time, detail: LONG, deviceId: LONG })],
    }),
    instanceStatus(1, { ageSeconds: 31 }),
  ],
});

// Another scheme changes colours only.
const SCHEMES = [
  { colorScheme: "light", rules: '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]' },
  { colorScheme: "dark", rules: '["color-contrast"]' },
] as const;
for (const { colorScheme, rules } of SCHEMES) {
  test(`no rule of WCAG 2.1 AA is broken, on good and on bad days: ${colorScheme}`, async (t) => {
    const server = await servePage(t);
    const { page } = await openPage(t, server.url, { colorScheme, reducedMotion: "reduce" });
    await page.locator("#mails-rows tr").first().waitFor();
    assert.deepEqual(await violations(page, rules), []);
    server.tell(trouble);
    await page.getByText(/^The certificate of the mail server .* is not accepted$/).waitFor();
    assert.deepEqual(await violations(page, rules), []);
    await server.stop();
    await page.clock.fastForward(PATIENCE_OF_PAGE_MS);
    await page.getByText(/Connection lost at/).waitFor();
    assert.deepEqual(await violations(page, rules), []);
  });
}

test("light and dark are what the system prefers", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url);
  const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await ground(), "rgb(243, 245, 248)");
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await ground(), "rgb(15, 18, 22)");
});

test("nothing moves for those who asked for that", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url, { reducedMotion: "reduce" });
  await page.locator(".fill").first().waitFor({ state: "attached" });
  assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.fill')).transitionDuration"), "0s");
});

for (const locale of ["en-GB", "ko-KR"]) {
  test(`on a screen of 320 pixels nothing has to be scrolled sideways: ${locale}`, async (t) => {
    const server = await servePage(t, trouble);
    const { page } = await openPage(t, server.url, { locale, viewport: { width: 320, height: 640 } });
    await page.locator("#mails-rows tr").first().waitFor();
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 320);
    // Nor is anything cut off at the right.
    const beyond = await page.evaluate(
      "[...document.querySelectorAll('main *')].filter((each) => each.getBoundingClientRect().right > 320).map((each) => each.outerHTML.slice(0, 80))",
    );
    assert.deepEqual(beyond, []);
  });
}

test("the keyboard reaches the state first, and everything that can be used has a visible focus", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url);
  await page.locator("#mails-rows tr").first().waitFor();
  const names: string[] = [];
  for (let index = 0; index < 5; index++) {
    await page.keyboard.press("Tab");
    names.push(String(await page.evaluate("document.activeElement.textContent")));
    assert.notEqual(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "none");
  }
  assert.deepEqual(names, ["Skip to status", "한국어", "English", "Metrics", "View as JSON"]);
});

test("only the headline is read out, and it says nothing that changes every second", async (t) => {
  const server = await servePage(
    t,
    groupStatus({ instances: [instanceStatus(0, { partitions: [partitionStatus({ lagSeconds: 40 })] })] }),
  );
  const { page } = await openPage(t, server.url);
  await page.getByText(/is 40 s old/).waitFor();
  assert.equal(await page.locator("[aria-live], [role=status], [role=alert]").count(), 1);
  const before = await page.locator("#headline").innerText();
  server.tell(groupStatus({ instances: [instanceStatus(0, { partitions: [partitionStatus({ lagSeconds: 41 })] })] }));
  await page.getByText(/is 41 s old/).waitFor();
  assert.equal(await page.locator("#headline").innerText(), before);
});
