import type { MailTexts, StatusFacts } from "../texts.js";

const status = ({ severity, state, since, until }: StatusFacts): string => {
  switch (state) {
    case "firing":
      return `${severity}, ${since}부터 계속 중`;
    case "resolved":
      return since === until ? `${severity}, ${until} 해제됨` : `${severity}, ${since} 발생, ${until} 해제됨`;
  }
};

export const texts: MailTexts = {
  lang: "ko",
  direction: "ltr",
  subject: (deviceName, count) => `[알림] ${deviceName} - ${count}건`,
  constantSubject: (deviceName) => `[알림] ${deviceName}`,
  severity: { critical: "심각", warning: "경고", info: "정보" },
  state: { firing: "계속 중", resolved: "해제됨" },
  status,
  resolved: "해제",
  late: "지연 도착",
  deviceClock: (written) => `장치 시각 ${written}`,
  total: (count, counts) => `알림 ${count}건: ${counts}`,
  labels: {
    bySeverity: "심각도별",
    byType: "유형별",
    extreme: "가장 나쁜 값",
    span: "처음과 마지막",
    window: "집계 구간",
    marked: "표시",
    timezone: "시각 기준",
    device: "장치",
    source: "원본",
  },
  marked: (resolved, late) =>
    [resolved > 0 ? `해제 ${resolved}건` : "", late > 0 ? `지연 도착 ${late}건` : ""].filter(Boolean).join(", "),
  merged: (windowCount) => `밀려 있던 집계 구간 ${windowCount}개를 한 통에 모았습니다.`,
  early: "긴급한 알림이 있어 집계 구간이 끝나기 전에 먼저 보냅니다. 이 구간의 나머지 알림은 다음 메일로 보냅니다.",
  rest: (told) =>
    told === undefined
      ? "이 구간의 앞선 알림은 긴급 메일로 먼저 알렸습니다. 이 메일에는 그 뒤의 알림만 있습니다."
      : `이 구간의 앞선 알림 ${told}건은 긴급 메일로 먼저 알렸습니다. 이 메일에는 그 뒤의 알림만 있습니다.`,
  measured: (value, threshold) => `측정값 ${value}${threshold === undefined ? "" : ` / 기준값 ${threshold}`}`,
  measuredShort: (value, threshold) => `${value}, 기준값 ${threshold}`,
  thresholdOnly: (threshold) => `기준값 ${threshold}`,
  cut: (length) => ` … [잘림: 전체 ${length}자]`,
  folded: (listed, folded) =>
    `이 메일은 ${listed}건만 하나씩 나열합니다. 나머지 ${folded}건은 나열하지 않고 아래에 개수만 적었습니다.`,
  tooLong: "메일 크기 제한을 넘지 않도록 더 적게 나열했습니다.",
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
  fleet: {
    subject: (devices, count) => `[알림] 장치 ${devices}대 - ${count}건`,
    constantSubject: () => "[알림] 여러 장치",
    total: (devices, count, counts) => `장치 ${devices}대, 알림 ${count}건: ${counts}`,
    title: (deviceName, others) => `${deviceName} 외 장치 ${others}대`,
    storm:
      "한꺼번에 너무 많은 장치에서 알림이 와서, 받는 분께 갈 메일 여러 통을 이 한 통으로 모았습니다. 빠진 알림은 없습니다.",
    asked: "받는 분별로 한 통씩 보내도록 설정되어 있어, 여러 장치의 알림을 한 통에 모았습니다.",
    device: (count, counts) => `${count}건: ${counts}`,
    merged: (windowCount) => `밀려 있던 ${windowCount}개`,
    unlisted: (devices, count, counts) =>
      `메일 크기 제한 때문에 장치 ${devices}대는 나열하지 못했습니다. 그 알림 ${count}건: ${counts}`,
  },
  report: {
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
    group: "컨슈머 그룹",
  },
};
