/** What the demo says, in the language of whoever watches. */

import type { Language } from "#tools/simulator/catalog.js";

export interface DemoTexts {
  readonly kafka: string;
  readonly starting: string;
  readonly foreignTopics: (alerts: string, deadLetters: string) => string;
  readonly inbox: string;
  readonly page: (instance: number) => string;
  readonly live: {
    readonly mailsIn: Readonly<Record<Which, (seconds: number) => string>>;
    readonly mailsNow: Readonly<Record<Which, string>>;
    readonly alerts: (count: string) => string;
    readonly windows: (count: string) => string;
    readonly mails: (count: string) => string;
    readonly oldest: (seconds: number) => string;
  };
  readonly report: {
    readonly alerts: readonly [string, (alerts: string, devices: number) => string];
    readonly mails: string;
    readonly perMail: readonly [string, (average: string, largest: string) => string];
    readonly deadLetters: readonly [string, (letters: number, bad: number, tombstones: number) => string];
    readonly committed: readonly [string, (behind: number) => string];
    readonly send: string;
    readonly windowEnd: string;
    readonly unknown: string;
  };
  readonly right: (alerts: string, badRecords: number) => string;
  readonly wrong: (entries: string) => string;
  readonly more: (entries: string) => string;
  readonly up: string;
  readonly watch: {
    readonly inbox: string;
    readonly page: string;
    readonly stop: string;
    readonly stopped: string;
    readonly deadLetters: string;
    readonly own: string;
  };
  readonly instanceEnded: (instance: number, how: string) => string;
  readonly devicesStopped: (mails: string) => string;
  readonly stopping: string;
  readonly next: string;
  readonly own: { readonly run: string; readonly compose: string; readonly help: string; readonly runWhere: string };
  readonly lastLines: (instance: number) => string;
}

/** Of the mails that come: the first ones, later ones, those of the last window. */
export type Which = "first" | "next" | "last";

