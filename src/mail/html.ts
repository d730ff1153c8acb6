/**
 * The text/html alternative. Each alert is a block instead of a row of five columns, so it reads the same on a phone, and takes about 400 bytes around
 * its texts: Gmail cuts a mail off at 102 KB.
 */

import type { Severity } from "../core/alert.js";
import { escapeHtml } from "./clean.js";
import type { DocumentAlert, DocumentLink, DocumentSection, MailDocument } from "./document.js";
import type { MailTexts } from "./texts.js";
import {
  alertLabels,
  deviceFacts,
  deviceLabels,
  deviceLinks,
  deviceTotal,
  type Fact,
  factsOf,
  foldedLines,
  footerOf,
  isSingle,
  marksOf,
  measuredOf,
  othersOf,
  saidOf,
  sharedOf,
  shortTime,
  totalOf,
  unlistedDevices,
  wrongOf,
} from "./wording.js";

export function htmlBody(mail: MailDocument, texts: MailTexts): string {
  const rows = [bannerRow(mail, texts)];
  if (mail.links.length > 0) rows.push(linksRow(mail));
  if (!isSingle(mail)) rows.push(summaryRow(mail, texts));
  if (mail.notes.length > 0) rows.push(noteRow(mail.notes.map(escapeHtml)));
  if (mail.kind === "device") {
    for (const alert of mail.alerts) rows.push(alertRow(alert, mail, texts));
    if (mail.folded !== null) {
      const { sentence, facts } = foldedLines(mail.folded, texts);
      rows.push(noteRow([`<b>${escapeHtml(sentence)}</b>`, ...facts.map(plainFact)]));
    }
  } else {
    for (const device of mail.devices) rows.push(deviceRow(device, mail, texts));
    const unlisted = unlistedDevices(mail, texts);
    if (unlisted !== "") rows.push(noteRow([escapeHtml(unlisted)]));
  }
  const page = { name: texts.labels.livePage, url: mail.livePage, host: "" };
  rows.push(footerRow([...footerOf(mail, texts).map(fact), ...(page.url === "" ? [] : [anchor(page)])]));
  const { lang, direction, fonts } = texts;
  return htmlDocument({ lang, direction, fonts, title: mail.subject, preheader: mail.sentence }, rows);
}

function bannerRow(mail: MailDocument, texts: MailTexts): string {
  const { summary, status, measurement, device } = mail;
  const colour = summary.state === "resolved" ? GOOD : COLOURS[summary.severity];
  let row = `<tr><td bgcolor="${colour}" style="padding:16px;background-color:${colour};color:#ffffff">`;
  row += `<p style="margin:0;font-weight:bold">${escapeHtml(status)}</p>\r\n`;
  const [wrong, type] = wrongOf(mail);
  if (wrong !== "")
    row += `<p dir="auto" style="margin:4px 0 0;font-size:20px;line-height:1.3;font-weight:bold">${escapeHtml(wrong)}</p>\r\n`;
  if (measurement !== "") row += `<p style="margin:4px 0 0;font-size:18px">${escapeHtml(measurement)}</p>\r\n`;
  const beside = [type, wrong === "" ? "" : othersOf(mail, texts)].filter((text) => text !== "").join(" ");
  if (beside !== "") row += `<p dir="auto" style="margin:4px 0 0;font-size:14px">${escapeHtml(beside)}</p>\r\n`;
  row += `<h1 dir="auto" style="margin:10px 0 0;font-size:16px;line-height:1.3;font-weight:normal">${escapeHtml(device.name)}</h1>`;
  const labels = sharedOf(mail);
  return `${row}${labels === "" ? "" : `\r\n<p dir="auto" style="margin:2px 0 0;font-size:14px">${escapeHtml(labels)}</p>`}</td></tr>`;
}

