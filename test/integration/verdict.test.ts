/** The overview's first tile, state by state, by promtool's own test of expressions. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { findPrometheusTools } from "#test/support/prometheus-tools.js";
import { interpolate } from "#tools/boards/checks/interpolate.js";
import { BUDGET_LEFT, NO_RULES } from "#tools/boards/overview-tiles.js";
import { VERDICT, VERDICT_TEXTS } from "#tools/boards/verdict.js";

/** Series → values in promtool's notation, over 20 minutes. */
type Series = Readonly<Record<string, string>>;

const ALWAYS = (value: number): string => `${value}+0x80`;
const KAFKA = 'job="j",instance="one",topic="t",group="g"';
const metric = (name: string, labels = 'job="j",instance="one"'): string => `alert_digest_${name}{${labels}}`;

const UP = 'up{job="j",instance="one"}';
const ASSIGNED = metric("kafka_partitions_assigned", KAFKA);
const GROUP = 'job="j",instance="one",group="g"';
const HEARTBEAT = metric("kafka_last_heartbeat_timestamp_seconds", GROUP);
const THROTTLE = metric("kafka_throttle_seconds_total", GROUP);
const CIRCUIT = metric("smtp_circuit_open");
const REACHABLE = metric("smtp_reachable");
const DATABASE = metric("recipients_database_up");
const NO_RECIPIENTS = metric("mails_waiting_for_recipients");
const ROUTES_STALE = metric("routes_stale");
const MAPPING_STALE = metric("mapping_stale");
const BUFFER = metric("kafka_partitions_paused", `${KAFKA},reason="buffer"`);
const CHECKPOINT = metric("kafka_partitions_paused", `${KAFKA},reason="checkpoint"`);
const PENDING_AGE = metric("oldest_pending_window_age_seconds");
const LAG = metric("kafka_consumer_lag_seconds", `${KAFKA},partition="0"`);
const UNREAD = metric("kafka_consumer_position_lag_records", `${KAFKA},partition="0"`);
const BEHIND = metric("kafka_records_behind_open_transaction", `${KAFKA},partition="0"`);
const IN_TIME = metric("window_end_to_mail_seconds_bucket", 'job="j",instance="one",le="10"');
const MAILED = metric("window_end_to_mail_seconds_count");
const DEAD = metric("dead_letters_total", 'job="j",instance="one",stage="smtp",reason="message-refused"');

const HEALTHY: Series = {
  [UP]: ALWAYS(1),
  [metric("kafka_topic_partitions", KAFKA)]: ALWAYS(4),
  [ASSIGNED]: ALWAYS(4),
  [HEARTBEAT]: "0+15x80",
  // Half a second of every minute.
  [THROTTLE]: "0+0.125x80",
  [CIRCUIT]: ALWAYS(0),
  [REACHABLE]: ALWAYS(1),
  [DATABASE]: ALWAYS(1),
  [NO_RECIPIENTS]: ALWAYS(0),
  [ROUTES_STALE]: ALWAYS(0),
  [MAPPING_STALE]: ALWAYS(0),
  [BUFFER]: ALWAYS(0),
  [CHECKPOINT]: ALWAYS(0),
  [PENDING_AGE]: ALWAYS(3),
  [LAG]: ALWAYS(35),
  [UNREAD]: "0 12 0 7 0+0x76",
  [BEHIND]: ALWAYS(0),
  [IN_TIME]: "0+5x80",
  [MAILED]: "0+5x80",
  [DEAD]: ALWAYS(2),
};

/** Half of the time. */
const THROTTLED: Series = { [THROTTLE]: "0+7.5x80" };

