/** A mail to those who run the product, of no device: the daily report, or what is told of dead letters. The same bytes for the same content. */

import type { Hiding, Mailbox, RenderedMail } from "../runtime/ports.js";
import { escapeHtml } from "./clean.js";
import { idDomain, identifierOf, type ListOptions, listHeaders } from "./headers.js";
import { CELL, COLOURS, footerRow, GOOD, htmlDocument, MUTED, noteRow } from "./html.js";
import { createLocalTime } from "./language.js";
import { mailboxLine, multipart, recipientHeaders, textPart, unstructured } from "./mime.js";
import { textsOf } from "./texts/index.js";
import type { MailTexts } from "./texts.js";

export interface NoticeOptions extends ListOptions {
  readonly from: Mailbox;
  readonly replyTo: Mailbox | undefined;
  /** Bounces go there; undefined: to the sender. */
  readonly envelopeFrom: string | undefined;
  readonly hideRecipients: Hiding;
  /** A language that has a file in `texts/`; another one throws a RangeError here. */
  readonly locale: string;
  /** IANA name; an unknown one throws a RangeError here. */
  readonly timezone: string;
  /** `MAIL_ID_KEY`. */
  readonly idKey?: string | undefined;
  /** The consumer group it is about. */
  readonly group: string;
}

/** What both bodies show: every string one harmless line (not yet escaped for HTML). */
export interface NoticeView {
  readonly subject: string;
  readonly headline: string;
  /** Somebody was not told of something. */
  readonly bad: boolean;
  readonly facts: readonly string[];
  readonly rows: readonly { readonly name: string; readonly facts: string; readonly bad: boolean }[];
  readonly notes: readonly string[];
  readonly footer: string;
}

/** What it is named by, and when it is. */
export interface NoticeNames {
  /** Hashed into its Message-ID. */
  readonly id: readonly string[];
  /** Into that of its thread. */
  readonly thread: readonly string[];
  readonly dateMs: number;
  /** A header line of its own. */
  readonly header: string;
}

export const createNoticeRenderer = (options: NoticeOptions) => {
  const { from, replyTo } = options;
  const language = textsOf(options.locale);
  const localTime = createLocalTime(options.timezone);
  const domain = idDomain(from.address);
  return {
    render(view: NoticeView, { id, thread, dateMs, header }: NoticeNames, recipients: readonly string[]): RenderedMail {
      const own = identifierOf(id, options.idKey);
      const threadId = `<${identifierOf(thread, options.idKey)}@${domain}>`;
      const messageId = `<${own}@${domain}>`;
      const shown = { look: {}, to: options.hideRecipients === "always" ? [] : recipients, cc: [], bcc: [] };
      const bodies = multipart("alternative", `=_${own}`, [
        textPart("text/plain", textOf(view)),
        textPart("text/html", htmlOf(view, language)),
      ]);
      const message = [
        mailboxLine("From", from),
        ...(replyTo === undefined ? [] : [mailboxLine("Reply-To", replyTo)]),
        ...recipientHeaders(shown, RECIPIENT_OCTETS_MAX),
        unstructured("Subject", view.subject),
        `Date: ${localTime.header(dateMs)}`,
        `Message-ID: ${messageId}`,
        `In-Reply-To: ${threadId}`,
        `References: ${threadId}`,
        ...listHeaders(options, domain, recipients),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        header,
        "MIME-Version: 1.0",
        `Content-Language: ${language.lang}`,
        ...bodies.headers,
        "",
        bodies.body,
      ].join("\r\n");
      const sender = options.envelopeFrom ?? from.address;
      return { messageId, subject: view.subject, from: sender, raw: Buffer.from(message, "utf8") };
    },
  };
};

const textOf = (view: NoticeView): string => {
  const lines = [view.headline, ...view.facts, ""];
  view.rows.forEach(({ name, facts, bad }, index) => {
    lines.push(`${index + 1}. ${bad ? "! " : ""}${name}`, `   ${facts}`);
  });
  if (view.notes.length > 0) lines.push("", ...view.notes);
  // "-- " alone on a line: what follows is a signature (RFC 3676 section 4.3).
  return [...lines, "", "-- ", view.footer, ""].join("\r\n");
};

/** As the other mails look, light and dark; the colour of the first line says what it says. */
const htmlOf = (view: NoticeView, { lang, direction, fonts }: MailTexts): string => {
  const colour = view.bad ? COLOURS.critical : GOOD;
  return htmlDocument({ lang, direction, fonts, title: view.subject, preheader: view.headline }, [
    `<tr><td bgcolor="${colour}" style="padding:16px;background-color:${colour};color:#ffffff">` +
      `<h1 style="margin:0;font-size:20px;line-height:1.3">${escapeHtml(view.headline)}</h1></td></tr>`,
    `<tr><td style="padding:12px 16px;font-size:15px">${view.facts.map(escapeHtml).join("<br>\r\n")}</td></tr>`,
    ...view.rows.map(
      (row) =>
        `<tr><td class="r" style="${CELL}${row.bad ? `;border-left:4px solid ${COLOURS.critical}` : ""}">` +
        `<b dir="auto">${escapeHtml(row.name)}</b><br>\r\n<span ${MUTED}>${escapeHtml(row.facts)}</span></td></tr>`,
    ),
    ...view.notes.map((note) => noteRow([escapeHtml(note)])),
    footerRow([escapeHtml(view.footer)]),
  ]);
};

const RECIPIENT_OCTETS_MAX = 64 * 1024;