/** Where somebody woken goes on from here: before anything that is to be read. */
const linksRow = (mail: MailDocument): string => {
  // Above the summary, which has room of its own.
  const padding = isSingle(mail) ? "12px 16px" : "12px 16px 0";
  return `<tr><td style="padding:${padding};font-size:16px;line-height:1.8">${mail.links.map(anchor).join(BETWEEN)}</td></tr>`;
};

const summaryRow = (mail: MailDocument, texts: MailTexts): string =>
  `<tr><td style="padding:12px 16px;font-size:15px"><b>${escapeHtml(totalOf(mail, texts))}</b><br>\r\n${factsOf(mail, texts).map(fact).join("<br>\r\n")}</td></tr>`;

function alertRow(alert: DocumentAlert, mail: MailDocument, texts: MailTexts): string {
  let row = blockStart(alert.severity, alert.severityName);
  const said = saidOf(mail);
  if (alert.type !== "" && !said.message) row += ` <b>${escapeHtml(alert.type)}</b>`;
  for (const mark of marksOf(alert, texts))
    row += ` <span style="border:1px solid #8a8a8a">&nbsp;${escapeHtml(mark)}&nbsp;</span>`;
  row += ` <span ${MUTED}>${shortTime(alert.time, mail.window.end)}</span>`;
  if (!said.message) row += `<br>\r\n<span dir="auto">${escapeHtml(alert.message)}</span>`;
  const measured = said.measurement ? "" : measuredOf(alert, texts);
  if (measured !== "") row += `<br>\r\n<span ${MUTED}>${escapeHtml(measured)}</span>`;
  return `${row}${below(alertLabels(alert, mail), alert.links)}</td></tr>`;
}

function deviceRow(device: DocumentSection, mail: MailDocument, texts: MailTexts): string {
  const { severity, severityName } = device.summary;
  let row = blockStart(severity, severityName);
  row += ` <b dir="auto">${escapeHtml(device.device.name)}</b> ${escapeHtml(deviceTotal(device, texts))}<br>\r\n`;
  row += `<span dir="auto">${escapeHtml(device.sentence)}</span>${below(deviceLabels(device, mail), deviceLinks(device, mail))}<br>\r\n`;
  return `${row}<span style="font-size:14px">${deviceFacts(device, mail, texts).map(fact).join("<br>\r\n")}</span></td></tr>`;
}

/** A line each of labels and of links, where there are any. */
const below = (labels: string, links: readonly DocumentLink[]): string => {
  const labelled = labels === "" ? "" : `<br>\r\n<span dir="auto" ${SMALL}>${escapeHtml(labels)}</span>`;
  return links.length === 0 ? labelled : `${labelled}<br>\r\n${links.map(anchor).join(BETWEEN)}`;
};

const anchor = ({ name, url, host }: DocumentLink): string =>
  `<a href="${escapeHtml(url)}" ${LINK}>${escapeHtml(host === "" ? name : `${name} (${host})`)}</a>`;

const BETWEEN = " &nbsp; ";

/** With the severity's badge. */
const blockStart = (severity: Severity, name: string): string => {
  const colour = COLOURS[severity];
  return `<tr><td class="r" style="${CELL};border-left:4px solid ${colour}"><b style="background-color:${colour};color:#ffffff">&nbsp;${escapeHtml(name)}&nbsp;</b>`;
};

const fact = ({ label, value }: Fact): string => `<span ${MUTED}>${escapeHtml(label)}:</span> ${escapeHtml(value)}`;

const plainFact = ({ label, value }: Fact): string => `${escapeHtml(label)}: ${escapeHtml(value)}`;

// What every HTML part is made in: one table and inline styles, for Outlook's Word engine knows nothing newer and other programs strip the style sheet;
// nothing loaded from anywhere. The style sheet only darkens what is there, and Outlook's own attributes do it there.

