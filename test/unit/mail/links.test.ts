/** `MAIL_LINKS`: where a link stands, and what a producer can make of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { mailLinks } from "#src/config/links.js";
import { createRenderer } from "#src/mail/render.js";
import type { Digest, MailContent, MailLink } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { digest, listed, START } from "./digest.js";
import { fleet } from "./fleet.js";

const linksOf = (text: string): readonly MailLink[] => {
  const result = mailLinks.parse(text);
  assert.ok(result.ok, result.ok ? "" : result.problem);
  return result.value;
};

async function bodiesOf(links: string, content: MailContent) {
  const options = { from: mailboxOf("alerts@mail.example.com"), locale: "en", timezone: "Asia/Seoul" };
  const renderer = createRenderer({ ...options, links: linksOf(links) });
  const { text = "", html = "" } = await PostalMime.parse(renderer.render(content, everybody("kim@ops.test")).raw);
  const anchors = [...html.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g)].map(([, url = "", name = ""]) => [
    name,
    url.replaceAll("&amp;", "&"),
  ]);
  assert.equal(html.split("<a ").length - 1, anchors.length, "no other anchor");
  return { text: text.replaceAll("\r\n", "\n"), html, anchors };
}

const oneOf = (links: string, parts: Partial<Digest["listed"][number]["alert"]>, more: Partial<Digest> = {}) =>
  bodiesOf(links, digest({ listed: [listed(1, parts)], ...more })).then(({ anchors }) => anchors);

test("links of the device and of what all alerts share stand below the device, others with the first alert that has them", async () => {
  const runbook = { runbook: "https://wiki.test/hot?x=1&y=2" };
  const { text, html, anchors } = await bodiesOf(
    "Dashboard=https://grafana.test/d/1?var={deviceId}&from={windowStart}&to={windowEnd};Type=https://x.test/{type};Runbook={labels.runbook};Site=https://x.test/{labels.site}",
    digest({
      deviceId: "boiler 7/a",
      listed: [
        listed(1, { type: "HOT", message: "first", labels: { ...runbook, site: "busan" } }),
        listed(2, { type: "WET", message: "second", labels: { site: "busan" } }),
        listed(3, { type: "HOT", message: "third", labels: { ...runbook, site: "busan" } }),
      ],
    }),
  );
  const dashboard = `https://grafana.test/d/1?var=boiler%207%2Fa&from=${START}&to=${START + 30_000}`;
  assert.deepEqual(anchors, [
    ["Dashboard", dashboard],
    ["Site", "https://x.test/busan"],
    ["Type", "https://x.test/HOT"],
    ["Runbook (wiki.test)", "https://wiki.test/hot?x=1&y=2"],
    ["Type", "https://x.test/WET"],
  ]);
  assert.ok(html.indexOf(">Site</a>") < html.indexOf("<b>3 alerts"), "before what is to be read");
  assert.ok(text.includes(`\nboiler 7/a\nsite=busan\nDashboard: ${dashboard}\nSite: https://x.test/busan\n\n3 alerts`));
  assert.match(text, / {3}first\n {3}Type: https:\/\/x\.test\/HOT\n {3}Runbook: https:\/\/wiki\.test/);
  assert.match(text, / {3}second\n {3}Type: https:\/\/x\.test\/WET\n3\. .*\n {3}third\n {3}runbook=.*\n\n-- \n/);
});

test("a label that is a link already is not shown as text beside it", async () => {
  const labels = { runbook: "https://wiki.test/hot", site: "busan" };
  const content = digest({ listed: [listed(1, { labels })] });
  const { text } = await bodiesOf("Runbook={labels.runbook}", content);
  assert.match(text, /\nfreezer-3\nsite=busan\nRunbook: https:\/\/wiki\.test\/hot\n\n/);
});

test("a link whose value is missing or blank is left out, and only that", async () => {
  const links =
    "Name=https://x.test/{deviceName};Type=https://x.test/{type};Id=https://x.test/{alertId};L=https://x.test/{labels.a};P=https://x.test/{labels.constructor};D=https://x.test/{deviceId}";
  assert.deepEqual(await oneOf(links, { type: "  ", labels: { a: " " } }), [["D", "https://x.test/freezer-3"]]);
  assert.equal((await oneOf(links, { type: "t", alertId: "1", labels: { a: "b" } }, { deviceName: "n" })).length, 5);
});

test("a value cannot leave its place: it is percent-encoded, and where it would go up a folder the link is left out", async () => {
  const evil = "../../x?y#z&a=b\"><script>'\r\nBcc: e@x.test %2e;=+;!(*)\u202e한글";
  const [[, url = ""] = []] = await oneOf("a=https://x.test/a/{type}/b?q={type}", { type: evil });
  const found = new URL(url);
  assert.equal(found.origin, "https://x.test");
  assert.equal(found.pathname.split("/").length, 4);
  assert.equal(found.searchParams.get("q"), evil);
  assert.match(url, /^[A-Za-z0-9\-._~%:/?=&#]+$/);
  assert.deepEqual(await oneOf("a=https://x.test/%2e{type}/b", { type: "." }), []);
  for (const type of [".", "..", "\ud800"])
    assert.deepEqual(await oneOf("a=https://x.test/a/{type}", { type }), [], JSON.stringify(type));
  assert.deepEqual(await oneOf("a=https://x.test/{type}{type}/b", { type: "." }), []);
  assert.deepEqual(await oneOf("a=https://x.test/b?{type}", { type: ".." }), [["a", "https://x.test/b?.."]]);
  assert.deepEqual(await oneOf("a=https://x.test/{type}", { type: "x".repeat(3_000) }), []);
});

test("a label is a link only where it is a whole https URL that looks like what it is; its host is shown", async () => {
  const linked = (runbook: string) => oneOf("Runbook={labels.runbook}", { labels: { runbook } });
  assert.deepEqual(await linked(" https://Wiki.test:8443/a?b=c#d "), [
    ["Runbook (wiki.test:8443)", "https://wiki.test:8443/a?b=c#d"],
  ]);
  assert.deepEqual(await linked("https://аррӏе.test/"), [
    ["Runbook (xn--80ak6aa92e.test)", "https://xn--80ak6aa92e.test/"],
  ]);
  for (const text of [
    "javascript:alert(1)",
    "http://wiki.test/",
    "//wiki.test/",
    "wiki.test/hot",
    "https://kim:pw@wiki.test/",
    "https://wiki.test@evil.test/",
    "https://wiki.test/a b",
    "https://wiki.test/\r\nx",
    "https://wiki.test/\u202ex",
    "https:\\\\wiki.test",
    "https://",
    `https://wiki.test/${"x".repeat(2_000)}`,
  ])
    assert.deepEqual(await linked(text), [], text);
});

const TEXT = anyText({ maxLength: 40 });

test("no text of a producer makes anything but an https link to the configured host", async () => {
  const links = linksOf("a=https://x.test/{type}/{labels.l}?{deviceName}#{alertId}");
  const options = { from: mailboxOf("a@x.test"), locale: "en", timezone: "UTC", links };
  const renderer = createRenderer(options);
  await fc.assert(
    fc.asyncProperty(TEXT, TEXT, TEXT, TEXT, async (type, l, deviceName, alertId) => {
      const alert = { type, alertId, message: `${l} https://evil.test/`, labels: { l } };
      const content = digest({ deviceName, listed: [listed(1, alert)] });
      const { html = "" } = await PostalMime.parse(renderer.render(content, everybody("kim@ops.test")).raw);
      for (const [, url = ""] of html.matchAll(/href="?([^">]*)/g))
        assert.equal(new URL(url).origin, "https://x.test", url);
    }),
  );
});

test("a fleet mail has what is the same for all devices once, and the rest with each device", async () => {
  const mail = fleet([digest({ deviceId: "a" }), digest({ deviceId: "b" })]);
  const { text, anchors } = await bodiesOf("All=https://x.test/all;Own=https://x.test/{deviceId}", mail);
  assert.deepEqual(anchors, [
    ["All", "https://x.test/all"],
    ["Own", "https://x.test/a"],
    ["Own", "https://x.test/b"],
  ]);
  assert.match(text, /and 1 other device\nAll: https:\/\/x\.test\/all\n\n/);
  assert.match(text, /^2\. b - .*\n.*\n {3}Own: https:\/\/x\.test\/b\n/m);
});

test("links that differ for each alert stay bounded", async () => {
  const alerts = Array.from({ length: 200 }, (_, index) => listed(index, { alertId: `${index}-${"x".repeat(500)}` }));
  const content = digest({ listed: alerts, count: alerts.length });
  const { anchors, html } = await bodiesOf("Alert=https://x.test/{alertId}", content);
  assert.ok(anchors.length > 15 && anchors.length < 30, String(anchors.length));
  assert.ok(Buffer.byteLength(html) < 102 * 1024);
});

test("no links, no trace of them", async () => {
  const options = { from: mailboxOf("a@x.test"), locale: "en", timezone: "UTC" };
  const one = digest({ listed: [listed(1, { message: "https://x.test/" })] });
  const { html = "" } = await PostalMime.parse(createRenderer(options).render(one, everybody("k@x.test")).raw);
  assert.doesNotMatch(html, /<a[\s>]/);
});
