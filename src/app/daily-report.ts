import type { Config } from "../config.js";
import { zoneOf } from "../core/zone.js";
import type { SentTopic } from "../kafka/sent-topic.js";
import { createReportRenderer } from "../mail/report.js";
import type { Clock } from "../runtime/clock.js";
import { DailyReport } from "../runtime/daily-report.js";
import type { Logger } from "../runtime/log.js";
import type { Mailer, Metrics, RepairCount } from "../runtime/ports.js";
import { RepairsSince } from "../runtime/repairs-since.js";

/** Undefined: none is asked for, or there is no record to make it of; then nothing is loaded that reads one. */
export const createDailyReport = async (
  { kafka, mail, report }: Config,
  deps: {
    readonly sent: SentTopic | undefined;
    readonly repairs: () => readonly RepairCount[];
    readonly mailer: Mailer;
    readonly isOurs: () => boolean;
    readonly metrics: Metrics;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<DailyReport | undefined> => {
  const { sent, repairs, mailer, isOurs, metrics, clock, log } = deps;
  const { groupId: group, sentTopic, deadLetterTopic } = kafka;
  if (report === undefined || sent === undefined || sentTopic === undefined) return undefined;
  const { createReportSource } = await import("../kafka/report-source.js");
  const renderer = createReportRenderer({ ...mail, group });
  return new DailyReport({
    schedule: { atMinute: report.atMinute, zone: zoneOf(mail.timezone) },
    to: report.to,
    maxRecipients: mail.maxRecipients,
    isOurs,
    source: createReportSource({ connection: kafka, group, sentTopic, deadLetterTopic }),
    repairs: new RepairsSince(repairs, clock),
    render: renderer.render,
    mailer,
    record: (done) => sent.report(done),
    metrics,
    clock,
    log,
    random: Math.random,
  });
};
