/** The pictures of README: the live page on a usual day, and one mail. `UPDATE_SCREENSHOTS=1 npm run test:browser` writes them. */

import assert from "node:assert/strict";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import PostalMime from "postal-mime";
import type { Alert } from "#src/core/alert.js";
import { eventTime } from "#src/core/time.js";
import { createRenderer } from "#src/mail/render.js";
import type { Digest } from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { openPage } from "./support/browser.js";
import { NOW } from "./support/group-status.js";
import { servePage } from "./support/page-server.js";
import { pictureFolder } from "./support/pictures.js";

/** A repository holds every version of a picture for ever. */
const BYTES_MAX = 200 * 1024;
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
    assert.ok(statSync(path).size < BYTES_MAX, `${statSync(path).size} bytes`);
  });
}

test("a picture of a mail is taken", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url, { viewport: { width: 680, height: 400 } });
  const { raw } = createRenderer({ from: "Alerts <alerts@example.com>", locale: "ko", timezone: "Asia/Seoul" }).render(
    digest(),
    everybody("oncall@example.com"),
  );
  const { html = "" } = await PostalMime.parse(raw);
  assert.match(html, /서버실/);
  // A page of its own: the live page's policy has no inline styles, which mails consist of.
  await page.goto("about:blank");
  await page.setContent(html);
  const path = pictureOf(t, "mail");
  await page.screenshot({ path, fullPage: true });
  assert.ok(statSync(path).size < BYTES_MAX, `${statSync(path).size} bytes`);
});

const START = NOW - 78_000;
const MAIL_ALERTS: readonly (readonly [second: number, alert: Partial<Alert>, late?: boolean])[] = [
  [1, { message: "온도가 경고 한도를 넘었습니다", type: "TEMPERATURE_HIGH", value: 31.4, threshold: 30, unit: "°C" }],
  [6, { message: "습도가 낮습니다", type: "HUMIDITY_LOW", severity: "info", value: 18, threshold: 20, unit: "%" }],
  [
    11,
    {
      message: "온도가 위험 한도를 넘었습니다. 냉방 장치를 확인하십시오",
      type: "TEMPERATURE_HIGH",
      severity: "critical",
      value: 36.2,
      threshold: 35,
      unit: "°C",
    },
  ],
  [19, { message: "항온항습기 2호기가 응답하지 않습니다", type: "CRAC_UNREACHABLE", severity: "critical" }],
  [27, { message: "습도가 정상으로 돌아왔습니다", type: "HUMIDITY_LOW", severity: "info", status: "resolved" }],
];

const digest = (): Digest => ({
  topic: "alerts",
  partition: 3,
  deviceId: "srv-room-3f-temp",
  deviceName: "3층 서버실 온도계",
  windowStart: eventTime(START),
  windowEnd: eventTime(START + 30_000),
  windowCount: 1,
  idOffset: 184_171,
  firstOffset: 184_171,
  lastOffset: 184_206,
  count: MAIL_ALERTS.length,
  listed: MAIL_ALERTS.map(([second, parts, late = false], index) => ({
    offset: 184_171 + index * 7,
    eventTime: eventTime(START + second * 1_000),
    late,
    alert: { deviceId: "srv-room-3f-temp", message: "", severity: "warning", status: "firing", ...parts },
  })),
  folded: undefined,
});
