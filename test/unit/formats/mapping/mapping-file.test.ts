import assert from "node:assert/strict";
import { test } from "node:test";
import { mappingOf, parseMappings } from "#src/formats/mapping/mapping-file.js";
import { errorsOf, mappingsOf, NEAREST } from "./mappings.js";

test("everything that is wrong is told at once, by line and column, with the nearest known name", () => {
  assert.deepEqual(
    errorsOf(`version: 2
eech: /alerts
lines: yes
only: { /a~b: 1, /c: , plain: 2 }
open: [a, 5]
fields:
  deviceNme: /name
  type: type
  message: "{/type}: {details}"
  severity: { from: /s, values: { HIGH: crit, LOW: [] } }
  status: { from: /s, value: { OK: resolved }, otherwise: firing }
  value: { from: /v, number: "on" }
  occurredAt: { from: /t, time: epoch }
  alertId: [/id, 5]
  labels: { from: /l, number: true }
  unit: { always: "", from: /u }
  threshold: []
`),
    [
      "1:10 version is 2",
      '2:1 unknown key "eech"; the nearest known is each',
      '3:8 lines is "yes"',
      '4:9 "/a~b": after ~ comes 0 or 1: ~0 is ~ and ~1 is /',
      "4:22 /c has no value",
      '4:24 "plain": it does not begin with /',
      '5:8 "a": it does not begin with /',
      "5:11 entry 2 of open is 5",
      '7:3 unknown key "deviceNme"; the nearest known is deviceName',
      '8:9 "type" is no pointer: it would be "/type"; a fixed text is { always: "type" }',
      '9:12 "{/type}: {details}": in braces stands a pointer, key or header:NAME, not "details"',
      '10:41 "crit" is none of info, warning, critical',
      '10:52 "LOW" is an empty list',
      '11:23 unknown key "value"; the nearest known is values',
      "11:48 otherwise stands without values",
      '12:30 number is "on"',
      '13:33 "epoch" is none of epoch-s, epoch-ms, epoch-us, epoch-ns, iso',
      "14:18 entry 2 of alertId is 5",
      "15:23 number is for value and threshold, not for labels",
      "16:19 always is empty",
      "16:23 always and from are both given",
      "17:14 threshold is an empty list",
    ],
  );
});

test("a file without fields, without a message, or without anything says so", () => {
  assert.deepEqual(errorsOf(""), ["1:1 the file is empty"]);
  assert.deepEqual(errorsOf("- 1"), ["1:1 the file is a list"]);
  assert.deepEqual(errorsOf("version: 1"), ["1:1 the file says nothing of fields"]);
  assert.deepEqual(errorsOf("fields: { message: /m }"), ["1:1 version is missing"]);
  assert.deepEqual(errorsOf("version: 1\nfields: { deviceId: /id }"), [
    "2:9 neither message nor type is mapped: no alert could be read",
  ]);
  assert.deepEqual(errorsOf("version: 1\nfields:"), ["2:8 fields has no value"]);
});

test("two conversions at once, and what only some fields have, are refused", () => {
  const of = (field: string, definition: string) =>
    errorsOf(`version: 1\nfields: { type: /t, ${field}: ${definition} }`);
  for (const [field, definition, problem] of [
    ["value", "{ from: /v, number: true, time: iso }", /number and time are both given/],
    ["message", "{ from: /v, texts: true }", /texts is for labels, not for message/],
    ["message", "{ from: /v, time: iso }", /time is for occurredAt, not for message/],
    ["labels", "{ from: /v, pairs: [a] }", /pairs has not two names/],
    ["labels", "{ from: /v, texts: { a: /b } }", /from and texts with names are both given/],
    ["labels", "{ always: 1 }", /labels are made by texts or pairs/],
    ["value", "{ always: high }", /"high" is no number, as value is/],
    ["status", "{ from: /s, values: { ok: done } }", /"done" is none of firing, resolved/],
    ["severity", "{ from: /s, values: { a: info }, otherwise: bad }", /"bad" is none of info, warning, critical/],
    ["severity", "{ values: { a: info } }", /severity says neither from nor always/],
    ["message", '"no end {/a"', /a \{ without its \}/],
    ["message", '"no begin }"', /a \} without its \{/],
    ["message", '"header:"', /the name of the header is missing/],
    ["message", '""', /message is empty/],
  ] as const) {
    const [error, ...more] = of(field, definition);
    assert.match(error ?? "", problem);
    assert.deepEqual(more, [], definition);
  }
});

