/** The page that `alert-digest preview` writes, opened as a file: all four looks have their size and colours, nothing in a mail runs, a picture can be taken. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { runCli } from "#test/support/run-cli.js";
import { openPage } from "./support/browser.js";

const BRANDED = new URL("../../templates/branded.html.eta", import.meta.url).pathname;

const folderOf = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), "alert-digest-preview-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
};

const opened = async (t: TestContext, folder: string) => {
  const url = pathToFileURL(join(folder, "preview.html")).href;
  const { page, faults } = await openPage(t, url, { viewport: { width: 1160, height: 900 } });
  await page.locator("body[data-ready]").waitFor();
  return { page, faults };
};

/** The browser says that it ran nothing, not even what this test's own clock would do; a dialog is another fault. */
const forgiveRefusals = (faults: string[]): void => {
  faults.splice(0, faults.length, ...faults.filter((fault) => !REFUSED.test(fault)));
};

const REFUSED = /^console: .*(Blocked script execution|Content Security Policy|violates)/;

test("the page shows a mail on phone and desktop, light and dark, whole, and is photographed", async (t) => {
  const folder = folderOf(t);
  const { code, stderr } = await runCli(["preview", "--locale", "ko", "--out", folder], {
    MAIL_HTML_TEMPLATE: BRANDED,
  });
  assert.deepEqual([code, stderr], [0, ""]);
  const { page, faults } = await opened(t, folder);
  const looks: { width: number; colour: string; cut: boolean }[] = [];
  for (const frame of page.frames().slice(1)) {
    const width = await frame.evaluate("innerWidth");
    const colour = await frame.evaluate("getComputedStyle(document.body).backgroundColor");
    const cut = await frame.evaluate("document.documentElement.scrollHeight > innerHeight + 1");
    looks.push({ width: Number(width), colour: String(colour), cut: cut === true });
  }
  const [light, dark] = ["rgb(238, 242, 243)", "rgb(16, 20, 24)"];
  assert.deepEqual(looks, [
    { width: 360, colour: light, cut: false },
    { width: 720, colour: light, cut: false },
    { width: 360, colour: dark, cut: false },
    { width: 720, colour: dark, cut: false },
  ]);
  assert.match(await page.locator("pre").innerText(), /항온항습기 2호기/);
  const picture = join(folder, "preview.png");
  await page.screenshot({ path: picture, fullPage: true });
  assert.ok(statSync(picture).size > 10_000);
  await page.close();
  forgiveRefusals(faults);
});

test("nothing that a template or an alert holds runs on the page", async (t) => {
  const folder = folderOf(t);
  const evil = `</iframe></pre><script>alert("page")</script><img src=x onerror="alert(1)">`;
  const template = join(folder, "raw.eta");
  writeFileSync(template, `<script>alert("frame")</script><b onclick="alert(2)"><%~ it.alerts[0].message %></b>`);
  const alerts = join(folder, "alerts.jsonl");
  writeFileSync(alerts, JSON.stringify({ deviceId: evil, deviceName: evil, message: evil }));
  const args = ["preview", "--out", folder, "--alerts", alerts];
  const { code, stderr } = await runCli(args, { MAIL_HTML_TEMPLATE: template });
  assert.deepEqual([code, stderr], [0, ""]);
  const { page, faults } = await opened(t, folder);
  assert.equal(page.frames().length, 5);
  await page.close();
  forgiveRefusals(faults);
});
