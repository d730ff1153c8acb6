/** Optional fields as producers usually write them, from the record to the mailbox: every one is mailed, and none is a dead letter. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";

/** `message` → the rest of the record, as text where JSON has no word for it. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "severity in capitals": '"severity":"CRITICAL"',
  "severity of syslog": '"severity":"emerg"',
  "severity in Korean": '"severity":" 심각 "',
  "severity nobody knows": '"severity":"SPAM"',
  "severity as a number": '"severity":5',
  "status in capitals": '"status":"FIRING"',
  "status of ThingsBoard": '"status":"CLEARED_ACK"',
  "value as text": '"value":"41.5","unit":"°C"',
  "value that is none": '"value":NaN',
  "value as a dash": '"value":"--"',
  "value beyond all numbers": '"value":1e400',
  "threshold as text": '"threshold":"40"',
  "unit as a number": '"unit":7',
  "type as a number": '"type":42',
  "alertId as a number": '"alertId":12345678901234567890',
  "name as a number": '"deviceName":12',
  "time in milliseconds": '"occurredAt":1795249800123',
  "time in seconds as text": '"occurredAt":"1795249800"',
  "time in nanoseconds": '"occurredAt":1795249800123000000',
  "time with a blank": '"occurredAt":"2026-11-21 08:30:00"',
  "time as a list": '"occurredAt":[2026,11,21,8,30,0]',
  "labels with numbers": '"labels":{"line":3,"hot":true,"none":null,"in":{"a":1}}',
  "labels that are none": '"labels":"line=3"',
  // Jackson: an enum by its name, an Instant as seconds with nanoseconds behind the point.
  "a Spring producer": '"severity":"CRITICAL","status":"RESOLVED","occurredAt":1795249800.123456789,"value":null',
};

const textsOf = async (line: Line): Promise<string> =>
  (await Promise.all(line.smtp.messages.map(async (message) => (await message.parsed()).text ?? ""))).join("\n");

describe("optional fields as producers write them", { concurrency: 2 }, () => {
  test("each spelling is mailed, what cannot be read is shown as written, and nothing is a dead letter", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { MAIL_LOCALE: "en" } });
    const records = Object.entries(SPELLINGS).map(
      ([message, rest]) => `{"deviceId":"d1","message":"${message}",${rest}}`,
    );
    const bare = '{"message":"device by its key"}';
    const odd = [
      `\ufeff${bare.replace("its key", "a mark")}`,
      JSON.stringify(bare.replace("its key", "a string")),
      bare,
    ];
    await line.produceRaw(
      [...records, ...odd].map((value) => ({
        key: '"d1"',
        value: Buffer.from(value),
        timestamp: pastWindow(3),
        partition: 0,
      })),
    );
    const product = await line.start();
    const wanted = [...Object.keys(SPELLINGS), "device by its key", "device by a mark", "device by a string"];
    const text = await eventually("every spelling is mailed", async () => {
      const mailed = await textsOf(line);
      return wanted.every((message) => mailed.includes(message)) && mailed;
    });
    for (const shown of ["severity: SPAM", "severity: 5", "value NaN", "value --", "value 1e400", "labels: line=3"])
      assert.ok(text.includes(shown), shown);
    assert.match(text, /value 41\.5 °C/);
    assert.match(
      text,
      /Could not be read and is shown as written: severity \(2 alerts\), value \(3 alerts\), labels \(1 alert\)\./,
    );
    await line.allCommitted();
    const metrics = await product.metrics();
    assert.equal(metrics.value("alert_repairs_total", { field: "occurredAt" }), 6);
    assert.equal(metrics.value("alert_repairs_total", { field: "deviceId" }), 3);
    assert.deepEqual(await line.deadLetters(), []);
  });

  test("KAFKA_KEY=any and SEVERITY_MAP: any key, and the upstream's own words", async (t) => {
    const env = { MAIL_LOCALE: "en", KAFKA_KEY: "any", SEVERITY_MAP: "p1=critical,error=info" };
    const line = await startLine(t, { partitions: 1, env });
    const alerts = [
      { deviceId: "d1", message: "by its own word", severity: "P1" },
      { deviceId: "d1", message: "by another's", severity: "error" },
    ];
    await line.produceRaw(alerts.map((value) => ({ key: "site-1", value, timestamp: pastWindow(3), partition: 0 })));
    const product = await line.start();
    const text = await eventually("both are mailed", async () => {
      const mailed = await textsOf(line);
      return mailed.includes("by its own word") && mailed.includes("by another's") && mailed;
    });
    assert.match(text, /2 alerts: critical 1, info 1/);
    assert.equal((await product.metrics()).value("alert_repairs_total", { field: "severity" }), 0);
    assert.deepEqual(await line.deadLetters(), []);
  });
});
