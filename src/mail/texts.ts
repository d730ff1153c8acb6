/** Every sentence a mail can contain. Numbers are written as the record has them, without grouping. */

import type { Severity } from "../core/alert.js";

export type MailLocale = "ko" | "en";

/** How many of a window's alerts are in the CSV file, and why the others are not. */
export interface CsvFacts {
  readonly rows: number;
  readonly total: number;
  /** Could not be read back. */
  readonly unread: number;
  /** Would have made the mail too long. */
  readonly noRoom: number;
}

export interface MailTexts {
  readonly lang: MailLocale;
  subject(deviceName: string, count: number): string;
  readonly severity: Readonly<Record<Severity, string>>;
  readonly resolved: string;
  readonly late: string;
  /** `counts`: already joined, such as "critical 3, warning 1". */
  total(count: number, counts: string): string;
  ofThese(resolved: number, late: number): string;
  worst(severity: string): string;
  /** First and last time of the alerts that are listed; `some`: others are not. */
  span(first: string, last: string, some: boolean): string;
  window(start: string, end: string, zone: string): string;
  merged(windowCount: number): string;
  measured(value: string, threshold: string | undefined): string;
  thresholdOnly(threshold: string): string;
  /** After a message that was cut; `length`: of the whole message. */
  cut(length: number): string;
  folded(listed: number, folded: number): string;
  csv(facts: CsvFacts): string;
  readonly noType: string;
  readonly otherTypes: string;
  readonly bySeverity: string;
  readonly byType: string;
  readonly device: string;
  readonly source: string;
}

const KO: MailTexts = {
  lang: "ko",
  subject: (deviceName, count) => `[알림] ${deviceName} - ${count}건`,
  severity: { critical: "심각", warning: "경고", info: "정보" },
  resolved: "해제",
  late: "지연 도착",
  total: (count, counts) => `알림 ${count}건: ${counts}`,
  ofThese: (resolved, late) =>
    `나열한 알림 중 ${[resolved > 0 ? `해제 ${resolved}건` : "", late > 0 ? `지연 도착 ${late}건` : ""].filter(Boolean).join(", ")}`,
  worst: (severity) => `가장 높은 심각도: ${severity}`,
  span: (first, last, some) => `${some ? "나열한 알림 중 " : ""}첫 알림 ${first}, 마지막 알림 ${last}`,
  window: (start, end, zone) => `집계 구간 ${start} ~ ${end} (시각 기준: ${zone})`,
  merged: (windowCount) => `밀려 있던 집계 구간 ${windowCount}개를 한 통에 모았습니다.`,
  measured: (value, threshold) => `측정값 ${value}${threshold === undefined ? "" : ` / 기준값 ${threshold}`}`,
  thresholdOnly: (threshold) => `기준값 ${threshold}`,
  cut: (length) => ` … [잘림: 전체 ${length}자]`,
  folded: (listed, folded) =>
    `이 메일은 ${listed}건만 하나씩 나열합니다. 나머지 ${folded}건은 나열하지 않고 아래에 개수만 적었습니다.`,
  csv: ({ rows, total, unread, noRoom }) => {
    const why = [
      unread > 0 ? `${unread}건은 다시 읽지 못했습니다.` : "",
      noRoom > 0 ? `${noRoom}건은 메일 크기 제한 때문에 뺐습니다.` : "",
    ];
    const what =
      rows === total
        ? `알림 ${total}건이 모두 첨부한 CSV 파일에 있습니다.`
        : rows > 0
          ? `CSV 파일에는 알림 ${total}건 중 ${rows}건만 있습니다.`
          : `알림 ${total}건의 CSV 파일을 첨부하지 못했습니다.`;
    return [what, ...why].filter(Boolean).join(" ");
  },
  noType: "(유형 없음)",
  otherTypes: "(그 밖의 유형)",
  bySeverity: "심각도별",
  byType: "유형별",
  device: "장치",
  source: "원본",
};

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

const EN: MailTexts = {
  lang: "en",
  // Fixed by the contract, also for one.
  subject: (deviceName, count) => `[Alert] ${deviceName} - ${count} alerts`,
  severity: { critical: "critical", warning: "warning", info: "info" },
  resolved: "resolved",
  late: "late",
  total: (count, counts) => `${plural(count, "alert", "alerts")}: ${counts}`,
  ofThese: (resolved, late) =>
    `Of those listed: ${[resolved > 0 ? `${resolved} resolved` : "", late > 0 ? `${late} late` : ""].filter(Boolean).join(", ")}`,
  worst: (severity) => `Worst: ${severity}`,
  span: (first, last, some) => `First alert ${first}, last alert ${last}${some ? " (of those listed)" : ""}`,
  window: (start, end, zone) => `Window ${start} to ${end} (times in ${zone})`,
  merged: (windowCount) => `This mail holds ${windowCount} windows that had been waiting.`,
  measured: (value, threshold) => `value ${value}${threshold === undefined ? "" : ` / threshold ${threshold}`}`,
  thresholdOnly: (threshold) => `threshold ${threshold}`,
  cut: (length) => ` … [cut: ${length} characters in all]`,
  folded: (listed, folded) =>
    `This mail lists ${plural(listed, "alert", "alerts")} one by one. The other ${folded} are not listed, only counted below.`,
  csv: ({ rows, total, unread, noRoom }) => {
    const why = [
      unread > 0 ? `${unread} could not be read back` : "",
      noRoom > 0 ? `${noRoom} did not fit into this mail` : "",
    ];
    const what =
      rows === total
        ? `The attached CSV file holds ${total === 1 ? "the alert" : `all ${total} alerts`}`
        : rows > 0
          ? `The CSV file holds only ${rows} of ${total} alerts`
          : `No CSV file is attached for the ${plural(total, "alert", "alerts")}`;
    return `${[what, why.filter(Boolean).join(", ")].filter(Boolean).join(": ")}.`;
  },
  noType: "(no type)",
  otherTypes: "(other types)",
  bySeverity: "By severity",
  byType: "By type",
  device: "Device",
  source: "Source",
};

export const MAIL_TEXTS: Readonly<Record<MailLocale, MailTexts>> = { ko: KO, en: EN };
