/** The daily report as a MIME message, the same bytes for the same report: who gets it twice recognises it. */

import type { DeviceReport, RepairsReport, Report } from "../core/report.js";
import type { RenderedMail } from "../runtime/ports.js";
import { cleanLine } from "./clean.js";
import { createLocalTime } from "./language.js";
import { createNoticeRenderer, type NoticeOptions, type NoticeView } from "./notice.js";
import { textsOf } from "./texts/index.js";
import type { MailTexts, ReportDay, ReportTexts } from "./texts.js";
import { dated } from "./wording.js";

export type ReportRendererOptions = NoticeOptions;

export interface ReportRenderer {
  render(report: Report, recipients: readonly string[]): RenderedMail;
}

export function createReportRenderer(options: ReportRendererOptions): ReportRenderer {
  const { group } = options;
  const language = textsOf(options.locale);
  const { report: texts } = language;
  const { render } = createNoticeRenderer(options);
  const localTime = createLocalTime(options.timezone);

  const repairsLine = ({ fields, sinceMs }: RepairsReport): string =>
    texts.repairs(
      fields.map(({ field, count }) => texts.repaired(field, count)),
      localTime.format(sinceMs),
    );

  const viewOf = (report: Report): NoticeView => {
    const { period, totals, repairs, devices, deviceCount, moreDevices } = report;
    const more = deviceCount - devices.length;
    return {
      subject: texts.subject(dayIn(localTime.format(period.fromMs)), lostIn(report), deviceCount, totals.alerts),
      headline: headlineOf(report, texts),
      bad: totals.deadLetters > 0 || report.unreadable.length > 0,
      facts: [
        texts.period(
          dayAndMinute(localTime.format(period.fromMs), language),
          dayAndMinute(localTime.format(period.toMs), language),
          localTime.zone(period.toMs, language.zones),
        ),
        ...factsOf(totals, { ...texts, deadLetters: texts.allDeadLetters }),
        ...(totals.muted > 0 ? [texts.muted(totals.muted)] : []),
        ...unreadableOf(report, language),
      ],
      rows: devices.map((device) => ({
        name: nameOf(device),
        facts: factsOf(device, texts).join(", "),
        bad: device.deadLetters > 0,
      })),
      notes: [
        ...(repairs === undefined ? [] : [repairsLine(repairs)]),
        ...(more > 0 ? [texts.notListed(more)] : []),
        ...(moreDevices ? [texts.tooMany(deviceCount)] : []),
      ],
      footer: `${texts.group}: ${cleanLine(group, NAME_MAX)}`,
    };
  };

  return {
    render(report, recipients) {
      const { day, toMs } = report.period;
      const named = { id: ["report", group, day], thread: ["report-thread", group], dateMs: toMs };
      return render(viewOf(report), { ...named, header: `X-Alert-Digest-Report: ${day}` }, recipients);
    },
  };
}

/** A report begins and ends at a full minute. */
const dayAndMinute = (local: string, language: MailTexts): string => dated(local.slice(0, -":00".length), language);

/** Of a local time such as `2026-11-21 09:00:12`. */
const dayIn = (local: string): ReportDay => {
  const date = new Date(`${local.slice(0, "2026-11-21".length)}T00:00:00Z`);
  return { month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay() };
};

const headlineOf = ({ totals, unreadable }: Report, texts: ReportTexts): string => {
  const lost = lostIn({ totals, unreadable });
  if (lost > 0) return texts.notTold(lost);
  if (totals.mails > 0) return texts.allTold;
  return totals.alerts + totals.muted > 0 ? texts.noneMailed : texts.nothing;
};

const unreadableOf = (
  { unreadable }: Report,
  { report: texts, letters: { reasons }, count: counted }: MailTexts,
): readonly string[] =>
  unreadable.length === 0
    ? []
    : [
        texts.unreadable(
          sumOf(unreadable),
          unreadable
            .map(({ reason, count }) => {
              const code = cleanLine(reason, NAME_MAX) || "?";
              const word = Object.hasOwn(reasons, reason) ? `${reasons[reason]} (${code})` : code;
              return `${word} ${counted(count)}`;
            })
            .join(", "),
        ),
      ];

/** Somebody was not told of these. */
const lostIn = ({ totals, unreadable }: Pick<Report, "totals" | "unreadable">): number =>
  totals.deadLetters + sumOf(unreadable);

const sumOf = (some: Report["unreadable"]): number => some.reduce((sum, { count }) => sum + count, 0);

const factsOf = (
  { alerts, critical, mails, slowestSeconds, deadLetters, reportOnly }: Omit<DeviceReport, "deviceId" | "deviceName">,
  texts: Pick<ReportTexts, "alerts" | "reportOnly" | "mails" | "slowest" | "deadLetters">,
): readonly string[] => [
  texts.alerts(alerts, critical),
  ...(reportOnly > 0 ? [texts.reportOnly(reportOnly)] : []),
  texts.mails(mails),
  ...(slowestSeconds === undefined ? [] : [texts.slowest(slowestSeconds.toFixed(1))]),
  ...(deadLetters > 0 ? [texts.deadLetters(deadLetters)] : []),
];

const nameOf = ({ deviceId, deviceName }: DeviceReport): string => {
  const id = cleanLine(deviceId, NAME_MAX) || "?";
  const name = cleanLine(deviceName ?? "", NAME_MAX);
  return name === "" || name === id ? id : `${name} (${id})`;
};

const NAME_MAX = 256;
