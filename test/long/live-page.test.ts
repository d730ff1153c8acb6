/** The whole way to the reader's eyes: two products, a real broker and SMTP server, and the page of one in a real Chromium. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "#test/browser/support/browser.js";
import { eventually } from "#test/support/eventually.js";
import { startLine } from "#test/support/line.js";

const PARTITIONS = 4;
/** Window, grace and ten seconds: not those of the defaults. */
const NORMAL = /The oldest unsent alert is .* old; up to 15 s is normal/;
const HOSTILE = `<img src=x onerror="alert(1)"><script>alert(2)</script> &lt;보일러&gt;`;

test("one instance's page shows the partitions of both, a window that fills up and its mail, and names as text", async (t) => {
  // Long enough that a window of the other, told every 2 s, is seen while it is open.
  const line = await startLine(t, { partitions: PARTITIONS, env: { WINDOW_SIZE: "5s" } });
  const env = { KAFKA_STATUS_TOPIC: `${line.topic}.status` };
  const [first] = await Promise.all([line.start(env), line.start(env)]);
  const { page } = await openPage(t, first.url);

  const instances = page.locator(".instance");
  const partitionsOf = async (index: number): Promise<readonly number[]> =>
    (await instances.nth(index).locator(".partitions tbody tr > :first-child").allInnerTexts()).map(Number);
  await eventually("each has its half on the page", async () => {
    const [own, others] = [await partitionsOf(0), await partitionsOf(1)];
    return own.length === 2 && [...own, ...others].sort().join() === "0,1,2,3";
  });
  const [partition = -1] = await partitionsOf(1);

  const counts: number[] = [];
  let detail = "";
  const row = page.locator("#windows-rows tr", { hasText: "보일러" });
  await eventually(
    "the other's window fills up on the page",
    async () => {
      await line.produce([{ device: "boiler", partition, fields: { deviceName: HOSTILE, severity: "critical" } }]);
      for (const text of await row.locator(".number > :first-child").allInnerTexts()) counts.push(Number(text));
      if (!NORMAL.test(detail)) detail = await page.locator("#detail").innerText();
      return NORMAL.test(detail) && counts.some((count, index) => count > (counts[index - 1] ?? count));
    },
    { seen: () => ({ counts, detail }) },
  );

  const mail = page.locator("#mails-rows tr", { hasText: "boiler" }).first();
  await mail.getByText("Sent").waitFor();
  assert.equal(await mail.locator(".name").textContent(), HOSTILE);
  assert.equal(await page.locator("main img, main script").count(), 0);
  await line.allMailed();
  await line.assertBooks();
  // What the page says it was is what the SMTP server took.
  const [last] = (await line.mails()).slice(-1);
  assert.ok(last);
  await eventually(
    "the last mail is on the page, with its number of alerts",
    async () => (await mail.locator(".number").innerText()) === String(last.count),
  );
  await page.getByText("Every alert is being emailed on time").waitFor();
  await page.locator("#detail", { hasText: "No alerts are waiting." }).waitFor();
});
