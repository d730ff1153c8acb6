import assert from "node:assert/strict";
import { test } from "node:test";
import { zoneOf } from "#src/core/zone.js";
import { judge, matching } from "#src/routing/match.js";
import type { Digest } from "#src/runtime/ports.js";
import { digestOf, folded, routesOf } from "./digests.js";

const UTC = zoneOf("UTC");

/** "matched", or the condition that failed. */
const verdict = (match: string, digest: Digest): string => {
  const [route] = routesOf(`  - { to: a@x.test${match === "" ? "" : `, match: { ${match} }`} }`);
  assert.ok(route);
  const result = judge(route, digest, UTC);
  return result.matched ? "matched" : result.failed;
};

test("a route without conditions matches everything", () => {
  assert.equal(verdict("", digestOf("x")), "matched");
});

test("the device is matched by its ID or by its name", () => {
  assert.equal(verdict('device: "boiler-*"', digestOf("boiler-7")), "matched");
  assert.equal(verdict('device: ["pump-*", "boiler-*"]', digestOf("boiler-7")), "matched");
  assert.equal(verdict('device: "boiler-*"', digestOf("pump-1")), "device");
  assert.equal(verdict('deviceName: "Server *"', digestOf("x", [{}], { deviceName: "Server room" })), "matched");
  assert.equal(verdict('deviceName: "*"', digestOf("x")), "deviceName");
});

test("one alert is enough, and it must meet severity, type and labels together", () => {
  const digest = digestOf("x", [
    { severity: "critical", type: "FAN", labels: { site: "seoul" } },
    { severity: "info", type: "HEAT", labels: { site: "busan" } },
  ]);
  assert.equal(verdict("severity: critical", digest), "matched");
  assert.equal(verdict("severity: [warning, info]", digest), "matched");
  assert.equal(verdict("severity: warning", digest), "severity");
  assert.equal(verdict("atLeast: warning", digest), "matched");
  assert.equal(verdict("atLeast: critical, type: HEAT", digest), "type");
  assert.equal(verdict("severity: critical, type: FAN, labels: { site: busan }", digest), "labels");
  assert.equal(verdict("severity: info, type: H*, labels: { site: busan }", digest), "matched");
});

test("what is not there meets no condition, not even *", () => {
  assert.equal(verdict('type: "*"', digestOf("x", [{}])), "type");
  assert.equal(verdict('type: "*"', digestOf("x", [{ type: "" }])), "type");
  assert.equal(verdict('labels: { site: "*" }', digestOf("x", [{ labels: { room: "1" } }])), "labels");
  const decomposed = { ["장소".normalize("NFD")]: "부산".normalize("NFD") };
  assert.equal(verdict("labels: { 장소: 부산 }", digestOf("x", [{ labels: decomposed }])), "matched");
  assert.equal(verdict("labels: { 장비: 부산 }", digestOf("x", [{ labels: decomposed }])), "labels");
  assert.equal(verdict('labels: { toString: "*" }', digestOf("x", [{ labels: {} }])), "labels");
  assert.equal(
    verdict('labels: { site: "*", room: "1" }', digestOf("x", [{ labels: { site: "a", room: "1" } }])),
    "matched",
  );
});

test("a folded alert that may fit counts as one that does", () => {
  const listed = [{ severity: "info" as const, type: "FAN", labels: { site: "busan" } }];
  const all = digestOf("x", listed, { folded: folded({ critical: 2, warning: 1 }, { HEAT: 3 }) });
  assert.equal(verdict("severity: critical", all), "matched");
  assert.equal(verdict("severity: critical, type: HEAT", all), "matched");
  assert.equal(verdict("severity: critical, type: FAN", all), "type", "none of those that are folded is a FAN");
  assert.equal(verdict("severity: critical, labels: { site: busan }", all), "matched", "labels of the listed ones");
  assert.equal(verdict("severity: critical, labels: { site: seoul }", all), "labels");
  const others = digestOf("x", listed, { folded: folded({ warning: 9 }, { HEAT: 3 }, 6) });
  assert.equal(verdict("type: PUMP", others), "matched", "too many types to be told apart");
  assert.equal(verdict("severity: critical", others), "severity");
});

test("the first match ends the search; one that continues does not", () => {
  const routes = routesOf(`
  - { name: a, to: a@x.test, match: { device: "x*" }, continue: true }
  - { name: b, to: b@x.test, match: { device: "xx" } }
  - { name: c, to: c@x.test, continue: true }
  - { name: d, to: d@x.test }
  - { name: e, to: e@x.test }`);
  const names = (device: string): string =>
    matching(routes, digestOf(device), UTC)
      .map(({ name }) => name)
      .join("");
  assert.equal(names("xx"), "ab");
  assert.equal(names("xy"), "acd");
  assert.equal(names("y"), "cd");
});

test("each distinct text is judged once for each condition, however many alerts have it", () => {
  const judgedTexts: string[] = [];
  const counting = {
    pattern: "*x",
    matches: (text: string) => {
      judgedTexts.push(text.slice(0, 3));
      return text.endsWith("x");
    },
  };
  const [route] = routesOf('  - { to: a@x.test, match: { labels: { site: "*x" } } }');
  assert.ok(route);
  const patterns = [counting];
  const counted = { ...route, match: { ...route.match, labels: new Map([["site", patterns]]) } };
  const one = `one${"-".repeat(1_000)}`;
  const two = `two${"-".repeat(1_000)}`;
  const alerts = Array.from({ length: 200 }, (_, i) => ({ labels: { site: i % 2 === 0 ? one : two } }));
  assert.equal(judge(counted, digestOf("d", alerts), UTC).matched, false);
  assert.deepEqual(judgedTexts, ["one", "two"]);
  assert.equal(judge(counted, digestOf("d", [...alerts, { labels: { site: `${one}x` } }]), UTC).matched, true);
});
