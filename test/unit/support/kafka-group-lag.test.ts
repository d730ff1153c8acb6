import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGroupLag } from "#test/support/kafka-group-lag.js";

test("the table of Kafka's own tool is read by its column names; a dash is no number", () => {
  const rows = parseGroupLag(`
Consumer group 'g' has no active members.

GROUP           TOPIC           PARTITION  LEADER-EPOCH  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
g               alerts          0          -             7               10              3               -               -               -
g               alerts          1          -             -               4               -               -               -               -
`);
  assert.deepEqual(rows, [
    { topic: "alerts", partition: 0, committed: 7, end: 10, lag: 3 },
    { topic: "alerts", partition: 1, committed: undefined, end: 4, lag: undefined },
  ]);
});

test("a group nobody knows has no rows", () => {
  assert.deepEqual(parseGroupLag("Error: Consumer group 'g' does not exist.\n"), []);
});
