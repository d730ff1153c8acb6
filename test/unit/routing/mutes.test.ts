import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Alert, SEVERITIES } from "#src/core/alert.js";
import { eventTime } from "#src/core/time.js";
import { createMutes } from "#src/routing/mutes.js";
import type { Route } from "#src/routing/route.js";
import { parseRoutes } from "#src/routing/routes-file.js";
import { createRouting } from "#src/routing/routing.js";
import { routeWarnings, warningText } from "#src/routing/warnings.js";
import type { Addressing } from "#src/runtime/ports.js";
import { checkProperty } from "#test/support/property.js";
import { CHECKS, digestOf, routesOf } from "./digests.js";

const alertOf = (more: Partial<Alert> = {}): Alert => {
  return { deviceId: "fan-1", message: "m", severity: "warning", status: "firing", ...more };
};

/** `how` and the number of the route, or "told". */
const fate = (routes: readonly Route[], more: Partial<Alert> = {}, at = "2026-11-21T12:00:00Z"): string => {
  const alert = alertOf(more);
  const muted = createMutes(() => routes, "Asia/Seoul").mutedBy(alert, eventTime(Date.parse(at)), () => alert);
  return muted === undefined ? "told" : `${muted.how} ${muted.route.number}`;
};

test("an alert is muted by the first route that takes it, where that mutes", () => {
  const routes = routesOf(`
  - { match: { device: fan-9 }, to: a@x.test }
  - { name: fans, match: { device: "fan-*" }, mute: true }
  - { match: { type: NOISE }, only: report }
  - { to: a@x.test }`);
  assert.equal(fate(routes), "mute 2");
  assert.equal(fate(routes, { deviceId: "fan-9" }), "told");
  assert.equal(fate(routes, { deviceId: "pump", type: "NOISE" }), "report 3");
  assert.equal(fate(routes, { deviceId: "pump" }), "told");
});

test("a critical alert is muted only where the route says severity: critical itself", () => {
  for (const [match, expected] of [
    ["{ device: fan-1 }", "told"],
    ["{ atLeast: info }", "told"],
    ["{ atLeast: critical }", "told"],
    ["{ severity: [info, warning] }", "told"],
    ["{ severity: critical }", "mute 1"],
    ["{ severity: [warning, critical] }", "mute 1"],
  ] as const)
    assert.equal(fate(routesOf(`  - { match: ${match}, mute: true }`), { severity: "critical" }), expected, match);
});

test("until and during go by the alert's own time", () => {
  const ends = routesOf("  - { mute: true, until: 2026-11-21T12:00:00+09:00 }");
  assert.equal(fate(ends, {}, "2026-11-21T02:59:59Z"), "mute 1");
  assert.equal(fate(ends, {}, "2026-11-21T03:00:00Z"), "told");
  // Saturday in Seoul begins at 15:00 UTC on Friday.
  const weekend = routesOf("  - { mute: true, during: { days: [sat, sun] } }");
  assert.equal(fate(weekend, {}, "2026-11-20T14:59:59Z"), "told");
  assert.equal(fate(weekend, {}, "2026-11-20T15:00:00Z"), "mute 1", "hours without a zone are those of MAIL_TIMEZONE");
  const nights = routesOf(`
  - only: report
    during:
      - { days: [mon, tue], from: "22:00", to: "06:00", timezone: UTC }
      - { days: wed, timezone: UTC }`);
  assert.equal(fate(nights, {}, "2026-11-24T23:00:00Z"), "report 1");
  assert.equal(fate(nights, {}, "2026-11-25T23:00:00Z"), "report 1");
  assert.equal(fate(nights, {}, "2026-11-26T23:00:00Z"), "told");
});

test("whoever a route before the mute tells is told, and nobody behind it, nor the database", async () => {
  const routes = routesOf(`
  - { bcc: archive@x.test, continue: true }
  - { match: { type: NOISE }, mute: true }
  - { to: ops@x.test }`);
  assert.equal(fate(routes, { type: "NOISE" }), "told");
  const source = { recipientsOf: async () => [{ address: "db@x.test", kind: "to" as const }] };
  const router = createRouting({ routes: () => routes, everybody: [], defaults: {}, source });
  const told = async (...types: readonly string[]): Promise<readonly string[]> =>
    (
      (await router.route(() =>
        digestOf(
          "fan-1",
          types.map((type) => ({ type })),
        ),
      )) as readonly Addressing[]
    ).flatMap(({ to, bcc }) => [...to, ...bcc]);
  assert.deepEqual(await told("NOISE", "NOISE"), ["archive@x.test"]);
  assert.deepEqual(await told("NOISE", "HEAT"), ["ops@x.test", "db@x.test", "archive@x.test"], "one mail is one mail");
});

test("a window that was read before the mute, or written back by hand, still has its readers", () => {
  const routes = routesOf(`
  - { mute: true }
  - { to: ops@x.test }`);
  const router = createRouting({ routes: () => routes, everybody: ["all@x.test"], defaults: {} });
  assert.deepEqual((router.route(() => digestOf("fan-1")) as readonly Addressing[])[0]?.to, ["ops@x.test"]);
});

test("routes that change are the new ones from the next alert on", () => {
  let routes = routesOf("  - { to: a@x.test }");
  const mutes = createMutes(() => routes, "UTC");
  const ask = (): boolean => mutes.mutedBy(alertOf(), eventTime(0), alertOf) !== undefined;
  assert.equal(ask(), false);
  routes = routesOf("  - { mute: true }");
  assert.equal(ask(), true);
});

