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

interface State {
  readonly text: string;
  readonly color: "red" | "yellow";
  /** Has a result while the state holds. */
  readonly when: string;
}

const oldest = (series: string, seconds: number): string => `max(${series}) > ${seconds}`;
const lag = gauge("kafka_consumer_lag_seconds");

/** From the source to the mailbox; the first that holds is shown. */
const STATES: readonly State[] = [
  {
    text: "NO: no instance answers, alerts wait in Kafka",
    color: "red",
    when: `absent(${other("up")} == 1)`,
  },
  {
    text: "NO: a partition has no owner, its alerts wait in Kafka",
    color: "red",
    when: `max by (topic, group) (${gauge("kafka_topic_partitions")}) > sum by (topic, group) (${gauge("kafka_partitions_assigned")})`,
  },
  {
    text: "NO: the SMTP server is unreachable, mails wait for it",
    color: "red",
    when: oldest(gauge("smtp_circuit_open"), 0),
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
    text: "NO: reading is behind, alerts wait in Kafka",
    color: "red",
    when: `${oldest(lag, LATE_AFTER_SECONDS)} and on () max(min_over_time(${gauge("kafka_consumer_position_lag_records")}[1m])) > 0`,
  },
  {
    text: "NO: windows stay open, is the broker away?",
    color: "red",
    when: oldest(lag, LATE_AFTER_SECONDS),
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
