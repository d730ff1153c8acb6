/** Mails as a reader's browser shows them. */

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import PostalMime from "postal-mime";
import { mailLinks } from "#src/config/links.js";
import type { Alert, Severity } from "#src/core/alert.js";
import { type Report, ReportSums } from "#src/core/report.js";
import { eventTime } from "#src/core/time.js";
import { createRenderer } from "#src/mail/render.js";
import { createReportRenderer } from "#src/mail/report.js";
import { beganAmong } from "#src/runtime/compose-digest.js";
import type { Digest, FleetDigest, ListedAlert, MailContent } from "#src/runtime/ports.js";
import { summaryOf } from "#src/runtime/summary.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { foldedAlerts, together } from "#test/support/folded-alerts.js";
import { openPage } from "./browser.js";
import { NOW } from "./group-status.js";

const parsedLinks = mailLinks.parse(
  "Dashboard=https://grafana.example.com/d/devices?var-device={deviceId}&from={windowStart}&to={windowEnd};Rack=https://racks.example.com/{labels.rack};런북={labels.runbook}",
);
assert.ok(parsedLinks.ok);
const LINKS = parsedLinks.value;

/** The HTML of the mail, read back from its message. */
export async function htmlOf(content: MailContent, locale: "en" | "ko" = "ko"): Promise<string> {
  const from = mailboxOf("Alerts <alerts@example.com>");
  const renderer = createRenderer({ from, locale, timezone: "Asia/Seoul", links: LINKS });
  const { html } = await PostalMime.parse(renderer.render(content, everybody("oncall@example.com")).raw);
  assert.ok(html);
  return html;
}

/** The HTML of the daily report, read back likewise. */
export async function reportHtmlOf(report: Report, locale: "en" | "ko" = "ko"): Promise<string> {
  const renderer = createReportRenderer({
    from: { name: "Alerts", address: "alerts@example.com" },
    replyTo: undefined,
    envelopeFrom: undefined,
    hideRecipients: "never",
    locale,
    timezone: "Asia/Seoul",
    group: "alert-digest",
  });
  const { html } = await PostalMime.parse(renderer.render(report, ["oncall@example.com"]).raw);
  assert.ok(html);
  return html;
}

/** In a page of its own, which loads nothing: the live page's policy has no inline styles, which mails consist of. */
export async function openMail(t: TestContext, html: string, options: BrowserContextOptions = {}): Promise<Page> {
  const { page } = await openPage(t, "about:blank", options);
  page.on("request", (request) => assert.fail(`the mail asks for ${request.url()}`));
  await page.setContent(html);
  return page;
}

const START = NOW - 78_000;

type Told = readonly [second: number, alert: Partial<Alert>, late?: boolean];

const PLACE = { site: "busan-2", building: "A동", runbook: "https://wiki.example.com/cooling" };

const TOLD: readonly Told[] = [
  [
    1,
    {
      message: "온도가 경고 기준값을 넘었습니다",
      type: "TEMPERATURE_HIGH",
      value: 31.4,
      threshold: 30,
      unit: "°C",
      labels: PLACE,
    },
  ],
  [
    6,
    {
      message: "습도가 낮습니다",
      type: "HUMIDITY_LOW",
      severity: "info",
      value: 18,
      threshold: 20,
      unit: "%",
      labels: PLACE,
    },
  ],
  [
    11,
    {
      message: "온도가 심각 기준값을 넘었습니다. 냉방 장치를 확인하십시오",
      type: "TEMPERATURE_HIGH",
      severity: "critical",
      value: 36.2,
      threshold: 35,
      unit: "°C",
      labels: { ...PLACE, rack: "4" },
    },
  ],
  [
    27,
    {
      message: "습도가 정상으로 돌아왔습니다",
      type: "HUMIDITY_LOW",
      severity: "info",
      status: "resolved",
      labels: PLACE,
    },
  ],
];

export const digestOf = (told: readonly Told[] = TOLD, parts: Partial<Digest> = {}): Digest => {
  const listed = told.map(
    ([second, alert, late = false], index): ListedAlert => ({
      offset: 184_171 + index * 7,
      eventTime: eventTime(START + second * 1_000),
      late,
      alert: { deviceId: "srv-room-3f-temp", message: "", severity: "warning", status: "firing", ...alert },
    }),
  );
  return {
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
    count: told.length + (parts.folded?.count ?? 0),
    listed,
    folded: undefined,
    began: beganAmong(listed),
    ...parts,
  };
};

