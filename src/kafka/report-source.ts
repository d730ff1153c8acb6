import { ReportSums } from "../core/report.js";
import type { ReportPeriod } from "../core/report-times.js";
import type { ReportSource } from "../runtime/daily-report.js";
import type { KafkaConnection } from "./client.js";
import { rangesOf, type StoredRecord, withCommandClient } from "./command-client.js";
import { latenessOf, parseSent } from "./sent-record-parser.js";

/** The mails of the topic of sent mails and the unreadable records of the dead-letter topic, both of this group. Connects for each question. */
export const createReportSource = (deps: {
  readonly connection: KafkaConnection;
  readonly group: string;
  readonly sentTopic: string;
  readonly deadLetterTopic: string;
}): ReportSource => ({
  async read(period, stopped) {
    const { connection, group, sentTopic, deadLetterTopic } = deps;
    const sums = new ReportSums();
    let reported = false;
    const take = (record: StoredRecord): void => {
      // Ends the reading.
      if (stopped()) throw new Error("stopped");
      if (record.topic === deadLetterTopic) addUnreadable(sums, record, period, group);
      else if (addSent(sums, record, period, group)) reported = true;
    };
    return withCommandClient(connection, { groupPrefix: `${group}.sent.` }, async (client) => {
      const topics = await client.existing([sentTopic, deadLetterTopic]);
      // Not to be taken for a time in which nothing happened.
      if (!topics.has(sentTopic))
        throw new Error(
          `topic ${sentTopic} (KAFKA_SENT_TOPIC) does not exist, or this user may not see it: grant READ on it`,
        );
      const since = period.fromMs - CLOCK_SLACK_MS;
      const ranges = await Promise.all([...topics].map((topic) => rangesOf(client, topic, since)));
      await client.read(ranges.flat(), take);
      return { sums, reported };
    });
  },
});

/** Returns whether it is the report of the period. */
const addSent = (sums: ReportSums, { value }: StoredRecord, period: ReportPeriod, group: string): boolean => {
  const parsed = parseSent(value);
  if (!parsed.ok || parsed.record.group !== group) return false;
  const { record } = parsed;
  if (record.kind === "report") return record.day === period.day;
  if (!isWithin(record.at, period)) return false;
  if (record.kind === "muted")
    sums.muted({
      deviceId: record.device,
      deviceName: record.deviceName,
      alerts: record.alerts,
      critical: record.severities.critical,
      listed: record.how === "report",
    });
  else
    sums.mail({
      deviceId: record.device,
      deviceName: record.deviceName,
      alerts: record.alerts,
      critical: record.severities.critical,
      accepted: record.outcome === "accepted",
      deadLettered: record.outcome === "dead_lettered" || record.failed.length > 0,
      devices: record.devices,
      again: record.again,
      more: record.more,
      seconds: latenessOf(record),
    });
  return false;
};

const addUnreadable = (sums: ReportSums, { headers }: StoredRecord, period: ReportPeriod, group: string): void => {
  if (headers.get("dead-letter.kind") !== "record" || headers.get("dead-letter.group") !== group) return;
  if (!isWithin(Date.parse(headers.get("dead-letter.failed-at") ?? ""), period)) return;
  sums.unreadableRecord(headers.get("dead-letter.reason") ?? "");
};

const isWithin = (at: number, { fromMs, toMs }: ReportPeriod): boolean => at >= fromMs && at < toMs;

/** Clocks differ a little, and a topic may stamp its records itself. */
const CLOCK_SLACK_MS = 10 * 60_000;
