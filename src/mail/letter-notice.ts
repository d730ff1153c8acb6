/** What is told of dead letters, as a MIME message. Whatever comes from devices, producers and servers is one harmless line. */

import type { LetterFacts, LetterNews } from "../core/letter-news.js";
import type { RenderedMail } from "../runtime/ports.js";
import { cleanLine } from "./clean.js";
import { createLocalTime } from "./language.js";
import { createNoticeRenderer, type NoticeOptions, type NoticeView } from "./notice.js";
import { textsOf } from "./texts/index.js";
import { dated } from "./wording.js";

export interface LetterNoticeOptions extends NoticeOptions {
  /** Each instance tells of its own letters. */
  readonly instance: string;
}

export interface LetterNoticeRenderer {
  render(news: LetterNews, recipients: readonly string[]): RenderedMail;
}

export const createLetterNotice = (options: LetterNoticeOptions): LetterNoticeRenderer => {
  const { group, instance } = options;
  const language = textsOf(options.locale);
  const { letters: texts, severity: severities, count: counted } = language;
  const localTime = createLocalTime(options.timezone);
  const { render } = createNoticeRenderer(options);
  const why = (stage: string, reason: string): string => {
    const word = texts.reasons[reason];
    return `${word === undefined ? stage : word} (${cleanLine(reason, NAME_MAX)})`;
  };

  const rowOf = (letter: LetterFacts): NoticeView["rows"][number] => {
    const { kind, deviceId, severity, alerts, says, detail, position, atMs, stage, reason } = letter;
    const name = cleanLine(deviceId ?? "", NAME_MAX) || texts.noDevice;
    const known = severity === undefined ? texts.unknownSeverity : severities[severity];
    const what = kind === "window" ? texts.window(alerts) : texts.record;
    return {
      name: `${known}: ${name}, ${what}`,
      facts: [
        cleanLine(says, SAYS_MAX),
        `${why(stage, reason)}: ${cleanLine(detail, SAYS_MAX)}`,
        localTime.format(atMs),
        ...(position === undefined ? [] : [`alert-digest dead-letters show ${position}`]),
      ]
        .filter((text) => text !== "")
        .join(" \u00b7 "),
      bad: severity === "critical",
    };
  };

  const viewOf = (news: LetterNews): NoticeView => {
    const { letters, alerts, critical, sinceMs, untilMs, reasons, devices, deviceCount, moreDevices, worst } = news;
    const since = new Date(Math.floor(sinceMs / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
    const named = devices.slice(0, DEVICES_NAMED_MAX).map(({ deviceId, letters: count }) => {
      return `${cleanLine(deviceId, NAME_MAX) || "?"} ${counted(count)}`;
    });
    return {
      subject: texts.subject(letters, critical),
      headline: texts.headline(letters),
      bad: true,
      facts: [
        texts.period(
          dated(localTime.format(sinceMs), language),
          dated(localTime.format(untilMs), language),
          localTime.zone(untilMs, language.zones),
        ),
        texts.alerts(alerts, critical),
        `${texts.why}: ${reasons.map(({ stage, reason, letters: count }) => `${why(stage, reason)} ${counted(count)}`).join(", ")}`,
        ...(named.length === 0
          ? []
          : [texts.devices(deviceCount, moreDevices, named.join(", "), deviceCount - named.length)]),
      ],
      rows: worst.map(rowOf),
      notes: [
        ...(letters > worst.length ? [texts.notShown(letters - worst.length)] : []),
        `${texts.look}: alert-digest dead-letters list --since ${since}`,
        `${texts.redrive}: alert-digest dead-letters redrive --since ${since} --dry-run`,
      ],
      footer: `${texts.group}: ${cleanLine(group, NAME_MAX)}, ${texts.instance}: ${cleanLine(instance, NAME_MAX)}`,
    };
  };

  return {
    render: (news, recipients) =>
      render(
        viewOf(news),
        {
          id: ["dead-letters", group, instance, ...[news.sinceMs, news.untilMs, news.letters].map(String)],
          thread: ["dead-letters-thread", group],
          dateMs: news.untilMs,
          header: `X-Alert-Digest-Dead-Letters: ${news.letters}`,
        },
        recipients,
      ),
  };
};

const NAME_MAX = 256;
const SAYS_MAX = 300;
const DEVICES_NAMED_MAX = 20;
