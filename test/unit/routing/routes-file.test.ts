import assert from "node:assert/strict";
import { test } from "node:test";
import { MAIL_LOCALES } from "#src/mail/texts/index.js";
import { loadRoutes, parseRoutes } from "#src/routing/routes-file.js";
import { CHECKS, routesOf } from "./digests.js";

const errorsOf = (text: string): readonly string[] => {
  const result = parseRoutes(text, "r.yaml", CHECKS);
  return result.ok ? [] : result.errors.map(({ where, problem }) => `${where} ${problem}`);
};

test("a route has its recipients, look and conditions; names of people are left out of addresses", () => {
  const [route] = routesOf(`
  - name: all of it
    match: { device: "b-*", severity: critical }
    to: [Kim <kim@Example.com>, '"Lee, J." <lee@bücher.example>']
    cc: boss@example.com
    bcc: [archive@example.com, kim@example.com]
    locale: en
    timezone: Europe/Amsterdam
    from: Boilers <b@example.com>
    replyTo: desk@example.com
    links: [ "A=https://x.test/{type}", "Runbook={labels.runbook}" ]
    continue: true`);
  assert.deepEqual(route?.recipients, [
    { kind: "to", address: "kim@example.com" },
    { kind: "to", address: "lee@xn--bcher-kva.example" },
    { kind: "cc", address: "boss@example.com" },
    { kind: "bcc", address: "archive@example.com" },
  ]);
  assert.deepEqual(route?.look, {
    locale: "en",
    timezone: "Europe/Amsterdam",
    from: { name: "Boilers", address: "b@example.com" },
    replyTo: { name: undefined, address: "desk@example.com" },
    links: [
      { name: "A", texts: ["https://x.test/", ""], fields: ["type"] },
      { name: "Runbook", texts: ["", ""], fields: ["labels.runbook"] },
    ],
  });
  assert.deepEqual([route?.number, route?.name, route?.line, route?.continue], [1, "all of it", 4, true]);
});

test("links that are wrong, alone or in a list, or that have a name twice, are mistakes with their place", () => {
  assert.deepEqual(
    errorsOf(`version: 1
routes:
  - { to: a@x.test, links: "a=javascript:x" }
  - to: a@x.test
    links: ["a=https://x.test/", "b=https://{type}/"]
  - { to: a@x.test, links: ["a=https://x.test/", "a=https://y.test/"] }
  - { to: a@x.test, links: { a: "https://x.test/" } }
`),
    [
      'r.yaml:3:28 link 1: "a" does not begin with https://',
      'r.yaml:5:34 link 1: the host of "b" is not fixed: fields may stand behind it only',
      'r.yaml:6:28 link 2: "a" is there twice',
      "r.yaml:7:28 links is a mapping",
    ],
  );
});

test("anchors, JSON, no routes at all and words like no and on are fine", () => {
  assert.deepEqual(
    errorsOf("version: 1\nroutes:\n  - { match: { device: on }, to: &ops [a@x.test] }\n  - { to: *ops }\n"),
    [],
  );
  assert.deepEqual(errorsOf('{"version": 1, "routes": [{"to": "a@x.test", "match": {"labels": {"1": "no"}}}]}'), []);
  assert.deepEqual(errorsOf("version: 1\nroutes: []\n"), []);
  assert.deepEqual(errorsOf("version: 1\r\nroutes:\r\n  - to: a@x.test\r\n"), []);
});

test("every mistake is named with its line and column, in the order of the file", () => {
  const text = `version: 2
routes:
  - match:
      devise: "boiler-*"
      severity: [critical, serious]
      labels: { site: [] }
    to: kim
    local: en
  - match: { device: 1042, atLeast: warning, severity: info }
    to: [a@x.test, "b@x.test, c@x.test"]
    locale: xx
    timezone: Mars/Olympus
    from: |
      A <a@x.test>
      Bcc: b@x.test
    continue: yes
  - match: {}
  - to: &empty []
  - to: *empty
  - match:
    to: a@x.test
  - nobody
`;
  assert.deepEqual(errorsOf(text), [
    'r.yaml:1:10 "2" is not right for version',
    'r.yaml:4:7 unknown key "devise"; the nearest known is device',
    'r.yaml:5:28 "serious" is none of info, warning, critical',
    "r.yaml:6:23 site is empty",
    'r.yaml:7:9 "kim" is not a mail address',
    'r.yaml:8:5 unknown key "local"; the nearest known is locale',
    'r.yaml:9:22 "1042" is a number; in quotes it would be text',
    "r.yaml:9:37 severity and atLeast are both given",
    'r.yaml:10:20 "b@x.test, c@x.test" is not a mail address',
    `r.yaml:11:13 "xx" is none of ${MAIL_LOCALES.join(", ")}`,
    'r.yaml:12:15 "Mars/Olympus" is not a time zone that is known here',
    "r.yaml:13:11 it contains a line break or another control character",
    'r.yaml:16:15 "yes" is not right for continue',
    "r.yaml:17:5 nobody is told: to, cc and bcc are missing",
    "r.yaml:18:16 to is empty",
    "r.yaml:19:9 to is empty",
    "r.yaml:20:11 match has no value",
    'r.yaml:22:5 "nobody" is not right for entry 7 of routes',
  ]);
});