test("every mistake about mutes is named with its place", () => {
  const text = `version: 1
routes:
  - { mute: true, to: a@x.test }
  - { mute: true, only: report }
  - { to: a@x.test, until: 2030-01-01T00:00:00Z }
  - mute: true
    until: 2026-02-30T00:00:00Z
    during:
      - { days: [mon, someday] }
      - { from: "24:00", to: 6 }
      - { from: "06:00", to: "06:00", timezone: Asia/Soul }
      - { timezone: UTC }
      - { day: mon }
  - { mute: true, until: "2026-12-01T00:00:00" }
  - { only: report, until: 2026-12-01 }
`;
  const result = parseRoutes(text, "r.yaml", CHECKS);
  assert.ok(!result.ok);
  assert.deepEqual(
    result.errors.map(({ where, problem }) => `${where.slice("r.yaml:".length)} ${problem}`),
    [
      "3:23 nobody is mailed by a route that mutes: to says nothing",
      "4:25 mute and only are both given",
      "5:28 until is for a route with mute or only",
      '7:12 "2026-02-30T00:00:00Z" is no moment that there is',
      '9:23 "someday" is none of sun, mon, tue, wed, thu, fri, sat',
      '10:17 "24:00" is no time of day',
      '10:30 "6" is a number; in quotes it would be text',
      "11:30 from and to are the same; a whole day has neither",
      '11:49 "Asia/Soul" is not a time zone that is known here',
      "12:9 it says neither days nor hours: it is always",
      '13:11 unknown key "day"; the nearest known is days',
      '14:26 "2026-12-01T00:00:00" does not say how far from UTC it is',
      '15:28 "2026-12-01" has no time of day',
    ],
  );
});

test("mutes without an end, and routes that nothing reaches, are warned of", () => {
  const now = Date.parse("2026-11-21T00:00:00Z");
  const warned = (list: string): readonly string[] =>
    routeWarnings(routesOf(list), now).map((warning) => warningText(warning));
  assert.deepEqual(
    warned(`
  - { name: fans, match: { device: "fan-*" }, mute: true }
  - { match: { device: "fan-1*", severity: info }, to: a@x.test }
  - { match: { device: "fan-?" }, to: a@x.test }
  - { mute: true, until: 2026-11-20T00:00:00Z }
  - { match: { atLeast: critical }, mute: true, until: 2026-12-20T00:00:00Z }
  - { match: { device: "pump-*", labels: { site: busan } }, to: a@x.test }
  - { match: { device: pump-1, labels: { site: busan, hall: "2" } }, only: report, during: { days: sat } }
  - { to: a@x.test }
  - { match: { type: HEAT }, to: a@x.test }`),
    [
      "route 1 (fans), line 4: it mutes for ever: it has neither until nor during",
      "route 2, line 5: nothing reaches it: route 1, line 4, takes all that it could match",
      "route 4, line 7: it has ended at 2026-11-20T00:00:00.000Z and mutes nothing any more",
      "route 5, line 8: it can never mute: critical alerts are muted only where match says severity: critical itself",
      "route 7, line 10: nothing reaches it: route 6, line 9, takes all that it could match",
      "route 9, line 12: nothing reaches it: route 8, line 11, takes everything",
    ],
  );
  assert.deepEqual(warned("  - { to: a@x.test, continue: true }\n  - { to: b@x.test }"), []);
  assert.deepEqual(warned("  - { mute: true, during: { days: sun } }\n  - { to: b@x.test }"), []);
  assert.deepEqual(
    warned("  - { match: { device: 'b?' }, to: a@x.test }\n  - { match: { device: 'b*' }, to: b@x.test }"),
    [],
  );
  const [long] = warned(`  - { match: { device: "${"x".repeat(257)}" }, to: a@x.test }`);
  assert.match(long ?? "", /it can never match: a device ID has at most 256 characters/);
});

test("what a warning says nothing reaches, no alert reaches; and a mute never takes a critical alert that it does not name", () => {
  const pattern = fc.constantFrom("a", "b", "a*", "*a", "a?", "*", "?b", "ab");
  const entry = fc.record(
    {
      device: pattern,
      type: pattern,
      severity: fc.uniqueArray(fc.constantFrom(...SEVERITIES), { minLength: 1 }),
      mutes: fc.boolean(),
      continues: fc.boolean(),
    },
    { requiredKeys: ["mutes", "continues"] },
  );
  const word = fc.constantFrom("a", "b", "ab", "ba", "aa", "abb");
  const alert = fc.record({ deviceId: word, type: word, severity: fc.constantFrom(...SEVERITIES) });
  checkProperty(
    fc.property(
      fc.array(entry, { minLength: 2, maxLength: 4 }),
      fc.array(alert, { minLength: 1 }),
      (entries, alerts) => {
        const routes = routesOf(
          entries
            .map(({ mutes, continues, ...match }) =>
              JSON.stringify({ match, ...(mutes ? { mute: true } : { to: "a@x.test", continue: continues }) }),
            )
            .map((json) => `  - ${json}`)
            .join("\n"),
        );
        const unreached = routeWarnings(routes, 0).filter(({ problem }) => problem.startsWith("nothing reaches it"));
        for (const one of alerts) {
          const taken = createMutes(() => routes, "UTC").mutedBy(one, eventTime(0), () => alertOf(one));
          const by = routes.find(({ number }) => number === taken?.route.number);
          if (one.severity === "critical" && by !== undefined) assert.ok(by.match.severity?.has("critical"));
          assert.ok(!unreached.some(({ route }) => route.number === taken?.route.number));
        }
      },
    ),
    { runs: 60, rerun: "npm run test:unit -- routing/mutes" },
  );
});
