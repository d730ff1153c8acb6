/** A record of `KAFKA_SENT_TOPIC` as it is written; `sent-record-parser.ts` reads it back. Its fields: docs/sent-and-reports.md. */

import { atMost, cutAfter } from "../core/at-most.js";
import type { MailContent, MutedDevice, RecipientFailure, SentMail, SentReport } from "../runtime/ports.js";
import { summaryOf } from "../runtime/summary.js";

/** Who writes. */
export interface SentRecordSource {
  readonly group: string;
  readonly instance: string;
}

/** A record to be written. */
export interface EncodedSent {
  readonly key: string;
  readonly value: string;
  readonly timestampMs: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** One record for each device the mail tells of. */
export const encodeMail = (mail: SentMail, source: SentRecordSource): readonly EncodedSent[] => {
  const devices = devicesOf(mail.content);
  return devices.map(({ digest, severities }) => ({
    key: digest.deviceId,
    timestampMs: mail.at,
    value: bounded(mail, (people) =>
      JSON.stringify({
        version: 1,
        kind: "mail",
        device: digest.deviceId,
        deviceName: digest.deviceName && atMost(digest.deviceName, NAME_MAX),
        window: [iso(digest.windowStart), iso(digest.windowEnd)],
        windowCount: digest.windowCount,
        repeats: digest.repeats,
        part: digest.part,
        topic: digest.topic,
        partition: digest.partition,
        offsets: [digest.firstOffset, digest.lastOffset],
        alerts: digest.count,
        severities,
        devices: devices.length,
        again: digest.again,
        more: mail.more,
        messageId: mail.messageId,
        otherMessageIds: mail.otherMessageIds.length > 0 ? mail.otherMessageIds.slice(0, MESSAGES_MAX) : undefined,
        outcome: mail.outcome,
        ...people,
        reply: cut(mail.reply),
        attempts: mail.attempts,
        latencySeconds: mail.seconds === undefined ? undefined : rounded(mail.seconds),
        windowEndToMailSeconds: rounded(Math.max(0, mail.at - digest.windowEnd) / 1000),
        at: iso(mail.at),
        ...source,
      }),
    ),
  }));
};

/** It is about no device; a topic that is compacted takes nothing without a key. */
export const encodeReport = (report: SentReport, source: SentRecordSource): EncodedSent => ({
  key: `report/${source.group}`,
  timestampMs: report.at,
  value: bounded(report, (people) =>
    JSON.stringify({
      version: 1,
      kind: "report",
      day: report.period.day,
      period: [iso(report.period.fromMs), iso(report.period.toMs)],
      alerts: report.alerts,
      messageId: report.messageId,
      outcome: report.outcome,
      ...people,
      reply: cut(report.reply),
      attempts: report.attempts,
      at: iso(report.at),
      ...source,
    }),
  ),
});

/** Nobody was to have it: so it has a mail's fields, and nobody in them. */
export const encodeMuted = (muted: MutedDevice, source: SentRecordSource): EncodedSent => ({
  key: muted.deviceId,
  timestampMs: muted.at,
  value: JSON.stringify({
    version: 1,
    kind: "muted",
    device: muted.deviceId,
    deviceName: muted.deviceName && atMost(muted.deviceName, NAME_MAX),
    how: muted.how,
    route: muted.route,
    times: [iso(muted.firstTime), iso(muted.lastTime)],
    topic: muted.topic,
    partition: muted.partition,
    offsets: [muted.firstOffset, muted.lastOffset],
    alerts: muted.alerts,
    severities: muted.severities,
    outcome: "muted",
    recipients: [],
    failed: [],
    reply: "",
    attempts: 0,
    at: iso(muted.at),
    ...source,
  }),
});

const devicesOf = (content: MailContent) =>
  "devices" in content
    ? content.devices.map(({ digest, summary }) => ({ digest, severities: summary.bySeverity }))
    : [{ digest: content, severities: summaryOf(content).bySeverity }];

/** A topic takes 1 MB by default: of a crowd of recipients so many are named that it fits, and the rest is counted. */
const bounded = (
  mail: {
    readonly recipients: readonly string[];
    readonly presumed?: readonly string[];
    readonly failed: readonly RecipientFailure[];
  },
  text: (people: Record<string, unknown>) => string,
): string => {
  for (let most = RECIPIENTS_MAX; ; most = Math.floor(most / 2)) {
    const recipients = mail.recipients.slice(0, most);
    const failed = mail.failed.slice(0, most);
    const notListed = mail.recipients.length + mail.failed.length - recipients.length - failed.length;
    const presumed = mail.presumed?.slice(0, most);
    const value = text({
      recipients,
      presumed: presumed === undefined || presumed.length === 0 ? undefined : presumed,
      failed: failed.map(({ address, phase, reason, code, reply, detail }) => ({
        recipient: address,
        ...{ phase, reason, code },
        reply: cut(reply),
        detail: detail === undefined ? undefined : cut(detail),
      })),
      recipientsNotListed: notListed > 0 ? notListed : undefined,
    });
    if (Buffer.byteLength(value) <= VALUE_BYTES_MAX || most === 0) return value;
  }
};

const cut = (text: string): string => cutAfter(text, REPLY_MAX);
const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;

const RECIPIENTS_MAX = 10_000;
const VALUE_BYTES_MAX = 900_000;
const MESSAGES_MAX = 100;
const REPLY_MAX = 500;
const NAME_MAX = 256;
