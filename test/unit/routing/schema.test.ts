/** What is published for editors, and the example: both as the product reads the file. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { zoneOf } from "#src/core/zone.js";
import { matching } from "#src/routing/match.js";
import type { Route } from "#src/routing/route.js";
import { parseRoutes } from "#src/routing/routes-file.js";
import { createRouting } from "#src/routing/routing.js";
import { routesJsonSchema } from "#src/routing/schema.js";
import type { Addressing, Digest } from "#src/runtime/ports.js";
import { CHECKS, digestOf } from "./digests.js";

const root = new URL("../../../", import.meta.url);
const SCHEMA = new URL("schemas/routes.schema.json", root);
const example = readFileSync(new URL("examples/routes.yaml", root), "utf8");

test("the published JSON Schema is that of the code (UPDATE_SCHEMAS=1 writes it)", () => {
  const text = `${JSON.stringify(routesJsonSchema(CHECKS.locales), null, 2)}\n`;
  if (process.env["UPDATE_SCHEMAS"] === "1") writeFileSync(SCHEMA, text);
  assert.equal(readFileSync(SCHEMA, "utf8"), text);
});

test("an editor marks what the product refuses, and nothing of the example", () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(
    JSON.parse(readFileSync(SCHEMA, "utf8")),
  );
  assert.ok(validate(parse(example)), JSON.stringify(validate.errors));
  for (const route of [
    "{ too: a@x.test }",
    "{ name: nobody }",
    "{ to: [] }",
    "{ to: a@x.test, match: { severity: bad } }",
    "{ to: a@x.test, match: { severity: info, atLeast: info } }",
    "{ to: a@x.test, match: { device: 5 } }",
    "{ to: a@x.test, locale: xx }",
    "{ to: a@x.test, continue: sometimes }",
    "{ to: operators }",
    "{ to: a@x.test, cc: [b@x.test, ' '] }",
    "{ bcc: 'a@x.test, b@x.test' }",
    "{ to: 'a b@x.test' }",
    "{ to: 'Kim, Lee <a@x.test>' }",
    '{ to: "a@x.test\\nBcc: b@x.test" }',
    "{ to: a@b@x.test }",
    "{ to: 김@x.test }",
    "{ to: a@x.test, from: Alerts }",
    "{ to: a@x.test, replyTo: desk at x.test }",
    "{ to: a@x.test, timezone: 'Seoul time' }",
    "{ to: a@x.test, match: { labels: { '': x } } }",
    "{ mute: true, to: a@x.test }",
    "{ mute: yes }",
    "{ only: mail }",
    "{ mute: true, only: report }",
    "{ to: a@x.test, until: '2030-01-01T00:00:00Z' }",
    "{ mute: true, until: 2030-01-01 }",
    "{ mute: true, until: '2030-01-01T00:00:00' }",
    "{ mute: true, during: { days: [monday] } }",
    "{ mute: true, during: { from: '25:00', to: '26:00' } }",
    "{ mute: true, during: [{ from: '8:00' }] }",
    "{ mute: true, during: { days: mon, timezone: 'Seoul time' } }",
    "{ mute: true, during: { weekdays: mon } }",
  ]) {
    const text = `version: 1\nroutes: [${route}]`;
    assert.ok(!validate(parse(text)), route);
    assert.ok(!parseRoutes(text, "r.yaml", CHECKS).ok, route);
  }
});

test("the example names its schema", () => {
  const path = /^# yaml-language-server: \$schema=(\S+)$/m.exec(example)?.[1] ?? "";
  assert.equal(new URL(path, new URL("examples/routes.yaml", root)).href, SCHEMA.href);
});

test("the example does what its comments say", () => {
  const result = parseRoutes(example, "examples/routes.yaml", CHECKS);
  const routes: readonly Route[] = result.ok ? result.routes : assert.fail(JSON.stringify(result.errors));
  const router = createRouting({ routes: () => routes, everybody: [], defaults: {} });
  const told = (digest: Digest) =>
    (router.route(() => digest) as readonly Addressing[]).flatMap(({ to, cc }) => [...to, ...cc]);
  const names = (digest: Digest) => matching(routes, digest, zoneOf("UTC")).map(({ name }) => name);

  const busan = { labels: { site: "busan-2" } };
  const boiler = digestOf("boiler-7", [{ severity: "critical", ...busan }]);
  assert.deepEqual(names(boiler), ["archive", "boilers in Busan, critical"]);
  assert.deepEqual(told(boiler), ["kim@example.com", "heating@example.com", "manager@example.com"]);
  assert.deepEqual(names(digestOf("boiler-7", [{ severity: "warning", ...busan }])), ["archive", "the rest"]);

  const freezer = digestOf("coldroom-12", [{ severity: "info", labels: { site: "rotterdam" } }]);
  assert.deepEqual(told(freezer), ["coldchain.nl@example.com"]);
  const [, message] = router.route(() => freezer) as readonly Addressing[];
  assert.deepEqual(message?.look, { locale: "en", timezone: "Europe/Amsterdam" });

  const rack = digestOf("a1", [{ type: "BATTERY_LOW" }], { deviceName: "Server room 3" });
  assert.deepEqual(names(rack), ["archive", "technicians", "server rooms"]);
  assert.deepEqual(names(digestOf("a1", [{ type: "BATTERY_LOW", severity: "info" }])), ["archive", "the rest"]);
});
