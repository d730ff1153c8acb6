import assert from "node:assert/strict";
import { test } from "node:test";
import { apply } from "#src/formats/mapping/apply.js";
import { alertOf, itemsOf, mappingOf } from "./mappings.js";

const message = (source: string, value: unknown, around = {}) =>
  alertOf(`fields: { type: { always: T }, message: ${source} }`, value, around)["message"];

test("a pointer is followed through objects and lists, with ~0 and ~1 as RFC 6901 has them", () => {
  const value = { "a/b": { "m~n": [{ "": "deep" }] }, "0": "zero" };
  assert.equal(message("/a~1b/m~0n/0/", value), "deep");
  assert.equal(message("/0", value), "zero");
  for (const nowhere of ["/a~1b/m~0n/1/", "/a~1b/m~0n/00/", "/a~1b/m~0n/-", "/a~1b/m~0n/length", "/toString", "/0/0"])
    assert.equal(message(`"${nowhere}"`, value), undefined, nowhere);
});

test("what stands in a prototype is not in the record", () => {
  assert.equal(message("/__proto__/x", JSON.parse('{"__proto__":{"x":"own"}}')), "own");
  for (const path of ["/__proto__", "/constructor/name", "/hasOwnProperty"]) assert.equal(message(path, {}), undefined);
});

test("of a list of sources the first counts that is neither null nor blank", () => {
  assert.equal(message("[/a, /b, /c]", { a: null, b: "  ", c: "third" }), "third");
  assert.equal(message("[/a, /b, { always: none }]", { a: "" }), "none");
  assert.equal(message("[/a, /b]", { a: 0, b: "later" }), 0);
});

test("the key, a header and the whole record are sources too", () => {
  const around = { key: "boiler-7", headers: { "x-site": "busan" }, whole: { meta: { by: "plc" } } };
  assert.equal(message('"{key} {header:x-site} {#/meta/by} {/a}"', { a: 1 }, around), "boiler-7 busan plc 1");
  assert.equal(message("[header:none, key]", {}, around), "boiler-7");
});

test("a text shows a hyphen for what is not there, and is nothing where nothing of it is there", () => {
  assert.equal(message('"{/t}: {/v} (limit {/l})"', { t: "HOT", v: 92.5 }), "HOT: 92.5 (limit -)");
  assert.equal(message('["{/t}: {/v}", /else]', { else: "other" }), "other");
  assert.equal(message('"{/t} {/u}"', {}), undefined);
});

test("in a text doubled braces are braces, lists and objects are JSON", () => {
  assert.equal(message('"{{{/t}}}: {/o} {/b}"', { t: "x", o: { a: [1] }, b: true }), '{x}: {"a":[1]} true');
});

test("a table compares exactly, then without case and blanks; what has no line stays as it was written", () => {
  const severity = (table: string, value: unknown) =>
    alertOf(`fields: { type: { always: T }, severity: { from: /s, ${table} } }`, { s: value })["severity"];
  const table = "values: { 5: critical, HIGH: critical, high: warning, true: info }";
  assert.deepEqual([severity(table, 5), severity(table, "5"), severity(table, true)], ["critical", "critical", "info"]);
  assert.deepEqual(
    [severity(table, "HIGH"), severity(table, "high"), severity(table, " High ")],
    ["critical", "warning", "warning"],
  );
  assert.deepEqual(
    [severity(table, "LOW"), severity(table, { a: 1 }), severity(table, undefined)],
    ["LOW", { a: 1 }, undefined],
  );
  const whole = `${table}, otherwise: info`;
  assert.deepEqual([severity(whole, "LOW"), severity(whole, null)], ["info", "info"]);
});

test("a number written as text is a number; what is none stays as it was written", () => {
  const number = (value: unknown) =>
    alertOf("fields: { type: { always: T }, value: { from: /v, number: true } }", { v: value })["value"];
  assert.deepEqual(["41.5", " -7 ", "1e3", ".5", 8].map(number), [41.5, -7, 1000, 0.5, 8]);
  assert.deepEqual(["NaN", "--", "0x10", "1,5", "1e400", "41.5 °C"].map(number), [
    "NaN",
    "--",
    "0x10",
    "1,5",
    "1e400",
    "41.5 °C",
  ]);
});

