/** What people copy to begin with: the alerts, their schema, the environment file and the unit for systemd. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { EXIT } from "#src/commands/command.js";
import { VARIABLES } from "#src/config/variables.js";
import { parseConfig } from "#src/config.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { KNOWN } from "#test/support/known.js";

const root = new URL("../../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(text("schemas/alert.schema.json")) as object,
);
const alerts = text("examples/alerts.jsonl").trimEnd().split("\n");

const MINIMAL = { deviceId: "d1", message: "Too hot" };
const isRead = (alert: unknown): boolean =>
  createAlertCodec().decode({ key: null, value: Buffer.from(JSON.stringify(alert)) }).kind === "alert";

test("the example alerts are alerts, for the product and for the schema, and use each of its fields but the producer's ID", () => {
  const fields = new Set<string>();
  for (const line of alerts) {
    const alert = JSON.parse(line) as object;
    assert.ok(isRead(alert), line);
    assert.ok(validate(alert), JSON.stringify(validate.errors));
    for (const field of Object.keys(alert)) fields.add(field);
  }
  const { properties } = JSON.parse(text("schemas/alert.schema.json")) as { properties: object };
  assert.deepEqual([...fields, "alertId"].toSorted(), Object.keys(properties).toSorted());
});

test("the product reads whatever the schema allows", () => {
  const allowed: readonly unknown[] = [
    MINIMAL,
    { ...MINIMAL, deviceId: "😀".repeat(256) },
    { ...MINIMAL, somethingElse: { deeper: [1] } },
    ...["deviceName", "type", "unit", "alertId"].flatMap((field) => [
      { ...MINIMAL, [field]: "text" },
      { ...MINIMAL, [field]: "" },
    ]),
    ...["value", "threshold"].map((field) => ({ ...MINIMAL, [field]: -1.5e300 })),
    ...["info", "warning", "critical"].map((severity) => ({ ...MINIMAL, severity })),
    ...["firing", "resolved"].map((status) => ({ ...MINIMAL, status })),
    ...[
      "deviceName",
      "severity",
      "type",
      "value",
      "threshold",
      "unit",
      "occurredAt",
      "alertId",
      "status",
      "labels",
    ].map((field) => ({ ...MINIMAL, [field]: null })),
    ...["2026-11-21", "2026-11-21T09:30", "2026-11-21T09:30:12Z", "2026-11-21T09:30:12.123456+09:00"].map(
      (occurredAt) => ({ ...MINIMAL, occurredAt }),
    ),
    { ...MINIMAL, labels: {} },
    { ...MINIMAL, labels: { site: "busan-2", "": "" } },
  ];
  for (const alert of allowed) {
    assert.ok(validate(alert), JSON.stringify(alert));
    assert.ok(isRead(alert), JSON.stringify(alert));
  }
});

test("the schema refuses what is not the documented form", () => {
  const refused: readonly unknown[] = [
    ...[null, [], "text", 1, {}, { deviceId: "d1" }, { message: "m" }],
    ...[null, 1, "", "x".repeat(257), [], {}].map((deviceId) => ({ ...MINIMAL, deviceId })),
    ...[null, 1, true, [], "", " "].map((message) => ({ ...MINIMAL, message })),
    ...["deviceName", "type", "unit", "alertId"].map((field) => ({ ...MINIMAL, [field]: 7 })),
    ...["value", "threshold"].map((field) => ({ ...MINIMAL, [field]: "1" })),
    ...["CRITICAL", "fatal", "", 1].map((severity) => ({ ...MINIMAL, severity })),
    ...["Firing", "ok", 0].map((status) => ({ ...MINIMAL, status })),
    ...["", "yesterday", "21.11.2026", "2026-99-99", "2026-11-21T25:00:00Z", "2026-11-21T", 1_790_000_000_000].map(
      (occurredAt) => ({ ...MINIMAL, occurredAt }),
    ),
    ...["a=b", ["a"], { a: 1 }, { a: null }, { a: { b: "c" } }].map((labels) => ({ ...MINIMAL, labels })),
  ];
  for (const alert of refused) assert.ok(!validate(alert), JSON.stringify(alert));
});

/** `NAME=value`, as systemd and Docker read it: no quotes, no `export`; with those that are commented out. */
const settings = [...text("examples/alert-digest.env").matchAll(/^(#?)([A-Z]\w+)=(.*)$/gm)].map(
  ([, mark, name = "", value = ""]) => ({ isSet: mark === "", name, value }),
);

test("the environment file has known variables only, and what is set in it is a right configuration", () => {
  assert.ok(settings.length > 15);
  const names = new Set(VARIABLES.flatMap(({ name, secrecy }) => (secrecy ? [name, `${name}_FILE`] : [name])));
  for (const { name, value } of settings) {
    assert.ok(names.has(name), name);
    assert.doesNotMatch(value, /^["']|["']$/, name);
  }
  const env = Object.fromEntries(settings.filter(({ isSet }) => isSet).map(({ name, value }) => [name, value]));
  const parsed = parseConfig(env, text, KNOWN);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  assert.deepEqual(parsed.warnings, []);
});

test("systemd starts it again unless that is of no use, and waits for a clean stop", () => {
  const unit = text("deploy/systemd/alert-digest.service");
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? "";
  assert.equal(value("Restart"), "on-failure");
  assert.deepEqual(value("RestartPreventExitStatus").split(" ").map(Number), [EXIT.usage, EXIT.config]);
  const parsed = parseConfig(
    Object.fromEntries(settings.filter(({ isSet }) => isSet).map(({ name, value }) => [name, value])),
    text,
    KNOWN,
  );
  assert.ok(parsed.ok && Number(value("TimeoutStopSec")) * 1000 > parsed.config.shutdownTimeoutMs);
  assert.match(value("EnvironmentFile"), /\/alert-digest\.env$/);
});