/** Of one alert: everything is in the first line. */
export const singleDigest = (): Digest => digestOf(TOLD.slice(2, 3));

/** More than is listed, late, merged, after an urgent mail. */
export const foldedDigest = (): Digest => {
  const told = TOLD.slice(0, 3).map(([second, alert], index): Told => [second, alert, index === 1]);
  const { listed, windowStart } = digestOf(told);
  const folded = foldedAlerts(
    {
      count: 19_800,
      bySeverity: { critical: 0, warning: 19_001, info: 799 },
      byType: new Map([
        ["TEMPERATURE_HIGH", 19_000],
        ["", 10],
      ]),
      otherTypes: 790,
    },
    windowStart + 9_000,
  );
  return digestOf(told, { folded, all: together(listed, folded), windowCount: 3 });
};

export const resolvedDigest = (): Digest =>
  digestOf(
    [
      [3, { message: "Door is open", type: "DOOR_OPEN", severity: "warning" }],
      [21, { message: "Door was closed again", type: "DOOR_OPEN", severity: "info", status: "resolved" }],
    ],
    { deviceName: "Busan 2, cold store door" },
  );

export const fleetOf = (devices: number): FleetDigest => {
  const digests = Array.from({ length: devices }, (_, index) => {
    const severity: Severity = index < 2 ? "critical" : "warning";
    return digestOf(
      TOLD.map(([second, alert]) => [second, { ...alert, severity }]),
      { deviceId: `freezer-${index}`, deviceName: `부산 2공장 냉동고 ${index + 1}호`, idOffset: index },
    );
  });
  return {
    topic: "alerts",
    windowStart: eventTime(START),
    windowEnd: eventTime(START + 30_000),
    devices: digests.map((digest) => ({ digest, summary: summaryOf(digest) })),
    count: digests.reduce((sum, { count }) => sum + count, 0),
    reason: "storm",
  };
};

/** Whatever a device may say. */
export const hostileDigest = (): Digest => {
  const long = "W".repeat(10_000);
  const html = `</td></table><img src="http://x.test/a.png"><script>alert(1)</script>`;
  return digestOf(
    [
      [
        1,
        {
          message: long,
          type: long,
          unit: long,
          value: -1.234567890123e-300,
          threshold: 9_999_999_999.125,
          labels: { [long]: long, [html]: html },
        },
      ],
      [
        2,
        { message: html, type: html, severity: "critical", status: "resolved", labels: { rack: `https://${long}` } },
        true,
      ],
      [
        3,
        {
          message: "درجة الحرارة أعلى من الحد المسموح به في الثلاجة",
          type: "درجة",
          value: 36.2,
          threshold: 35,
          unit: "°س",
        },
      ],
      [4, { message: "\u202egnp.exe\u2066 🧊🔥👩‍🚒 e\u0301\u0301 \u0000 \r\nBcc: x", type: "🔥" }],
    ],
    { deviceName: `${long} ${html}`, deviceId: long, windowCount: 2, part: "rest", toldEarly: 3 },
  );
};

const DAY = { day: "2026-11-21", fromMs: Date.parse("2026-11-19T15:00:00Z"), toMs: Date.parse("2026-11-20T15:00:00Z") };

/** Of a day on which somebody was not told, with a name that leaves no room, and more devices than are counted one by one. */
export const badReport = (): Report => {
  const sums = new ReportSums();
  const mail = { deviceName: undefined, critical: 0, accepted: true, deadLettered: false, devices: 1, seconds: 2.1 };
  sums.mail({
    ...mail,
    deviceId: "pump",
    deviceName: "W".repeat(10_000),
    alerts: 3,
    accepted: false,
    deadLettered: true,
  });
  sums.mail({
    ...mail,
    deviceId: "boiler",
    deviceName: "</td></table><b>보일러 1",
    alerts: 12,
    critical: 3,
    seconds: 12.34,
  });
  for (let index = 0; index < 10_000; index++) sums.mail({ ...mail, deviceId: `freezer-${index}`, alerts: 1 });
  sums.unreadableRecord("not-json");
  return sums.report(DAY);
};

export const goodReport = (): Report => {
  const sums = new ReportSums();
  const mail = { critical: 0, accepted: true, deadLettered: false, devices: 1, seconds: 2.1 };
  sums.mail({ ...mail, deviceId: "srv-room-3f-temp", deviceName: "3층 서버실 온도계", alerts: 12, critical: 3 });
  sums.mail({ ...mail, deviceId: "freezer-1", deviceName: "부산 2공장 냉동고 1호", alerts: 1 });
  return sums.report(DAY);
};
