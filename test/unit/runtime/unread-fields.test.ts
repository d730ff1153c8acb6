import assert from "node:assert/strict";
import { test } from "node:test";
import { wallTime } from "#src/core/time.js";
import { unreadLog } from "#src/runtime/unread-fields.js";

const MINUTE = 60_000;

test("a field that cannot be read is logged once a minute for each partition, with where it stands and how often it came since", () => {
  const lines: object[] = [];
  const onUnread = unreadLog({ warn: (fields: object) => void lines.push(fields) });
  const at = (minute: number) => wallTime(minute * MINUTE);
  const severity = { severity: "SPAM" };
  onUnread({ partition: 3, offset: 10, asWritten: severity }, at(0));
  onUnread({ partition: 3, offset: 11, asWritten: severity }, at(0.5));
  onUnread({ partition: 4, offset: 7, asWritten: severity }, at(0.5));
  onUnread({ partition: 3, offset: 12, asWritten: { severity: "P0", value: "--" } }, at(1));
  assert.deepEqual(lines, [
    { partition: 3, offset: 10, field: "severity", written: "SPAM", suppressed: 0 },
    { partition: 4, offset: 7, field: "severity", written: "SPAM", suppressed: 0 },
    { partition: 3, offset: 12, field: "severity", written: "P0", suppressed: 1 },
    { partition: 3, offset: 12, field: "value", written: "--", suppressed: 0 },
  ]);
});

test("what labels say is not logged", () => {
  const lines: object[] = [];
  unreadLog({ warn: (fields: object) => void lines.push(fields) })(
    { partition: 0, offset: 1, asWritten: { labels: "token=secret" } },
    wallTime(0),
  );
  assert.deepEqual(lines, [{ partition: 0, offset: 1, field: "labels", suppressed: 0 }]);
});
