/** The pictures of the documents: the live page on a usual day, and mails. `UPDATE_SCREENSHOTS=1 npm run test:browser` writes them. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openPage } from "./support/browser.js";
import { NOW } from "./support/group-status.js";
import { digestOf, fleetOf, foldedDigest, htmlOf, openMail } from "./support/mails.js";
import { servePage } from "./support/page-server.js";
import { pictureFolder } from "./support/pictures.js";

const PICTURES = [
  { name: "live-page-en", options: { locale: "en-GB", colorScheme: "light" } },
  { name: "live-page-ko", options: { locale: "ko-KR", colorScheme: "light" } },
  { name: "live-page-dark", options: { locale: "en-GB", colorScheme: "dark" } },
] as const;

const pictureOf = (t: TestContext, name: string): string => {
  const { folder, isTemporary } = pictureFolder();
  if (isTemporary) t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, `${name}.png`);
};

for (const { name, options } of PICTURES) {
  test(`a picture of the page is taken: ${name}`, async (t) => {
    const server = await servePage(t);
    const { page } = await openPage(t, server.url, { ...options, viewport: { width: 1120, height: 800 } });
    // Dates of the status are of that day; timers go on.
    await page.clock.setFixedTime(NOW);
    await page.locator("body[data-connection=live]").waitFor();
    await page.locator("#mails-rows tr").first().waitFor();
    const box = await page.locator(".columns").boundingBox();
    assert.ok(box);
    const path = pictureOf(t, name);
    const clip = { x: 0, y: 0, width: 1120, height: Math.ceil(box.y + box.height) + 12 };
    await page.screenshot({ path, clip, fullPage: true, animations: "disabled" });
  });
}

const MAILS = [
  { name: "mail", content: digestOf(), options: { colorScheme: "light" } },
  { name: "mail-dark", content: digestOf(), options: { colorScheme: "dark" } },
  { name: "mail-folded", content: foldedDigest(), options: { colorScheme: "light" } },
  { name: "mail-fleet", content: fleetOf(3), options: { colorScheme: "light" } },
] as const;

for (const { name, content, options } of MAILS) {
  test(`a picture of a mail on a phone is taken: ${name}`, async (t) => {
    const page = await openMail(t, await htmlOf(content), { ...options, viewport: { width: 390, height: 400 } });
    const path = pictureOf(t, name);
    await page.screenshot({ path, fullPage: true });
  });
}
