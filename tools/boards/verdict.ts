/** The first thing an operator reads: is every alert mailed on time, and if not, where does it wait? */

import type { Texts } from "./kit/panels.js";
import { bucket, count, counter, gauge, LE_10, other } from "./kit/promql.js";

/**
 * An alert of a healthy system is at most a window, its grace and the service level old when it is settled: 42 s with the
 * defaults, and up to a scrape more when it is seen. With a longer WINDOW_SIZE this must be more.
 */
export const LATE_AFTER_SECONDS = 60;
/** The service level: from a window's end to its mail. */
export const SERVICE_LEVEL_SECONDS = 10;
/** As the rule OutOfGroup has it: above a session, which `/metrics` does not tell. */
const OUT_OF_GROUP_SECONDS = 60;
/** In a minute. A quota that holds back for less delays nothing that anybody notices. */
const THROTTLED_SECONDS = 5;

interface State {
  readonly text: string;
  readonly color: "red" | "yellow";
  /** Has a result while the state holds. */
  readonly when: string;
}

const oldest = (series: string, seconds: number): string => `max(${series}) > ${seconds}`;
const lag = gauge("kafka_consumer_lag_seconds");
const unread = gauge("kafka_consumer_position_lag_records");
const behindTransaction = gauge("kafka_records_behind_open_transaction");

const READING_BEHIND = `${oldest(lag, LATE_AFTER_SECONDS)} and on () max(min_over_time(${unread}[1m])) > 0`;
const THROTTLED = `max(rate(${counter("kafka_throttle_seconds_total")}[2m])) * 60 > ${THROTTLED_SECONDS}`;

/**
 * First where alerts wait, from the source to the mailbox; then, while each is on time again or still, what was not, and what soon may not be. The
 * first that holds is shown.
 */
const STATES: readonly State[] = [
  {
    text: "NO: no instance answers, alerts wait in Kafka",
    color: "red",
    when: `absent(${other("up")} == 1)`,
  },
  {
    // Before what its partitions, which count as nobody's, and its gauges, which stand still, say.
    text: "NO: an instance is out of the consumer group, it mails nothing",
    color: "red",
    when: `max(time() - (${gauge("kafka_last_heartbeat_timestamp_seconds")} > 0)) > ${OUT_OF_GROUP_SECONDS}`,
  },
  {
    text: "NO: a partition has no owner, its alerts wait in Kafka",
    color: "red",
    when: `max by (topic, group) (${gauge("kafka_topic_partitions")}) > sum by (topic, group) (${gauge("kafka_partitions_assigned")})`,
  },
  {
    text: "NO: the SMTP server is unreachable or refuses us, mails wait",
    color: "red",
    when: oldest(gauge("smtp_circuit_open"), 0),
  },
  {
    text: "NO: the recipients database is away, mails wait for it",
    color: "red",
    when: `max(${gauge("recipients_database_up")} == 0 and ${gauge("mails_waiting_for_recipients")} > 0)`,
  },
  {
    text: "NO: memory is full, alerts wait in Kafka",
    color: "red",
    when: oldest(gauge("kafka_partitions_paused", 'reason="buffer"'), 0),
  },
  {
    text: "NO: mails wait, being retried or for a slow SMTP server",
    color: "red",
    when: oldest(gauge("oldest_pending_window_age_seconds"), SERVICE_LEVEL_SECONDS),
  },
  {
    // All that Kafka gives of the partition is read.
    text: "NO: alerts wait in Kafka behind an open transaction",
    color: "red",
    when: `max(${lag} > ${LATE_AFTER_SECONDS} and ${behindTransaction} > 0 and ${behindTransaction} >= ${unread})`,
  },
  {
    text: "NO: a Kafka quota holds reading back, alerts wait in Kafka",
    color: "red",
    when: `${READING_BEHIND} and on () ${THROTTLED}`,
  },
  {
    text: "NO: reading is behind, alerts wait in Kafka",
    color: "red",
    when: READING_BEHIND,
  },
  {
    text: "NO: windows stay open, is the broker away?",
    color: "red",
    when: oldest(lag, LATE_AFTER_SECONDS),
  },
  {
    // Found by a try without a mail: the circuit opens with the first mail.
    text: "YES, but the next mails will wait: the SMTP server is not reachable",
    color: "yellow",
    when: `min(${gauge("smtp_reachable")}) == 0`,
  },
  {
    text: "NOW YES: some mails came late in the last 5 min",
    color: "yellow",
    when: `sum(increase(${count("window_end_to_mail_seconds")}[5m])) - sum(increase(${bucket("window_end_to_mail_seconds", LE_10)}[5m])) > 0.5`,
  },
  {
    text: "YES, but there were dead letters in the last hour",
    color: "yellow",
    when: `sum(increase(${counter("dead_letters_total")}[1h])) > 0`,
  },
  {
    text: "YES, but a Kafka quota holds an instance back",
    color: "yellow",
    when: THROTTLED,
  },
  {
    text: "YES, but to recipients from the cache: their database is away",
    color: "yellow",
    when: `min(${gauge("recipients_database_up")}) == 0`,
  },
  {
    text: "YES, but by old routes: ROUTES_FILE is broken or gone",
    color: "yellow",
    when: oldest(gauge("routes_stale"), 0),
  },
  {
    text: "YES, but by an old mapping: MAPPING_FILE is broken or gone",
    color: "yellow",
    when: oldest(gauge("mapping_stale"), 0),
  },
];

/** The number of the first state that holds, from 1; 0: every alert is mailed on time. */
export const VERDICT = [
  ...STATES.map(({ when }, index) => `(vector(${index + 1}) and on () (${when}))`),
  "vector(0)",
].join("\nor ");

export const VERDICT_TEXTS: Texts = {
  0: { text: "YES: every alert is mailed on time", color: "green" },
  ...Object.fromEntries(STATES.map(({ text, color }, index) => [index + 1, { text, color }])),
};