test("a topic may have a mapping of its own; the others have that of the file", () => {
  const own = mappingsOf("version: 1\ntopics: { plant: { fields: { message: /p } } }\nfields: { message: /m }\n");
  assert.deepEqual(mappingOf(own, "plant")?.sources, [{ field: "message", text: "/p" }]);
  assert.deepEqual(mappingOf(own, "other")?.sources, [{ field: "message", text: "/m" }]);
  const only = mappingsOf("version: 1\ntopics: { plant: { fields: { message: /p } } }\n");
  assert.equal(mappingOf(only, "other"), undefined);
  assert.deepEqual(errorsOf("version: 1\ntopics: { plant: { field: { message: /p } } }\n"), [
    "2:18 plant says nothing of fields",
    '2:20 unknown key "field"; the nearest known is fields',
  ]);
  assert.deepEqual(errorsOf("version: 1\ntopics: {}\n"), ["2:9 topics is empty"]);
});

test("an error says what is right, with an example", () => {
  const result = parseMappings(
    "version: 1\nfields: { type: /t, occurredAt: { from: /t, time: ms } }",
    "m.yaml",
    NEAREST,
  );
  assert.deepEqual(result.ok ? [] : result.errors, [
    {
      where: "m.yaml:2:51",
      problem: '"ms" is none of epoch-s, epoch-ms, epoch-us, epoch-ns, iso',
      expected: "one of epoch-s, epoch-ms, epoch-us, epoch-ns, iso; for occurredAt",
      example: "time: epoch-ms",
    },
  ]);
});

test("a file that is too long, too deep, too branched or no text is refused at once, with a word", () => {
  const ten = "x".repeat(10 * 1024 ** 2);
  assert.deepEqual(errorsOf(`version: 1\nfields: { message: /${ten} }`), [
    " it has 10485793 characters, more than the 1048576 that are read",
  ]);
  assert.match(
    errorsOf(`version: 1\nfields: ${"[".repeat(100_000)}`).join(),
    /not YAML of mappings: nested more than 50 deep/,
  );
  const bomb = ["a: &a [x, x]"];
  for (let at = 0; at < 20; at++)
    bomb.push(
      `${"abcdefghijklmnopqrstuv"[at + 1]}: &${"abcdefghijklmnopqrstuv"[at + 1]} [*${"abcdefghijklmnopqrstuv"[at]}, *${"abcdefghijklmnopqrstuv"[at]}]`,
    );
  assert.match(errorsOf(bomb.join("\n")).join(), /alias/i);
  assert.match(errorsOf("version: 1\nfields: { message: \uFFFD }").join(), /2:20 it is not UTF-8/);
  assert.match(errorsOf("version: 1\nversion: 1").join(), /^2:1 not YAML: map keys must be unique/);
});

test("an alias stands for what its anchor holds, and its mistakes are told where it is used", () => {
  const { mapping } = mappingsOf(
    "version: 1\ntopics: { a: &a { fields: { message: /m } }, b: *a }\nfields: { message: /f }",
  );
  assert.equal(mapping?.sources.length, 1);
});

test("tables, lists and texts have an end", () => {
  const lines = Array.from({ length: 1_001 }, (_, index) => `v${index}: info`).join(", ");
  const sources = Array.from({ length: 21 }, (_, index) => `/s${index}`).join(", ");
  const parts = "{/a}".repeat(51);
  assert.match(
    errorsOf(`version: 1\nfields: { type: { from: /t, values: { ${lines} } } }`).join(),
    /more than 1000 lines/,
  );
  assert.match(errorsOf(`version: 1\nfields: { type: [${sources}] }`).join(), /has 21 entries, more than 20/);
  assert.match(errorsOf(`version: 1\nfields: { type: "${parts}" }`).join(), /has 51 parts in braces, more than 50/);
  assert.match(errorsOf(`version: 1\nfields: { type: ${"/a".repeat(33)} }`).join(), /has 33 steps, more than 32/);
  assert.match(
    errorsOf(`version: 1\nopen: [${"/a, ".repeat(11)}]\nfields: { type: /t }`).join(),
    /more than 10 pointers/,
  );
});
