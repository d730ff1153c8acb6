/** Routes that mute, from the record to the record of what was muted: who is mailed, what is counted, what is committed. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { GroupStatus } from "#src/http/status-shape.js";
import { parseSent, type SentMutedRecord } from "#src/kafka/sent-record-parser.js";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { createTopic } from "#test/support/kafka-admin.js";
import { pastWindow, startLine } from "#test/support/line.js";
import { readTopic } from "#test/support/read-topic.js";

const routesFile = async (t: TestContext, text: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "mutes-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "routes.yaml");
  await writeFile(path, text);
  return path;
};

const ROUTES = `version: 1
routes:
  - { name: fans, match: { device: "fan-*" }, mute: true, until: 2100-01-01T00:00:00Z }
  - { match: { device: pump }, only: report }
  - { match: { device: gone }, mute: true, until: 2020-01-01T00:00:00Z }
  - to: ops@example.com
`;

test("muted alerts are mailed to nobody, counted, on record and committed; critical ones are mailed all the same", async (t) => {
  const line = await startLine(t, { env: { ROUTES_FILE: await routesFile(t, ROUTES) } });
  const sentTopic = `${line.topic}.sent`;
  await createTopic(line.brokers, sentTopic, 1);
  const timestamp = pastWindow(3);
  const say = (deviceId: string, severity: string) => ({
    key: deviceId,
    value: JSON.stringify({ deviceId, severity, message: `${deviceId} is ${severity}` }),
    timestamp,
  });
  await line.produceRaw([
    say("fan-1", "warning"),
    say("fan-1", "critical"),
    say("fan-1", "info"),
    say("pump", "warning"),
    say("gone", "warning"),
    say("boiler", "warning"),
  ]);
  const product = await line.start({ KAFKA_SENT_TOPIC: sentTopic });
  await eventually("three devices are mailed about", () => line.smtp.messages.length === 3);
  const subjects = line.smtp.messages.map(
    ({ raw }) => /^X-Alert-Digest-Device: (\S+)/m.exec(raw.toString("latin1"))?.[1],
  );
  assert.deepEqual(subjects.toSorted(), ["boiler", "fan-1", "gone"]);
  const fan = line.smtp.messages[subjects.indexOf("fan-1")];
  assert.match((await fan?.parsed())?.text ?? "", /fan-1 is critical/);
  assert.doesNotMatch((await fan?.parsed())?.text ?? "", /fan-1 is (?:warning|info)/);
  assert.equal((await product.metrics()).value("alerts_total", { outcome: "muted" }), 3);
  const { instances } = (await (await get(`${product.url}/api/status`)).json()) as GroupStatus;
  assert.deepEqual(instances[0]?.mutes.map(({ route, name, how, alerts }) => [route, name, how, alerts]).toSorted(), [
    [1, "fans", "mute", 2],
    [2, null, "report", 1],
  ]);

  const records = await eventually("both devices' muted alerts are on record", async () => {
    const parsed = (await readTopic(line.brokers, sentTopic)).map(({ value }) => parseSent(value));
    const muted = parsed.flatMap((one) => (one.ok && one.record.kind === "muted" ? [one.record] : []));
    return muted.length >= 2 && muted;
  });
  const said = ({ device, how, route, alerts, severities }: SentMutedRecord): unknown[] => {
    return [device, how, route.number, route.name, alerts, severities.info];
  };
  assert.deepEqual(records.map(said).toSorted(), [
    ["fan-1", "mute", 1, "fans", 2, 1],
    ["pump", "report", 2, undefined, 1, 0],
  ]);
  assert.ok(
    product.logs.some(
      ({ msg, warnings }) => msg === "routes that are hardly meant so" && String(warnings).includes("it has ended"),
    ),
    "a mute that has ended is warned of at the start",
  );
  assert.equal(await product.stop(), 0);
  await line.allCommitted();
});

test("a mute that cannot be meant ends the start with 78 and its place", async (t) => {
  const path = await routesFile(
    t,
    "version: 1\nroutes:\n  - { mute: true, during: { days: mon, timezone: Asia/Soul } }\n",
  );
  const line = await startLine(t);
  const product = await line.launch({ ROUTES_FILE: path });
  assert.equal((await product.exited()).code, 78);
  assert.match(product.stderr(), /routes\.yaml:3:\d+: .*"Asia\/Soul"/);
});
