/** The daily report as a MIME message, the same bytes for the same report: who gets it twice recognises it. */

import { createHash } from "node:crypto";
import type { DeviceReport, Report } from "../core/report.js";
import type { Mailbox, RenderedMail } from "../runtime/ports.js";
import { cleanLine, escapeHtml } from "./clean.js";
import { mailboxLine, unstructured } from "./header.js";
import { CELL, COLOURS, footerRow, GOOD, htmlDocument, MUTED, noteRow } from "./html-frame.js";
import { type ListOptions, listHeaders } from "./list-headers.js";
import { createLocalTime } from "./local-time.js";
import { idDomain } from "./message-id.js";
import { multipart, textPart } from "./mime.js";
import { recipientHeaders } from "./recipient-headers.js";
import { textsOf } from "./texts/index.js";
import type { MailTexts, ReportTexts } from "./texts.js";

export interface ReportRendererOptions extends ListOptions {
  readonly from: Mailbox;
  readonly replyTo: Mailbox | undefined;
  /** Bounces go there; undefined: to the sender. */
  readonly envelopeFrom: string | undefined;
  readonly hideRecipients: boolean;
  /** A language that has a file in `texts/`; another one throws a RangeError here. */
  readonly locale: string;
  /** IANA name; an unknown one throws a RangeError here. */
  readonly timezone: string;
  /** The consumer group it is about: with the day, it names the report. */
  readonly group: string;
}

export interface ReportRenderer {
  render(report: Report, recipients: readonly string[]): RenderedMail;
}

/** What both bodies show: every string one harmless line (not yet escaped for HTML). */
interface ReportView {
  readonly subject: string;
  readonly headline: string;
  /** Somebody was not told of something. */
  readonly bad: boolean;
  readonly facts: readonly string[];
  readonly devices: readonly { readonly name: string; readonly facts: string; readonly bad: boolean }[];
  readonly notes: readonly string[];
  readonly footer: string;
}

export function createReportRenderer(options: ReportRendererOptions): ReportRenderer {
  const { from, replyTo, group } = options;
  const language = textsOf(options.locale);
  const { lang, report: texts } = language;
  const localTime = createLocalTime(options.timezone);
  const domain = idDomain(from.address);
  const minute = (ms: number): string => localTime.format(ms).slice(0, "2026-11-21 09:00".length);

  const viewOf = (report: Report): ReportView => {
    const { period, totals, devices, deviceCount, moreDevices } = report;
    const more = deviceCount - devices.length;
    return {
      subject: texts.subject(minute(period.fromMs), minute(period.toMs), deviceCount, totals.alerts),
      headline: headlineOf(report, texts),
      bad: totals.deadLetters > 0,
      facts: [
        texts.period(localTime.format(period.fromMs), localTime.format(period.toMs), localTime.zone(period.toMs)),
        ...factsOf(totals, totals.unreadable, texts),
      ],
      devices: devices.map((device) => ({
        name: nameOf(device),
        facts: factsOf(device, 0, texts).join(", "),
        bad: device.deadLetters > 0,
      })),
      notes: [...(more > 0 ? [texts.notListed(more)] : []), ...(moreDevices ? [texts.tooMany(deviceCount)] : [])],
      footer: `${texts.group}: ${cleanLine(group, NAME_MAX)}`,
    };
  };

  return {
    render(report, recipients) {
      const view = viewOf(report);
      const own = hash(["report", group, report.period.day]);
      const thread = `<${hash(["report-thread", group])}@${domain}>`;
      const messageId = `<${own}@${domain}>`;
      const shown = { look: {}, to: options.hideRecipients ? [] : recipients, cc: [], bcc: [] };
      const bodies = multipart("alternative", `=_${own}`, [
        textPart("text/plain", textOf(view)),
        textPart("text/html", htmlOf(view, language)),
      ]);
      const message = [
        mailboxLine("From", from),
        ...(replyTo === undefined ? [] : [mailboxLine("Reply-To", replyTo)]),
        ...recipientHeaders(shown, RECIPIENT_OCTETS_MAX),
        unstructured("Subject", view.subject),
        `Date: ${new Date(report.period.toMs).toUTCString().replace("GMT", "+0000")}`,
        `Message-ID: ${messageId}`,
        `In-Reply-To: ${thread}`,
        `References: ${thread}`,
        ...listHeaders(options, domain),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        `X-Alert-Digest-Report: ${report.period.day}`,
        "MIME-Version: 1.0",
        `Content-Language: ${lang}`,
        ...bodies.headers,
        "",
        bodies.body,
      ].join("\r\n");
      const sender = options.envelopeFrom ?? from.address;
      return { messageId, subject: view.subject, from: sender, raw: Buffer.from(message, "utf8") };
    },
  };
}

const headlineOf = ({ totals }: Report, texts: ReportTexts): string => {
  if (totals.deadLetters > 0) return texts.notTold(totals.deadLetters);
  return totals.mails > 0 ? texts.allTold : texts.nothing;
};

const factsOf = (
  { alerts, critical, mails, slowestSeconds, deadLetters }: Omit<DeviceReport, "deviceId" | "deviceName">,
  unreadable: number,
  texts: ReportTexts,
): readonly string[] => [
  texts.alerts(alerts, critical),
  texts.mails(mails),
  ...(slowestSeconds === undefined ? [] : [texts.slowest(slowestSeconds.toFixed(1))]),
  ...(deadLetters > 0 ? [texts.deadLetters(deadLetters, unreadable)] : []),
];

const nameOf = ({ deviceId, deviceName }: DeviceReport): string => {
  const id = cleanLine(deviceId, NAME_MAX) || "?";
  const name = cleanLine(deviceName ?? "", NAME_MAX);
  return name === "" || name === id ? id : `${name} (${id})`;
};

const textOf = (view: ReportView): string => {
  const lines = [view.headline, ...view.facts, ""];
  view.devices.forEach(({ name, facts, bad }, index) => {
    lines.push(`${index + 1}. ${bad ? "! " : ""}${name}`, `   ${facts}`);
  });
  if (view.notes.length > 0) lines.push("", ...view.notes);
  // "-- " alone on a line: what follows is a signature (RFC 3676 section 4.3).
  return [...lines, "", "-- ", view.footer, ""].join("\r\n");
};

/** As the other mails look, light and dark; the colour of the first line says what it says. */
const htmlOf = (view: ReportView, { lang, direction }: MailTexts): string => {
  const colour = view.bad ? COLOURS.critical : GOOD;
  return htmlDocument({ lang, direction, title: view.subject, preheader: view.headline }, [
    `<tr><td bgcolor="${colour}" style="padding:16px;background-color:${colour};color:#ffffff">` +
      `<h1 style="margin:0;font-size:20px;line-height:1.3">${escapeHtml(view.headline)}</h1></td></tr>`,
    `<tr><td style="padding:12px 16px;font-size:15px">${view.facts.map(escapeHtml).join("<br>\r\n")}</td></tr>`,
    ...view.devices.map(
      (device) =>
        `<tr><td class="r" style="${CELL}${device.bad ? `;border-left:4px solid ${COLOURS.critical}` : ""}">` +
        `<b dir="auto">${escapeHtml(device.name)}</b><br>\r\n<span ${MUTED}>${escapeHtml(device.facts)}</span></td></tr>`,
    ),
    ...view.notes.map((note) => noteRow([escapeHtml(note)])),
    footerRow([escapeHtml(view.footer)]),
  ]);
};

const hash = (parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);

const NAME_MAX = 256;
const RECIPIENT_OCTETS_MAX = 64 * 1024;
