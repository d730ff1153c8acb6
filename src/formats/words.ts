/** The words by which producers say how bad it is, and whether it goes on. Compared trimmed, in NFC and in lower case. */

import type { Severity, Status } from "../core/alert.js";

export type SeverityWords = ReadonlyMap<string, Severity>;

/** As a word is compared: macOS and some gateways send Hangul in its parts. */
export const comparable = (word: string): string => word.trim().normalize("NFC").toLowerCase();

const severities: Readonly<Record<Severity, string>> = {
  critical:
    "critical crit fatal emergency emerg alert major high severe error err 심각 긴급 위험 치명 치명적 중대 장애 높음 비상 주요",
  warning: "warning warn minor medium moderate 경고 주의 경미 보통 중간",
  info: "info low notice informational information debug ok normal 정보 안내 알림 정상 일반 낮음 참고",
};

const statuses: Readonly<Record<Status, string>> = {
  firing: "firing",
  resolved:
    "resolved cleared cleared_ack cleared_unack ok closed normal recovered inactive end 해제 해제됨 복구 복구됨 해소 정상 종료 해결 해결됨",
};

const wordsOf = <Meaning extends string>(meanings: Readonly<Record<Meaning, string>>): ReadonlyMap<string, Meaning> =>
  new Map(
    (Object.entries(meanings) as [Meaning, string][]).flatMap(([meaning, words]) =>
      words.split(" ").map((word) => [comparable(word), meaning] as const),
    ),
  );

export const SEVERITY_WORDS: SeverityWords = wordsOf(severities);
export const STATUS_WORDS: ReadonlyMap<string, Status> = wordsOf(statuses);
