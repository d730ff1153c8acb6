/** What a reader sees of a mail: on every width, in both schemes, without the style sheet, and whatever a device said. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { Page } from "playwright-core";
import {
  badReport,
  digestOf,
  fleetOf,
  foldedDigest,
  goodReport,
  hostileDigest,
  htmlOf,
  openMail,
  reportHtmlOf,
  resolvedDigest,
  singleDigest,
} from "./support/mails.js";

const MAILS = {
  usual: digestOf(),
  single: singleDigest(),
  folded: foldedDigest(),
  resolved: resolvedDigest(),
  hostile: hostileDigest(),
  fleet: fleetOf(12),
};

type Locale = "en" | "ko";

const LOOKED_AT: Readonly<Record<string, (locale?: Locale) => Promise<string>>> = {
  ...Object.fromEntries(
    Object.entries(MAILS).map(([name, content]) => [name, (locale?: Locale) => htmlOf(content, locale)]),
  ),
  "the daily report": (locale) => reportHtmlOf(goodReport(), locale),
  "the daily report of a bad day": (locale) => reportHtmlOf(badReport(), locale),
};

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A mail is a part of the reader's page, which has the landmarks. */
const AXE_RUN = `{ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
  rules: { region: { enabled: false }, "landmark-one-main": { enabled: false } } }`;

const violations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run(document, ${AXE_RUN}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + " " + target + " " + failureSummary)))`);
};

/** Elements whose text or box leaves the screen. */
const beyond = (page: Page, width: number): Promise<readonly string[]> =>
  page.evaluate(
    `[...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > ${width} + 0.5 || each.scrollWidth > ${width})
      .map((each) => each.outerHTML.slice(0, 120))`,
  );

for (const [name, html] of Object.entries(LOOKED_AT)) {
  test(`nothing has to be scrolled sideways, from 320 to 1280 pixels: ${name}`, async (t) => {
    const page = await openMail(t, await html());
    for (const width of [320, 375, 680, 1280]) {
      await page.setViewportSize({ width, height: 700 });
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width);
      assert.deepEqual(await beyond(page, width), []);
    }
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`no rule of WCAG 2.1 AA is broken: ${name}, ${colorScheme}`, async (t) => {
      const page = await openMail(t, await html("en"), { colorScheme });
      assert.deepEqual(await violations(page), []);
    });
  }

  test(`without its style sheet it is as readable: ${name}`, async (t) => {
    const bare = (await html()).replace(/<style>.*?<\/style>/s, "").replace(/<meta[^>]*color-scheme[^>]*>/g, "");
    const page = await openMail(t, bare, { colorScheme: "dark", viewport: { width: 320, height: 700 } });
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 320);
  });
}

const GROUND = "getComputedStyle(document.querySelector('table')).backgroundColor";
const [LIGHT, DARK] = ["rgb(255, 255, 255)", "rgb(28, 28, 30)"];

for (const name of ["usual", "the daily report"]) {
  test(`dark is dark and light is light: ${name}`, async (t) => {
    const page = await openMail(t, (await LOOKED_AT[name]?.()) ?? "");
    await page.emulateMedia({ colorScheme: "light" });
    assert.equal(await page.evaluate(GROUND), LIGHT);
    await page.emulateMedia({ colorScheme: "dark" });
    assert.equal(await page.evaluate(GROUND), DARK);
  });
}

for (const name of ["folded", "the daily report of a bad day"]) {
  test(`where Outlook has changed colours itself, its attributes make it dark too: ${name}`, async (t) => {
    const html = ((await LOOKED_AT[name]?.()) ?? "").replace("<body ", "<body data-ogsc data-ogsb ");
    const page = await openMail(t, html.replace("background-color:#f2f2f4", "background-color:#000000"));
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.evaluate(GROUND), DARK);
  });
}

test("the first thing to be read is how bad, since when, whether it goes on; then what is wrong", async (t) => {
  const page = await openMail(t, await htmlOf(MAILS.usual, "en"), { viewport: { width: 320, height: 500 } });
  const [status = "", what = "", measurement = "", type = "", device = ""] = (
    await page.locator("body").innerText()
  ).split(/\n+/);
  assert.match(status, /^Critical, still firing since \d\d:\d\d:\d\d$/);
  assert.equal(what, "온도가 심각 기준값을 넘었습니다. 냉방 장치를 확인하십시오");
  assert.equal(measurement, "36.2 °C, threshold 35 °C");
  assert.equal(type, "TEMPERATURE_HIGH");
  assert.equal(device, "3층 서버실 온도계");
  const box = await page.locator("tr").first().boundingBox();
  assert.ok(box && box.y + box.height < 250, "it is all in sight on a phone");
});

test("text from right to left starts at the right, and leaves the rest where it is", async (t) => {
  const page = await openMail(t, await htmlOf(MAILS.hostile, "en"));
  const direction = (text: string): Promise<unknown> =>
    page
      .getByText(text)
      .last()
      .evaluate((element) => element.ownerDocument.defaultView?.getComputedStyle(element).direction);
  assert.equal(await direction("درجة الحرارة"), "rtl");
  assert.equal(await direction("gnp.exe"), "ltr");
});

test("200 alerts stay below the 102 KB at which Gmail cuts a mail off", async () => {
  const told = Array.from(
    { length: 200 },
    (_, index) => [index % 30, MAILS.usual.listed[index % 4]?.alert ?? {}] as const,
  );
  const html = await htmlOf(digestOf(told));
  assert.ok(Buffer.byteLength(html) < 102 * 1024, `${Buffer.byteLength(html)} bytes`);
});

test("a count stays behind its type, also where that is written from right to left", async (t) => {
  const page = await openMail(t, await htmlOf(MAILS.hostile, "en"));
  const box = (text: string): Promise<number> =>
    page.evaluate(`(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.data.indexOf(${JSON.stringify(text)});
        if (!node.parentElement.matches("td") || at < 0) continue;
        const range = document.createRange();
        const right = (index) => (range.setStart(node, index), range.setEnd(node, index + 1), range.getBoundingClientRect().right);
        return right(at + ${text.length - 1}) - right(at);
      }
      return Number.NaN;
    })()`);
  assert.ok((await box("درجة\u200e 1")) > 0);
});
