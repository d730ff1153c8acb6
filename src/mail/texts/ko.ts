import { groupedCounts, type MailTexts, type StatusFacts } from "../texts.js";

const n = groupedCounts("ko");
const WEEKDAYS = "일월화수목금토";

const status = ({ severity, state, since, sinceKnown, until, beside }: StatusFacts): string => {
  if (beside > 0)
    return `${severity}, 다른 유형 ${n(beside)}개 ${sinceKnown ? `${since}부터 ` : ""}발생 중, ${until} 해제`;
  switch (state) {
    case "firing":
      return sinceKnown ? `${severity}, ${since}부터 발생 중` : `${severity}, 발생 중(이 메일의 첫 알림 ${since})`;
    case "resolved":
      return sinceKnown && since !== until ? `${severity}, ${since} 발생, ${until} 해제` : `${severity}, ${until} 해제`;
  }
};

const REASONS = {
  "too-large": "크기 초과",
  "not-utf8": "UTF-8이 아님",
  "not-json": "JSON 형식 오류",
  "not-an-alert": "알림 형식이 아님",
  "key-mismatch": "키와 장치 ID 불일치",
  "unknown-schema": "알 수 없는 스키마",
  "unusable-schema": "사용할 수 없는 스키마",
  "not-as-schema": "스키마와 불일치",
  "no-recipient": "수신자 없음",
  "render-failed": "메일 작성 실패",
  "connection-refused": "연결 거부",
  "connection-lost": "연결 끊김",
  dns: "서버 이름을 찾을 수 없음",
  timeout: "응답 시간 초과",
  tls: "TLS 오류",
  greeting: "서버 인사 응답 오류",
  auth: "로그인 실패",
  "sender-refused": "발신자 거부",
  "recipient-refused": "수신자 거부",
  "recipient-deferred": "수신자 일시 거부",
  "recipient-queue-full": "수신자 대기열 초과",
  "too-many-recipients": "수신자 수 초과",
  "message-refused": "메일 거부",
  "message-deferred": "메일 일시 거부",
  "service-unavailable": "서버 일시 중단",
  protocol: "프로토콜 오류",
  policy: "서버의 발신 거부",
};