export const TEXTS: Readonly<Record<Language, DemoTexts>> = {
  en: {
    kafka: "Kafka",
    starting: "starting Apache Kafka",
    foreignTopics: (alerts, deadLetters) => `topics ${alerts} and ${deadLetters}, deleted at the end`,
    inbox: "inbox",
    page: (instance) => `live page ${instance}`,
    live: {
      mailsIn: {
        first: (seconds) => `first mails in ${seconds} s`,
        next: (seconds) => `next mails in ${seconds} s`,
        last: (seconds) => `last mails in ${seconds} s`,
      },
      mailsNow: { first: "first mails come now", next: "mails come now", last: "last mails come now" },
      alerts: (count) => `${count} alerts`,
      windows: (count) => `${count} windows open`,
      mails: (count) => `${count} mails`,
      oldest: (seconds) => `oldest waits ${seconds} s`,
    },
    report: {
      alerts: ["alerts", (alerts, devices) => `${alerts} of ${devices} devices`],
      mails: "mails",
      perMail: ["alerts per mail", (average, largest) => `${average}, at most ${largest}`],
      deadLetters: [
        "dead letters",
        (letters, bad, tombstones) => `${letters} (bad records sent: ${bad}, tombstones: ${tombstones})`,
      ],
      committed: ["Kafka's offsets", (behind) => (behind === 0 ? "all committed" : `${behind} not committed`)],
      send: "sending a mail",
      windowEnd: "window end to inbox",
      unknown: "unknown",
    },
    right: (alerts, badRecords) =>
      `books: right; every one of ${alerts} alerts is in exactly one mail, every one of ${badRecords} bad records is one dead letter`,
    wrong: (entries) => `books: WRONG, ${entries} entries do not add up`,
    more: (entries) => `and ${entries} more`,
    up: "Everything stays up, and the devices go on. Ctrl-C ends it. What to try now:",
    watch: {
      inbox: "read the mails",
      page: "watch windows fill",
      stop: "stop an instance",
      stopped: "the other takes over its partitions",
      deadLetters: "see the bad records",
      own: "start one yourself",
    },
    instanceEnded: (instance, how) => `instance ${instance} has ended (${how})`,
    devicesStopped: (mails) => `the devices have stopped: the inbox holds ${mails} mails`,
    stopping: "stopping; Ctrl-C again leaves at once",
    next: "What to try next:",
    own: { run: "your own Kafka", runWhere: 'README.md, "Run it"', compose: "with Grafana", help: "all settings" },
    lastLines: (instance) => `the last log lines of instance ${instance}:`,
  },
  ko: {
    kafka: "Kafka",
    starting: "Apache Kafka를 시작합니다",
    foreignTopics: (alerts, deadLetters) => `토픽 ${alerts}, ${deadLetters}: 끝날 때 삭제`,
    inbox: "받은 메일",
    page: (instance) => `실시간 페이지 ${instance}`,
    live: {
      mailsIn: {
        first: (seconds) => `첫 메일까지 ${seconds}초`,
        next: (seconds) => `다음 메일까지 ${seconds}초`,
        last: (seconds) => `마지막 메일까지 ${seconds}초`,
      },
      mailsNow: { first: "곧 첫 메일 도착", next: "곧 메일 도착", last: "곧 마지막 메일 도착" },
      alerts: (count) => `알림 ${count}건`,
      windows: (count) => `집계 중인 구간 ${count}개`,
      mails: (count) => `메일 ${count}통`,
      oldest: (seconds) => `최장 대기 ${seconds}초`,
    },
    report: {
      alerts: ["알림", (alerts, devices) => `${alerts}건, 장치 ${devices}대`],
      mails: "메일",
      perMail: ["메일당 알림", (average, largest) => `${average}건, 최대 ${largest}건`],
      deadLetters: [
        "데드 레터",
        (letters, bad, tombstones) => `${letters}건 (보낸 잘못된 레코드 ${bad}건, 툼스톤 ${tombstones}건)`,
      ],
      committed: ["Kafka 오프셋", (behind) => (behind === 0 ? "모두 커밋됨" : `${behind}건이 커밋되지 않음`)],
      send: "메일 발송 시간",
      windowEnd: "구간 종료 후 도착까지",
      unknown: "알 수 없음",
    },
    right: (alerts, badRecords) =>
      `검산: 맞음. 알림 ${alerts}건이 각각 정확히 메일 한 통에, 잘못된 레코드 ${badRecords}건이 각각 데드 레터 한 건에 있습니다`,
    wrong: (entries) => `검산: 틀림. ${entries}건이 맞지 않습니다`,
    more: (entries) => `그 밖에 ${entries}건`,
    up: "모두 계속 실행 중이고, 장치도 계속 알림을 보냅니다. Ctrl-C로 끝냅니다. 지금 해 볼 것:",
    watch: {
      inbox: "메일 읽기",
      page: "집계 구간 보기",
      stop: "인스턴스 멈추기",
      stopped: "다른 인스턴스가 파티션을 이어받습니다",
      deadLetters: "잘못된 레코드 보기",
      own: "직접 실행해 보기",
    },
    instanceEnded: (instance, how) => `인스턴스 ${instance} 종료 (${how})`,
    devicesStopped: (mails) => `받은 메일이 ${mails}통이 되어 장치를 멈췄습니다`,
    stopping: "끝내는 중입니다. Ctrl-C를 한 번 더 누르면 바로 끝납니다",
    next: "다음으로 해 볼 것:",
    own: { run: "쓰던 Kafka로", runWhere: 'README.ko.md, "실행하기"', compose: "Grafana와 함께", help: "모든 설정" },
    lastLines: (instance) => `인스턴스 ${instance}의 마지막 로그:`,
  },
};

/** Korean where the shell is, else English. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const named = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"];
  // Windows sets none of them.
  return (named || Intl.DateTimeFormat().resolvedOptions().locale).startsWith("ko") ? "ko" : "en";
}

/** Hangul takes two columns of a terminal. */
export const columnsOf = (text: string): number =>
  [...text].reduce(
    (sum, character) => sum + (/[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]/.test(character) ? 2 : 1),
    0,
  );

export const padded = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - columnsOf(text)));

/** A table of two columns, each line indented. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => columnsOf(label)));
  return rows.map(([label, value]) => `  ${padded(label, width)}  ${value}`);
}