test("an error says what would be right, with an example", () => {
  const result = parseRoutes("version: 1\nroutes:\n  - { too: a@x.test }\n", "r.yaml", CHECKS);
  assert.deepEqual(result.ok ? [] : result.errors, [
    {
      where: "r.yaml:3:5",
      problem: "nobody is told: to, cc and bcc are missing",
      expected: "a mail address, or a list of them",
      example: "to: [kim@example.com, Night shift <night@example.com>]",
    },
    {
      where: "r.yaml:3:7",
      problem: 'unknown key "too"; the nearest known is to',
      expected: "name, match, to, cc, bcc, locale, timezone, from, replyTo, links, mute, only, until, during, continue",
      example: "to: [kim@example.com, Night shift <night@example.com>]",
    },
  ]);
});

test("what is no YAML, or no routes at all, is said", () => {
  for (const [text, ...expected] of [
    ["", "r.yaml:1:1 the file is empty"],
    ["- to: a@x.test", "r.yaml:1:1 the file is a list"],
    ["routes: 5", "r.yaml:1:1 version is missing", 'r.yaml:1:9 "5" is not right for routes'],
    ["version: 1\nroutes: []\nroutes: []", "r.yaml:3:1 not YAML: map keys must be unique"],
    ["version: 1\n\troutes: []", "r.yaml:2:1 not YAML: tabs are not allowed as indentation"],
    ["version: 1\na: *b", "r.yaml:2:4 not YAML: unresolved alias (the anchor must be set before the alias): b"],
    ["version: 1\nroutes: []\n---\n", "r.yaml:3:1 not YAML: it holds more than one document"],
    ["version: !x 1\nroutes: []", "r.yaml:1:10 not YAML: unresolved tag: !x"],
    ["#".repeat(1024 ** 2 + 1), "r.yaml it has 1048577 characters, more than the 1048576 that are read"],
  ] as const) {
    assert.deepEqual(errorsOf(text), expected, text.slice(0, 60));
  }
});

test("a file that cannot be read is an error like others", () => {
  const gone = (): never => {
    throw Object.assign(new Error("gone"), { code: "ENOENT" });
  };
  const result = loadRoutes("r.yaml", gone, CHECKS);
  assert.deepEqual(result.ok || result.errors.map(({ where, problem }) => [where, problem]), [
    ["r.yaml", "it does not exist"],
  ]);
});

test("a file in another encoding is a mistake with its place: its patterns would match nothing", () => {
  // "서버실" in EUC-KR, read as UTF-8.
  const korean = Buffer.from([0xbc, 0xad, 0xb9, 0xf6, 0xbd, 0xc7]).toString("utf8");
  const text = `version: 1\r\nroutes:\r\n  - to: a@x.test\r\n    match: { deviceName: "${korean}" }\r\n`;
  assert.deepEqual(errorsOf(text), ["r.yaml:4:27 it is not UTF-8: a character that cannot be read"]);
});

test("a file that is no YAML at all has a bounded number of mistakes", () => {
  const errors = errorsOf("version: 1\n{}}\n".repeat(1_000));
  assert.ok(errors.length > 1 && errors.length <= 20, String(errors.length));
});

test("a file that is nested without end is one mistake, and the process lives", () => {
  for (const nested of ["[", "- ", "{a: ", "a: ", "? ", "[[{a: "])
    assert.match(
      errorsOf(`${nested.repeat(30_000)}\n`).join("\n"),
      /^r\.yaml:1:\d+ not YAML of routes: nested more than 50 deep$/,
      nested,
    );
  const stairs = Array.from({ length: 300 }, (_, n) => `${" ".repeat(n)}a:\n`).join("");
  assert.match(errorsOf(stairs).join("\n"), /^r\.yaml:[45]\d:\d+ not YAML of routes: nested/);
});

test("aliases without end are one mistake, at once", () => {
  const text = `version: 1\nroutes:\n  - to: &a [a@x.test]\n${"  - to: *a\n".repeat(50_000)}`;
  assert.deepEqual(errorsOf(text), ["r.yaml:1004:11 not YAML of routes: more than 1000 aliases"]);
});

test("a condition on a label that objects cannot have is refused instead of forgotten", () => {
  const text = "version: 1\nroutes:\n  - to: a@x.test\n    match: { labels: { __proto__: x } }\n";
  assert.deepEqual(errorsOf(text), ["r.yaml:4:35 a label cannot be called __proto__ here"]);
});
