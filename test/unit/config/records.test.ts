import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig, parseDeadLettersConfig } from "#src/config.js";
import { KNOWN } from "#test/support/known.js";

const BASE = {
  KAFKA_BROKERS: "kafka-1:9092",
  SMTP_URL: "smtp://mail.example.com:587",
  MAIL_FROM: "alerts@example.com",
  MAIL_TO: "ops@example.com",
};
const noFile = (): string => assert.fail("no file is read");

const records = (env: Readonly<Record<string, string>>) => {
  const result = parseConfig({ ...BASE, ...env }, noFile, KNOWN);
  return result.ok
    ? result.config.formats.rules
    : result.errors.map(({ variable, problem }) => `${variable}: ${problem}`);
};

test("SEVERITY_MAP has the producers' words as a record's are compared, and a word may have an equals sign", () => {
  const decomposed = "심각".normalize("NFD");
  assert.deepEqual(records({ SEVERITY_MAP: ` P1 = Critical,error=warning,a=b=info, ${decomposed}=info` }), {
    key: "device",
    severities: new Map([
      ["p1", "critical"],
      ["error", "warning"],
      ["a=b", "info"],
      ["심각", "info"],
    ]),
  });
});

test("an entry of SEVERITY_MAP that says nothing, or stands there twice, stops the start", () => {
  for (const [text, said] of [
    ["p1", '"p1" is no word=severity'],
    ["=critical", '"=critical" is no word=severity'],
    ["p1=critical,", '"" is no word=severity'],
    ["p1=fatal", '"p1=fatal" names no severity'],
    ["p1=critical,P1=info", '"p1" stands there twice'],
  ] as const)
    assert.ok(
      String(records({ SEVERITY_MAP: text })).includes(`SEVERITY_MAP: ${said}`),
      String(records({ SEVERITY_MAP: text })),
    );
});

test("KAFKA_KEY is device or any, also for the commands that read the alerts topic", () => {
  assert.deepEqual(records({ KAFKA_KEY: "ANY" }), { key: "any", severities: new Map() });
  assert.match(String(records({ KAFKA_KEY: "none" })), /KAFKA_KEY: "none" is not one of them/);
  const letters = parseDeadLettersConfig(
    { KAFKA_BROKERS: "kafka:9092", KAFKA_KEY: "any", SEVERITY_MAP: "p1=info" },
    noFile,
  );
  assert.deepEqual(letters.ok && letters.formats.rules, { key: "any", severities: new Map([["p1", "info"]]) });
});
