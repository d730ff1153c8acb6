/** What one instance's `/api/status` tells of the whole group, through `KAFKA_STATUS_TOPIC`. Without a broker: broker-outage. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupStatus, InstanceStatus } from "#src/http/status-shape.js";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";

const PARTITIONS = 4;

const statusOf = async (product: Product): Promise<GroupStatus> => {
  const response = await get(`${product.url}/api/status`, 10_000);
  return (await response.json()) as GroupStatus;
};

const partitionsOf = (instance: InstanceStatus | undefined): number[] =>
  instance?.partitions.map(({ partition }) => partition).sort() ?? [];

test("one page shows all instances: what each owns and mails, who stopped, and who was killed", async (t) => {
  const line = await startLine(t, { partitions: PARTITIONS });
  const env = { KAFKA_STATUS_TOPIC: `${line.topic}.status` };
  const [first, second] = await Promise.all([line.start(env), line.start(env)]);

  let last: GroupStatus | undefined;
  const seen = (): unknown => last;
  /** The answer of `product` once `holds`. */
  const shows = (what: string, product: Product, holds: (status: GroupStatus) => boolean): Promise<GroupStatus> =>
    eventually(
      what,
      async () => {
        last = await statusOf(product);
        return holds(last) && last;
      },
      { seen },
    );
  const split = ({ sharing, instances: [own, other] }: GroupStatus): boolean =>
    sharing === "on" &&
    [...partitionsOf(own), ...partitionsOf(other)].sort().join() === "0,1,2,3" &&
    partitionsOf(own).length === 2;
  const [byFirst, bySecond] = [
    await shows("the first shows both, each with its half", first, split),
    await shows("the second shows both, each with its half", second, split),
  ];
  assert.equal(byFirst.instances[0]?.instanceId, byFirst.self);
  assert.equal(byFirst.instances[1]?.instanceId, bySecond.self);
  assert.deepEqual(partitionsOf(byFirst.instances[1]), partitionsOf(bySecond.instances[0]));
  assert.equal(byFirst.partitionCount, PARTITIONS);

  // A window that fills up, then its mail, on the page of the one that does not own it.
  const [partition = 0] = partitionsOf(byFirst.instances[1]);
  const boiler = {
    device: "boiler",
    partition,
    at: Date.now(),
    fields: { deviceName: "<b>boiler</b>", severity: "critical" },
  };
  await line.produce([boiler, boiler]);
  await shows("the other's mail is here", first, ({ instances }) => instances[1]?.mails[0]?.outcome === "accepted");
  const [mail] = last?.instances[1]?.mails ?? [];
  assert.deepEqual(
    [mail?.deviceId, mail?.deviceName, mail?.partition, mail?.alerts, mail?.attempts],
    ["boiler", "<b>boiler</b>", partition, 2, 1],
  );
  assert.equal(last?.instances[1]?.totals.mailsAccepted, 1);

  await shows("each is a member of the group", first, ({ instances }) => instances.every(({ isMember }) => isMember));
  const { group, topic, instances } = byFirst;
  const invented = { ...instances[1], instanceId: "invented-1", host: "invented" };
  const value = JSON.stringify({ group, topic, instance: invented });
  await line.producer.send(env.KAFKA_STATUS_TOPIC, [{ key: "invented-1", value }]);
  await shows("an invented one is none, the others still are", first, ({ instances }) => {
    const members = instances.filter(({ isMember }) => isMember === true);
    const strangers = instances.filter(({ isMember }) => isMember === false);
    return members.length === 2 && strangers.length === 1 && strangers[0]?.instanceId === "invented-1";
  });
  await line.producer.send(env.KAFKA_STATUS_TOPIC, [{ key: "invented-1", value: null }]);

  assert.equal(await second.stop(), 0);
  // Not by age: it said that it goes.
  const alone = await shows("the one that stopped is gone", first, ({ instances }) => instances.length === 1);
  assert.equal(alone.sharing, "on");

  const third = await line.start(env);
  const { self } = await eventually("the new one answers", () => statusOf(third));
  const isThird = ({ instanceId }: InstanceStatus): boolean => instanceId === self;
  await shows("the new one is here", first, ({ instances }) => instances.some(isThird));
  await third.kill();
  await shows("the one that was killed is shown, and ages", first, ({ instances }) =>
    instances.some((instance) => isThird(instance) && instance.ageSeconds > 4),
  );
});