test("an epoch becomes a time in UTC, by the unit that the file names", () => {
  const time = (form: string, value: unknown) =>
    alertOf(`fields: { type: { always: T }, occurredAt: { from: /t, time: ${form} } }`, { t: value })["occurredAt"];
  const expected = "2026-11-21T00:00:12.345Z";
  const ms = Date.parse(expected);
  assert.equal(time("epoch-ms", ms), expected);
  assert.equal(time("epoch-ms", String(ms)), expected);
  assert.equal(time("epoch-s", ms / 1000), expected);
  assert.equal(time("epoch-us", ms * 1000), expected);
  assert.equal(time("epoch-ns", `${ms}000000`), expected);
  assert.equal(time("iso", expected), expected);
  assert.deepEqual([time("epoch-ms", 1e30), time("epoch-s", "soon"), time("epoch-s", true)], [1e30, "soon", true]);
});

test("labels are an object's values as texts, named texts, or pairs of a list", () => {
  const labels = (definition: string, value: unknown) =>
    alertOf(`fields: { type: { always: T }, labels: ${definition} }`, value)["labels"];
  const value = {
    tags: { a: "x", n: 1, no: null, o: { p: [true] } },
    list: [{ tag: "site", value: "busan" }, { tag: 7, value: 8 }, { value: "nameless" }, null],
  };
  assert.deepEqual(labels("{ from: /tags, texts: true }", value), { a: "x", n: "1", o: '{"p":[true]}' });
  assert.deepEqual(labels('{ texts: { first: /tags/a, both: "{/tags/a}-{/tags/n}", none: /nowhere } }', value), {
    first: "x",
    both: "x-1",
  });
  assert.deepEqual(labels("{ from: /list, pairs: [tag, value] }", value), { site: "busan", 7: "8" });
  assert.deepEqual(labels('{ from: "", texts: true }', { a: 1 }), { a: "1" });
  assert.deepEqual(labels("{ from: /tags, texts: true }", { tags: "text" }), "text");
  const hostile = labels("{ from: /tags, texts: true }", { tags: JSON.parse('{"__proto__":{"x":1}}') });
  assert.deepEqual(Object.entries(hostile as object), [["__proto__", '{"x":1}']]);
});

test("JSON in a text, or in base64 of it, is opened where the file says so", () => {
  const text = "open: [/body]\nfields: { message: /body/text }";
  const inside = JSON.stringify({ text: "hot" });
  const base64 = Buffer.from(inside).toString("base64");
  for (const body of [inside, ` ${inside}`, base64, base64.replaceAll("=", ""), { text: "hot" }])
    assert.equal(alertOf(text, { body })["message"], "hot", String(body));
  const [item] = itemsOf(text, { body: "no JSON" });
  assert.deepEqual(item, {
    at: "",
    kind: "unreadable",
    detail:
      "the mapping found neither message nor type: nothing is at /body/text; what is at /body is neither JSON nor base64 of JSON",
  });
});

test("a number that JavaScript cannot hold keeps its digits in JSON that is opened, as in a record", () => {
  const inside = '{"id":9007199254740993,"text":"hot","value":NaN}';
  for (const body of [inside, Buffer.from(inside).toString("base64")]) {
    const alert = alertOf("open: [/body]\nfields: { deviceId: /body/id, message: /body/text, value: /body/value }", {
      body,
    });
    assert.deepEqual(alert, { deviceId: "9007199254740993", message: "hot", value: "NaN" });
  }
});

test("a number in a text stays a text: only lists and objects are opened", () => {
  assert.equal(alertOf("open: /v\nfields: { message: /v }", { v: "007" })["message"], "007");
});

test("to open one leaves the record as it was", () => {
  const value = { list: [{ body: '{"text":"hot"}' }], other: 1 };
  const before = structuredClone(value);
  assert.equal(
    alertOf('open: [/list/0/body]\nfields: { message: "{/list/0/body/text} {/other}" }', value)["message"],
    "hot 1",
  );
  assert.deepEqual(value, before);
});

