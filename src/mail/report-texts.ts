/** Every sentence a daily report can contain. Numbers are written without grouping, as in the other mails. */

export interface ReportTexts {
  readonly lang: string;
  /** `from` and `to`: local times to the minute. */
  subject(from: string, to: string, devices: number, alerts: number): string;
  readonly nothing: string;
  readonly allTold: string;
  notTold(deadLetters: number): string;
  period(from: string, to: string, zone: string): string;
  alerts(count: number, critical: number): string;
  mails(count: number): string;
  /** From the window's end to the mail accepted. */
  slowest(seconds: string): string;
  /** `unreadable`: of them, records that could not be read. */
  deadLetters(count: number, unreadable: number): string;
  notListed(devices: number): string;
  /** More devices than are counted one by one. */
  tooMany(counted: number): string;
  readonly device: string;
  readonly group: string;
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const KO: ReportTexts = {
  lang: "ko",
  subject: (from, to, devices, alerts) => `[일일 보고] ${from} ~ ${to} - 장치 ${devices}대, 알림 ${alerts}건`,
  nothing: "이 기간에는 알림이 없었습니다.",
  allTold: "모든 메일이 수신자 전원에게 접수되었습니다.",
  notTold: (deadLetters) =>
    `전달하지 못했거나 읽지 못한 건이 ${deadLetters}건 있습니다. 누군가는 알림을 받지 못했습니다.`,
  period: (from, to, zone) => `${from} ~ ${to} (시각 기준: ${zone})`,
  alerts: (count, critical) => `알림 ${count}건${critical > 0 ? ` (심각 ${critical}건)` : ""}`,
  mails: (count) => `접수된 메일 ${count}통`,
  slowest: (seconds) => `가장 늦은 메일: 집계 구간이 끝나고 ${seconds}초 뒤`,
  deadLetters: (count, unreadable) =>
    `데드 레터 ${count}건${unreadable > 0 ? ` (그중 읽을 수 없는 레코드 ${unreadable}건)` : ""}`,
  notListed: (devices) => `그 밖의 장치 ${devices}대는 나열하지 않았습니다. 합계에는 들어 있습니다.`,
  tooMany: (counted) => `장치가 ${counted}대를 넘습니다. 그 이상은 합계에만 들어 있습니다.`,
  device: "장치",
  group: "컨슈머 그룹",
};

const EN: ReportTexts = {
  lang: "en",
  subject: (from, to, devices, alerts) =>
    `[Report] ${from} to ${to} - ${plural(devices, "device", "devices")}, ${plural(alerts, "alert", "alerts")}`,
  nothing: "There were no alerts in this time.",
  allTold: "Every mail was accepted for everybody.",
  notTold: (deadLetters) =>
    `${plural(deadLetters, "dead letter", "dead letters")}: somebody was not told of something.`,
  period: (from, to, zone) => `${from} to ${to} (times in ${zone})`,
  alerts: (count, critical) => `${plural(count, "alert", "alerts")}${critical > 0 ? ` (${critical} critical)` : ""}`,
  mails: (count) => `${plural(count, "mail", "mails")} accepted`,
  slowest: (seconds) => `slowest mail ${seconds} s after its window's end`,
  deadLetters: (count, unreadable) =>
    `${plural(count, "dead letter", "dead letters")}${
      unreadable > 0 ? ` (${plural(unreadable, "record", "records")} that could not be read)` : ""
    }`,
  notListed: (devices) => `${plural(devices, "more device is", "more devices are")} not listed; the totals have them.`,
  tooMany: (counted) => `There are more than ${counted} devices; beyond that only the totals have them.`,
  device: "Device",
  group: "Consumer group",
};

export const REPORT_TEXTS: Readonly<Record<"ko" | "en", ReportTexts>> = { ko: KO, en: EN };