/** White text on these and on `GOOD` has a contrast of at least 4.5:1 (WCAG 2.1 AA), in both schemes. */
export const COLOURS: Readonly<Record<Severity, string>> = { critical: "#b3261e", warning: "#8a5a00", info: "#2f5f8f" };
export const GOOD = "#1b6e3c";

const FONTS = "-apple-system,'Segoe UI',Roboto,Arial,sans-serif";
/** Of a Latin font alone, Word's engine takes another one for what is not Latin: on old Windows one with serifs. */
const fontOf = (fonts: readonly string[]): string =>
  fonts.length === 0
    ? `font-family:${FONTS}`
    : `font-family:${fonts.map((font) => `'${font}'`).join(",")},${FONTS};mso-fareast-font-family:'${fonts[0]}'`;
const TABLE =
  "max-width:640px;margin:0 auto;background-color:#ffffff;color:#1f1f1f;border-collapse:separate;table-layout:fixed;word-wrap:break-word;overflow-wrap:anywhere;word-break:keep-all";
/** Of a cell of class `r`. */
export const CELL = "padding:12px 16px;border-top:1px solid #e0e0e0";
/** Attributes of an element that says less than its surroundings. */
export const MUTED = 'class="m" style="color:#595959"';
const SMALL = 'class="m" style="color:#595959;font-size:14px"';
/** Of an anchor. */
const LINK = 'class="l" style="color:#0b57d0"';

/** c: card, l: link, m: muted, n: note, r: row. `data-ogsc` and `data-ogsb` are what Outlook puts where it changed a colour itself. */
const STYLE = [
  ":root{color-scheme:light dark;supported-color-schemes:light dark}",
  "@media (prefers-color-scheme:dark){body{background-color:#101010!important}",
  ".c{background-color:#1c1c1e!important;color:#ececec!important}.m{color:#b4b4b4!important}.l{color:#9ec2ff!important}",
  ".r{border-top-color:#3a3a3c!important}.n{background-color:#332b12!important;color:#f3e3b3!important}}",
  "[data-ogsb] .c{background-color:#1c1c1e!important}[data-ogsc] .c{color:#ececec!important}",
  "[data-ogsc] .m{color:#b4b4b4!important}[data-ogsc] .l{color:#9ec2ff!important}[data-ogsb] .n{background-color:#332b12!important}[data-ogsc] .n{color:#f3e3b3!important}",
].join("\r\n");

interface HtmlFrame {
  /** BCP 47. */
  readonly lang: string;
  readonly direction: "ltr" | "rtl";
  /** Of the language, before the usual ones. */
  readonly fonts: readonly string[];
  readonly title: string;
  /** What the list of mails shows beside the subject. */
  readonly preheader: string;
}

/** `rows`: `<tr>…</tr>` each, of one cell, escaped. */
export function htmlDocument({ lang, direction, fonts, title, preheader }: HtmlFrame, rows: readonly string[]): string {
  const font = fontOf(fonts);
  return [
    `<!doctype html>\r\n<html lang="${lang}" dir="${direction}">`,
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style></head>`,
    `<body style="margin:0;padding:0;background-color:#f2f2f4;${font};font-size:16px;line-height:1.45">`,
    `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(preheader)}</div>`,
    `<table role="presentation" class="c" width="100%" align="center" cellpadding="0" cellspacing="0" bgcolor="#ffffff" style="${TABLE};${font}">`,
    ...rows,
    "</table></body></html>\r\n",
  ].join("\r\n");
}

/** `lines`: escaped. */
export const noteRow = (lines: readonly string[]): string =>
  `<tr><td class="n r" bgcolor="#fff6d9" style="${CELL};background-color:#fff6d9;color:#3d3000;font-size:15px">${lines.join("<br>\r\n")}</td></tr>`;

/** `lines`: escaped. */
export const footerRow = (lines: readonly string[]): string =>
  `<tr><td class="m r" style="${CELL};color:#595959;font-size:13px">${lines.join("<br>\r\n")}</td></tr>`;
