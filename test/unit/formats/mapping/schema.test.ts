/** What is published for editors: it marks what the product refuses, and nothing of what it takes. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { mappingJsonSchema } from "#src/formats/mapping/json-schema.js";
import { errorsOf } from "./mappings.js";

const root = new URL("../../../../", import.meta.url);
const SCHEMA = new URL("schemas/mapping.schema.json", root);
const EXAMPLES = new URL("examples/mappings/", root);

test("the published JSON Schema is that of the code (UPDATE_SCHEMAS=1 writes it)", () => {
  const text = `${JSON.stringify(mappingJsonSchema(), null, 2)}\n`;
  if (process.env["UPDATE_SCHEMAS"] === "1") writeFileSync(SCHEMA, text);
  assert.equal(readFileSync(SCHEMA, "utf8"), text);
});

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
  mappingJsonSchema(),
);

const agree = (text: string, isRight: boolean): void => {
  assert.equal(validate(parse(text)), isRight, `${text}\n${JSON.stringify(validate.errors?.slice(0, 3))}`);
  assert.equal(errorsOf(text).length === 0, isRight, `${text}\n${errorsOf(text).join("\n")}`);
};

test("what the product takes, an editor does not mark", () => {
  for (const mapping of [
    "fields: { message: /m }",
    "fields: { type: '#/a~1b/0', deviceId: key, unit: header:unit }",
    'fields: { message: "{/a} of {key} {{not}} {header:x} {#/y}" }',
    'fields: { message: "in {/a}" }',
    "fields: { message: [/a, '#', { always: none }, { from: [/b, /c] }] }",
    "fields: { message: /m, severity: { from: /s, values: { HIGH: critical, 1: info }, otherwise: warning } }",
    "fields: { message: /m, status: { always: resolved }, value: { always: 5 }, threshold: { from: /t, number: true } }",
    "fields: { message: /m, occurredAt: [{ from: /t, time: epoch-ns }, /u] }",
    "fields: { message: /m, labels: { from: '', texts: true } }",
    "fields: { message: /m, labels: { from: /l, pairs: [a, b] } }",
    'fields: { message: /m, labels: { texts: { a: /a, b: ["{/b}", key] } } }',
    "each: ''\nlines: false\nunwrap: /a\nopen: /b\nonly: { /k: [1, x, true], header:h: y, key: z }\nfields: { type: /t }",
    "topics: { t: { each: /x, fields: { message: /m } } }",
  ])
    agree(`version: 1\n${mapping}\n`, true);
});

test("what the product refuses, an editor marks", () => {
  for (const mapping of [
    "field: { message: /m }",
    "fields: { deviceId: /d }",
    "fields: { message: m }",
    "fields: { message: '' }",
    "fields: { message: /a~2 }",
    "fields: { message: 'no places {here}' }",
    "fields: { message: [] }",
    "fields: { message: 5 }",
    "fields: { messag: /m, type: /t }",
    "fields: { message: { form: /m } }",
    "fields: { message: { from: /m, number: true } }",
    "fields: { message: { from: /m, otherwise: x } }",
    "fields: { message: { always: '' } }",
    "fields: { message: { always: x, from: /m } }",
    "fields: { message: /m, severity: { from: /s, values: { HIGH: crit } } }",
    "fields: { message: /m, severity: { from: /s, values: {} } }",
    "fields: { message: /m, status: { always: done } }",
    "fields: { message: /m, value: { always: high } }",
    "fields: { message: /m, value: { from: /v, number: yes please } }",
    "fields: { message: /m, occurredAt: { from: /t, time: ms } }",
    "fields: { message: /m, labels: { always: x } }",
    "fields: { message: /m, labels: { from: /l, pairs: [a] } }",
    "fields: { message: /m, labels: { texts: {} } }",
    "each: alerts\nfields: { message: /m }",
    "lines: sometimes\nfields: { message: /m }",
    "only: {}\nfields: { message: /m }",
    "only: { kind: 1 }\nfields: { message: /m }",
    "only: { /kind: }\nfields: { message: /m }",
    "open: []\nfields: { message: /m }",
    "topics: {}",
    "topics: { t: { each: /x } }",
    "topics: { t: { fields: { message: /m } } }\neach: /x",
    "unwrap: /x",
  ])
    agree(`version: 1\n${mapping}\n`, false);
  agree("fields: { message: /m }\n", false);
  agree("version: 2\nfields: { message: /m }\n", false);
});

test("each ready mapping names its schema, and is right by it", () => {
  const names = readdirSync(EXAMPLES).filter((name) => name.endsWith(".yaml"));
  assert.equal(names.length, 7);
  for (const name of names) {
    const text = readFileSync(new URL(name, EXAMPLES), "utf8");
    agree(text, true);
    const path = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? "";
    assert.equal(new URL(path, new URL(name, EXAMPLES)).href, SCHEMA.href);
  }
});
