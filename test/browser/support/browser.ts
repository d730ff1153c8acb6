/** One real Chromium for all tests of a file, and pages that fail their test when anything goes wrong in them unseen. */

import assert from "node:assert/strict";
import { after, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findChromium } from "#test/support/chromium.js";

const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** How long a condition may take on a busy machine. */
export const PATIENCE_MS = 120_000;
/** Without an event for less than this the page says that the connection is lost, and asks again. */
export const PATIENCE_OF_PAGE_MS = 5_000;

let browser: Promise<Browser> | undefined;

/** Headless, in a profile of its own, without sandbox (root has none), without any network of its own. */
const launched = (): Promise<Browser> => {
  browser ??= findChromium().then((executablePath) => chromium.launch({ executablePath, args: QUIET }));
  return browser;
};

after(async () => (await browser)?.close());

export interface Opened {
  readonly page: Page;
  /** Console errors, uncaught exceptions and policy violations so far; what a test provokes it takes out. */
  readonly faults: string[];
}

/** A page in a fresh context; at the end of the test it must not have had any fault. */
export const openPage = async (t: TestContext, url: string, options: BrowserContextOptions = {}): Promise<Opened> => {
  const context = await (await launched()).newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    timezoneId: "Asia/Seoul",
    colorScheme: "light",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on("console", (message) => {
    // The browser's own line about a server that is gone; it is what the reconnect tests do.
    if (message.type() === "error" && !/Failed to load resource|net::ERR_/.test(message.text()))
      faults.push(`console: ${message.text()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  // Time goes on by itself; a test that waits for the page's patience to end calls `page.clock.fastForward`.
  await page.clock.install();
  await page.goto(url);
  return { page, faults };
};

/** Resolves once `expression`, run in the page, is true. By questions from outside: the page's policy forbids `eval` in it. */
export const until = async (page: Page, expression: string): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS;
  while ((await page.evaluate(expression)) !== true) {
    if (Date.now() > deadline) throw new Error(`still not so: ${expression}`);
    await sleep(50);
  }
};