export const texts: MailTexts = {
  lang: "ko",
  direction: "ltr",
  fonts: ["Malgun Gothic", "맑은 고딕", "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR"],
  tags: { alert: "[알림]", critical: "[심각]", warning: "[경고]", info: "[정보]", resolved: "[해제]" },
  subject: (tag, deviceName, count) => `${tag} ${deviceName} - ${count}건`,
  constantSubject: (tag, deviceName) => `${tag} ${deviceName}`,
  severity: { critical: "심각", warning: "경고", info: "정보" },
  state: { firing: "발생 중", resolved: "해제됨" },
  status,
  others: (types) => `외 ${n(types)}개 유형`,
  resolved: "해제",
  late: "지연 도착",
  deviceClock: (written) => `장치 시각 ${written}`,
  count: n,
  total: (count, counts) => `알림 ${n(count)}건: ${counts}`,
  labels: {
    bySeverity: "심각도별",
    byType: "유형별",
    span: "발생 시각",
    moment: "발생 시각",
    window: "집계 구간",
    marked: "그중",
    device: "장치 ID",
    source: "Kafka 위치",
    why: "수신 사유",
    livePage: "실시간 페이지",
  },
  worstValue: (severity) => `기준값에서 가장 벗어난 값${severity === undefined ? "" : `(${severity})`}`,
  range: (from, to) => `${from} ~ ${to}`,
  date: (date, weekday) => `${date}(${WEEKDAYS[weekday]})`,
  zones: { "Asia/Seoul": "한국 표준시" },
  marked: (resolved, late, repeats) =>
    [
      resolved > 0 ? `해제 ${n(resolved)}건` : "",
      late > 0 ? `지연 도착 ${n(late)}건` : "",
      repeats > 0 ? `같은 알림 ID 반복 ${n(repeats)}건` : "",
    ]
      .filter(Boolean)
      .join(", "),
  fields: {
    severity: "심각도",
    status: "상태",
    value: "측정값",
    threshold: "기준값",
    occurredAt: "장치 시각",
    labels: "라벨",
  },
  unread: (fields) =>
    `읽을 수 없어 레코드에 적힌 그대로 표시한 항목: ${fields.map(({ name, count }) => `${name} ${n(count)}건`).join(", ")}.`,
  shortened: (count) =>
    `내용이 너무 긴 알림 ${n(count)}건은 내용과 라벨을 줄여서 표시합니다. 전체 내용은 Kafka 레코드에 있습니다.`,
  merged: (windowCount) => `밀려 있던 집계 구간 ${n(windowCount)}개의 알림을 한 통으로 묶었습니다.`,
  combined: (windowCount) => `집계 구간 ${n(windowCount)}개의 알림을 한 통으로 묶었습니다.`,
  repeats: (windowCount) =>
    `지난 메일 이후 새로운 내용이 없어 집계 구간 ${n(windowCount)}개의 알림을 한 통으로 묶었습니다.`,
  repeatsToo: (windows) => `새로운 내용이 없던 집계 구간 ${n(windows)}개의 알림도 이 메일에 함께 담았습니다.`,
  early: "긴급 알림이 있어 집계 구간이 끝나기 전에 먼저 보냅니다. 이 구간에 알림이 더 오면 다음 메일로 보냅니다.",
  rest: (told) =>
    told === undefined
      ? "이 구간의 앞선 알림은 긴급 메일로 이미 보냈습니다. 이 메일에는 그 이후의 알림만 있습니다."
      : `이 구간의 앞선 알림 ${n(told)}건은 긴급 메일로 이미 보냈습니다. 이 메일에는 그 이후의 알림만 있습니다.`,
  measured: (value, threshold) => `측정값 ${value}${threshold === undefined ? "" : ` (기준값 ${threshold})`}`,
  measuredShort: (value, threshold) => `${value}, 기준값 ${threshold}`,
  thresholdOnly: (threshold) => `기준값 ${threshold}`,
  cut: (length) => ` … (이하 생략, 전체 ${n(length)}자)`,
  folded: (listed, folded) =>
    `이 메일에는 ${n(listed)}건만 표시합니다. 나머지 ${n(folded)}건은 아래에 건수만 집계했습니다.`,
  notListed: (count) => `표시하지 않은 알림 ${n(count)}건`,
  tooLong: "메일 크기 제한 때문에 평소보다 적은 알림을 표시합니다.",
  csv: ({ rows, total, unread, noRoom }) => {
    const why = [
      unread > 0 ? `${n(unread)}건은 Kafka에서 다시 읽지 못했습니다.` : "",
      noRoom > 0 ? `${n(noRoom)}건은 메일 크기 제한 때문에 제외했습니다.` : "",
    ];
    const what =
      rows === total
        ? total === 1
          ? "이 알림을 CSV 파일로도 첨부했습니다."
          : `알림 ${n(total)}건 전체를 CSV 파일로 첨부했습니다.`
        : rows > 0
          ? `첨부한 CSV 파일에는 알림 ${n(total)}건 중 ${n(rows)}건만 들어 있습니다.`
          : `알림 ${n(total)}건의 CSV 파일을 첨부하지 못했습니다.`;
    return [what, ...why].filter(Boolean).join(" ");
  },
  why: {
    route: (number, name) => `수신 규칙 ${number}번${name === "" ? "" : `(${name})`}`,
    everybody: "기본 수신자(MAIL_TO)",
    database: "수신자 데이터베이스",
    several: "수신 규칙, 수신자 데이터베이스 또는 MAIL_TO(수신자마다 다름)",
  },
  noType: "(유형 없음)",
  otherTypes: "(기타 유형)",
  fleet: {
    subject: (tag, devices, count) => `${tag} 장치 ${devices}대 - ${count}건`,
    constantSubject: (tag) => `${tag} 여러 장치`,
    total: (devices, count, counts) => `장치 ${n(devices)}대, 알림 ${n(count)}건: ${counts}`,
    title: (deviceName, others) => `${deviceName} 외 ${n(others)}대`,
    storm:
      "여러 장치에서 한꺼번에 알림이 발생해, 따로 보낼 메일을 한 통으로 묶었습니다. 건수에는 모든 알림이 포함되어 있습니다.",
    asked: "수신자별로 한 통씩 받도록 설정되어 있어 여러 장치의 알림을 한 통으로 묶었습니다.",
    device: (count, counts) => `${n(count)}건: ${counts}`,
    merged: (windowCount, why) =>
      `${{ repeats: "새로운 내용 없는 ", delayed: "밀린 ", unknown: "" }[why]}${n(windowCount)}개 구간 통합`,
    unlisted: (devices, count, counts) =>
      `메일 크기 제한 때문에 장치 ${n(devices)}대는 표시하지 못했습니다(알림 ${n(count)}건: ${counts}).`,
  },
  report: {
    subject: ({ month, day, weekday }, notDelivered, devices, alerts) =>
      `[일일 보고] ${month}/${day}(${WEEKDAYS[weekday]}) 미전달 ${notDelivered === 0 ? "없음" : `${notDelivered}건`} - 알림 ${alerts}건, 장치 ${devices}대`,
    nothing: "이 기간에는 알림이 없었습니다.",
    allTold: "모든 수신자에게 빠짐없이 발송했습니다.",
    notTold: (deadLetters) =>
      `전달하지 못했거나 읽지 못한 것이 ${n(deadLetters)}건 있습니다. 알림을 받지 못한 수신자가 있습니다.`,
    period: (from, to, zone) => `${from} ~ ${to} (${zone})`,
    alerts: (count, critical) => `알림 ${n(count)}건${critical > 0 ? ` (심각 ${n(critical)}건)` : ""}`,
    mails: (count) => `발송한 메일 ${n(count)}통`,
    slowest: (seconds) => `최대 지연: 구간 종료 후 ${seconds}초`,
    noneMailed: "모든 알림이 음소거되어 발송할 메일이 없었습니다.",
    reportOnly: (count) => `그중 이 보고에만 포함 ${n(count)}건`,
    muted: (count) => `음소거된 알림 ${n(count)}건(다른 건수에는 포함되지 않음)`,
    allDeadLetters: (count) => `데드 레터(처리하지 못한 것) ${n(count)}건`,
    deadLetters: (count) => `데드 레터 ${n(count)}건`,
    unreadable: (count, reasons) => `읽을 수 없는 레코드 ${n(count)}건: ${reasons}`,
    repairs: (fields, since) =>
      `문서와 다르게 쓰인 필드: ${fields.join(", ")} (보고한 인스턴스가 ${since}부터 읽은 것)`,
    repaired: (field, count) => `${field} ${n(count)}회`,
    notListed: (devices) => `그 밖의 장치 ${n(devices)}대는 표시하지 않았지만 합계에는 포함되어 있습니다.`,
    tooMany: (counted) => `장치가 ${n(counted)}대를 넘어, 초과분은 합계에만 포함했습니다.`,
    group: "컨슈머 그룹",
  },
  letters: {
    subject: (count, critical) => `[데드 레터] 미전달 ${count}건${critical > 0 ? ` (심각 ${critical}건)` : ""}`,
    headline: (count) => `데드 레터(처리하지 못한 것) ${n(count)}건: 전달하지 못했거나 읽지 못한 알림이 있습니다.`,
    period: (from, to, zone) => `발생 기간: ${from} ~ ${to} (${zone})`,
    alerts: (count, critical) =>
      `포함된 알림 ${n(count)}건${critical > 0 ? `, 심각한 데드 레터 ${n(critical)}건` : ""}`,
    why: "사유",
    reasons: REASONS,
    devices: (count, more, named, others) =>
      `장치 ${n(count)}대${more ? " 이상" : ""}: ${named}${others > 0 ? ` 외 ${n(others)}대` : ""}`,
    noDevice: "장치 알 수 없음",
    unknownSeverity: "심각도 알 수 없음",
    window: (count) => `집계 구간(알림 ${n(count)}건)`,
    record: "레코드",
    notShown: (count) => `나머지 ${n(count)}건은 위 건수에만 포함되어 있습니다.`,
    look: "내용 확인",
    redrive: "원인을 해결한 뒤 다시 보내기(--dry-run을 빼면 실행됨)",
    group: "컨슈머 그룹",
    instance: "인스턴스",
  },
};