test("what only does not name is ignored, in the record and in each item of a list", () => {
  const text = "only: { /kind: [alarm, 2], header:env: prod }\nfields: { message: /m }";
  const kindOf = (kind: unknown, env: string) => itemsOf(text, { kind, m: "x" }, { headers: { env } })[0]?.kind;
  assert.deepEqual([kindOf("alarm", "prod"), kindOf(2, "prod"), kindOf("2", "prod")], ["alert", "alert", "alert"]);
  assert.deepEqual(
    [kindOf("status", "prod"), kindOf(undefined, "prod"), kindOf("alarm", "test")],
    ["ignored", "ignored", "ignored"],
  );
  const each = itemsOf("each: /list\nonly: { /k: 1 }\nfields: { message: /m }", {
    list: [
      { k: 1, m: "a" },
      { k: 2, m: "b" },
    ],
  });
  assert.deepEqual(
    each.map(({ kind, at }) => `${at} ${kind}`),
    ["/list/0 alert", "/list/1 ignored"],
  );
});

test("each item of a list is an alert of its own, and a bad one does not keep the others back", () => {
  const items = itemsOf("each: /alerts\nfields: { message: /m, deviceId: '#/by' }", {
    by: "plc-1",
    alerts: [{ m: "a" }, 5, { m: "c" }],
  });
  assert.deepEqual(
    items.map((item) => (item.kind === "alert" ? item.alert : item.detail)),
    [
      { message: "a", deviceId: "plc-1" },
      "the mapping found neither message nor type: nothing is at /m",
      { message: "c", deviceId: "plc-1" },
    ],
  );
  assert.deepEqual(itemsOf('each: ""\nfields: { message: /m }', []), []);
  assert.match(
    JSON.stringify(itemsOf("each: /alerts\nfields: { message: /m }", { alerts: {} })),
    /each: \/alerts is no list/,
  );
  assert.match(JSON.stringify(itemsOf("each: /alerts\nfields: { message: /m }", {})), /each: \/alerts is not there/);
});

test("unwrap goes down first, through a text with JSON in it as well", () => {
  const text = "unwrap: /payload\nfields: { message: '{/m} {#/id}' }";
  assert.equal(alertOf(text, { id: 1, payload: { m: "x" } })["message"], "x 1");
  assert.equal(alertOf(text, { id: 2, payload: '{"m":"y"}' })["message"], "y 2");
  assert.match(JSON.stringify(itemsOf(text, { id: 3 })), /unwrap: nothing is at \/payload/);
});

test("a record whose list would multiply it is refused item by item, not unfolded", () => {
  const text = "each: /list\nfields: { message: '{#/big} {#/big} {#/big}' }";
  const value = { big: { text: "x".repeat(500_000) }, list: Array.from({ length: 5_000 }, (_, index) => index) };
  const started = process.cpuUsage().user;
  const items = itemsOf(text, value);
  assert.ok(process.cpuUsage().user - started < 2_000_000);
  assert.equal(items.filter(({ kind }) => kind === "unreadable").length, 4_998);
  assert.match(JSON.stringify(items.at(-1)), /longer than 4194304 characters/);
  for (const labels of ["{ from: '#/list', pairs: [a, b] }", "{ from: '#/object', texts: true }"]) {
    const wide = {
      list: new Array(400_000).fill(null),
      object: Object.fromEntries(value.list.map((at) => [at, null])),
      items: value.list,
    };
    const begun = process.cpuUsage().user;
    itemsOf(`each: /items\nfields: { type: { always: T }, labels: ${labels} }`, wide);
    assert.ok(process.cpuUsage().user - begun < 2_000_000, labels);
  }
  assert.match(
    JSON.stringify(itemsOf(text, { list: new Array(10_001).fill(0) })),
    /10001 items are more than the 10000/,
  );
});

test("it is on record which sources were looked at, and which found something", () => {
  const mapping = mappingOf("fields: { message: [/a, /b, /c], unit: /u }");
  const seen = new Uint8Array(mapping.sources.length);
  for (const value of [{ b: "x" }, { b: "y" }])
    apply(mapping, { value, whole: value, key: undefined, header: () => undefined }, seen);
  assert.deepEqual(
    mapping.sources.map(({ field, text }, index) => `${field} ${text} ${seen[index]}`),
    ["message /a 1", "message /b 2", "message /c 0", "unit /u 1"],
  );
});