/** What is different from a healthy system, and what the tile begins with. */
const CASES: readonly (readonly [text: string, differences: Series])[] = [
  ["YES: every alert is mailed on time", {}],
  // One partition that is slow to be read, and one whose checkpoint is full: others hold no mail back.
  ["YES: every alert is mailed on time", { [UNREAD]: ALWAYS(500), [CHECKPOINT]: ALWAYS(1) }],
  // Transactions that come and go; mails that wait for a moment to know who gets them; an instance that no group had yet.
  ["YES: every alert is mailed on time", { [UNREAD]: ALWAYS(6), [BEHIND]: ALWAYS(6) }],
  ["YES: every alert is mailed on time", { [NO_RECIPIENTS]: ALWAYS(5) }],
  ["YES: every alert is mailed on time", { [HEARTBEAT]: ALWAYS(0) }],
  ["NO: no instance answers", { [UP]: ALWAYS(0) }],
  [
    "NO: an instance is out of the consumer group",
    { [HEARTBEAT]: "0+15x40 600+0x39", [ASSIGNED]: ALWAYS(0), [LAG]: ALWAYS(900) },
  ],
  ["NO: a partition has no owner", { [ASSIGNED]: ALWAYS(3) }],
  [
    "NO: the SMTP server is unreachable or refuses us",
    { [CIRCUIT]: ALWAYS(1), [REACHABLE]: ALWAYS(0), [BUFFER]: ALWAYS(4), [PENDING_AGE]: ALWAYS(600) },
  ],
  ["NO: the recipients database is away", { [DATABASE]: ALWAYS(0), [NO_RECIPIENTS]: ALWAYS(5), [BUFFER]: ALWAYS(4) }],
  ["NO: memory is full", { [BUFFER]: ALWAYS(4), [PENDING_AGE]: ALWAYS(600), [LAG]: ALWAYS(900) }],
  ["NO: mails wait", { [PENDING_AGE]: ALWAYS(11), [LAG]: ALWAYS(50) }],
  [
    "NO: alerts wait in Kafka behind an open transaction",
    { [LAG]: ALWAYS(90), [UNREAD]: ALWAYS(6), [BEHIND]: ALWAYS(6) },
  ],
  ["NO: a Kafka quota holds reading back", { ...THROTTLED, [LAG]: ALWAYS(900), [UNREAD]: ALWAYS(500) }],
  ["NO: reading is behind", { [LAG]: ALWAYS(900), [UNREAD]: ALWAYS(500) }],
  // More is unread than lies behind the transaction.
  ["NO: reading is behind", { [LAG]: ALWAYS(900), [UNREAD]: ALWAYS(500), [BEHIND]: ALWAYS(6) }],
  ["NO: windows stay open", { [LAG]: ALWAYS(900) }],
  ["YES, but the next mails will wait", { [REACHABLE]: ALWAYS(0) }],
  ["NOW YES: some mails came late", { [IN_TIME]: "0+5x70 350+4x9", [DEAD]: "0+1x80" }],
  ["YES, but there were dead letters", { [DEAD]: "0+0x40 1+0x40", [ROUTES_STALE]: ALWAYS(1) }],
  ["YES, but a Kafka quota holds an instance back", THROTTLED],
  ["YES, but to recipients from the cache", { [DATABASE]: ALWAYS(0) }],
  ["YES, but by old routes", { [ROUTES_STALE]: ALWAYS(1) }],
  ["YES, but by an old mapping", { [MAPPING_STALE]: ALWAYS(1) }],
];

const numberOf = (text: string): number => {
  const [value] = Object.entries(VERDICT_TEXTS).find(([, state]) => state.text.startsWith(text)) ?? [];
  assert.ok(value !== undefined, `no state begins with: ${text}`);
  return Number(value);
};

/** promtool's own test of `tests`. */
const play = async (t: TestContext, tests: readonly object[]): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "verdict-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "verdict.test.yml");
  await writeFile(file, JSON.stringify({ rule_files: [], evaluation_interval: "15s", tests }));
  const { promtool } = await findPrometheusTools();
  const run = promisify(execFile)(promtool, ["test", "rules", file]);
  await run.catch(({ stdout, stderr }) => assert.fail(`${stdout}${stderr}`));
};

test("the error budget is what the rules say, whole while no window was due, and unknown without the rules", (t) => {
  const expr = interpolate(BUDGET_LEFT, { job: "j", topic: "t", group: "g" });
  const left = 'job:alert_digest_error_budget:remaining30d{job="j"}';
  const closed = 'job:alert_digest_windows_closed:rate5m{job="j"}';
  const cases: readonly (readonly [name: string, series: Series, value: number, labels?: string])[] = [
    ["half is left", { [left]: ALWAYS(0.5), [closed]: ALWAYS(1) }, 0.5],
    ["no window was due yet", { [closed]: ALWAYS(0) }, 1],
    ["no recording rules", HEALTHY, NO_RULES],
  ];
  return play(
    t,
    cases.map(([name, series, value]) => ({
      name,
      interval: "15s",
      input_series: Object.entries(series).map(([each, values]) => ({
        series: each,
        values: values.replace("+0x80", "x80"),
      })),
      promql_expr_test: [{ expr, eval_time: "19m", exp_samples: [{ labels: "{}", value }] }],
    })),
  );
});

test("each state of the verdict is told, and where several hold the one nearest to the source", async (t) => {
  const expr = interpolate(VERDICT, { job: "j", topic: "t", group: "g" });
  const tests = CASES.map(([text, differences]) => ({
    name: text,
    interval: "15s",
    input_series: Object.entries({ ...HEALTHY, ...differences }).map(([series, values]) => ({ series, values })),
    promql_expr_test: [{ expr, eval_time: "19m", exp_samples: [{ labels: "{}", value: numberOf(text) }] }],
  }));
  assert.deepEqual(new Set(CASES.map(([text]) => numberOf(text))), new Set(Object.keys(VERDICT_TEXTS).map(Number)));
  await play(t, tests);
});
