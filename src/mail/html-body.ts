/**
 * The text/html alternative. Each alert is a block instead of a row of five columns, so it reads the same on a phone, and takes about 400 bytes around
 * its texts: Gmail cuts a mail off at 102 KB.
 */

import type { Severity } from "../core/alert.js";
import { escapeHtml } from "./clean.js";
import type { DocumentAlert, DocumentSection, MailDocument } from "./document.js";
import { CELL, COLOURS, footerRow, GOOD, htmlDocument, MUTED, noteRow } from "./html-frame.js";
import type { MailTexts } from "./texts.js";
import {
  deviceFacts,
  deviceTotal,
  type Fact,
  factsOf,
  foldedLines,
  footerOf,
  marksOf,
  measuredOf,
  quotedSentence,
  shortTime,
  totalOf,
  unlistedDevices,
} from "./wording.js";

export function htmlBody(mail: MailDocument, texts: MailTexts): string {
  const rows = [bannerRow(mail), summaryRow(mail, texts)];
  if (mail.notes.length > 0) rows.push(noteRow(mail.notes.map(escapeHtml)));
  if (mail.kind === "device") {
    for (const alert of mail.alerts) rows.push(alertRow(alert, mail, texts));
    const folded = foldedLines(mail, texts);
    if (folded !== undefined)
      rows.push(noteRow([`<b>${escapeHtml(folded.sentence)}</b>`, ...folded.facts.map(plainFact)]));
  } else {
    for (const device of mail.devices) rows.push(deviceRow(device, mail, texts));
    const unlisted = unlistedDevices(mail, texts);
    if (unlisted !== "") rows.push(noteRow([escapeHtml(unlisted)]));
  }
  rows.push(footerRow(footerOf(mail, texts).map(fact)));
  const { lang, direction } = texts;
  return htmlDocument({ lang, direction, title: mail.subject, preheader: mail.sentence }, rows);
}

function bannerRow({ summary, status, what, measurement, device }: MailDocument): string {
  const colour = summary.state === "resolved" ? GOOD : COLOURS[summary.severity];
  let row = `<tr><td bgcolor="${colour}" style="padding:16px;background-color:${colour};color:#ffffff">`;
  row += `<p style="margin:0;font-weight:bold">${escapeHtml(status)}</p>\r\n`;
  if (what !== "")
    row += `<p dir="auto" style="margin:4px 0 0;font-size:20px;line-height:1.3;font-weight:bold">${escapeHtml(what)}</p>\r\n`;
  if (measurement !== "") row += `<p style="margin:4px 0 0;font-size:18px">${escapeHtml(measurement)}</p>\r\n`;
  return `${row}<h1 dir="auto" style="margin:10px 0 0;font-size:16px;line-height:1.3;font-weight:normal">${escapeHtml(device.name)}</h1></td></tr>`;
}

const summaryRow = (mail: MailDocument, texts: MailTexts): string =>
  `<tr><td style="padding:12px 16px;font-size:15px"><b>${escapeHtml(totalOf(mail, texts))}</b><br>\r\n${factsOf(mail, texts).map(fact).join("<br>\r\n")}</td></tr>`;

function alertRow(alert: DocumentAlert, { window }: MailDocument, texts: MailTexts): string {
  let row = `${blockStart(alert.severity)}${badge(alert.severity, alert.severityName)}`;
  if (alert.type !== "") row += ` <b>${escapeHtml(alert.type)}</b>`;
  for (const mark of marksOf(alert, texts))
    row += ` <span style="border:1px solid #8a8a8a">&nbsp;${escapeHtml(mark)}&nbsp;</span>`;
  row += ` <span ${MUTED}>${shortTime(alert.time, window.end)}</span><br>\r\n<span dir="auto">${escapeHtml(alert.message)}</span>`;
  const measured = measuredOf(alert, texts);
  if (measured !== "") row += `<br>\r\n<span ${MUTED}>${escapeHtml(measured)}</span>`;
  return `${row}</td></tr>`;
}

function deviceRow(device: DocumentSection, mail: MailDocument, texts: MailTexts): string {
  const { severity, severityName } = device.summary;
  let row = `${blockStart(severity)}${badge(severity, severityName)}`;
  row += ` <b dir="auto">${escapeHtml(device.device.name)}</b> ${escapeHtml(deviceTotal(device, texts))}<br>\r\n`;
  row += `<span dir="auto">${escapeHtml(quotedSentence(device))}</span><br>\r\n`;
  return `${row}<span style="font-size:14px">${deviceFacts(device, mail, texts).map(fact).join("<br>\r\n")}</span></td></tr>`;
}

const blockStart = (severity: Severity): string =>
  `<tr><td class="r" style="${CELL};border-left:4px solid ${COLOURS[severity]}">`;

const badge = (severity: Severity, label: string): string =>
  `<b style="background-color:${COLOURS[severity]};color:#ffffff">&nbsp;${escapeHtml(label)}&nbsp;</b>`;

const fact = ({ label, value }: Fact): string => `<span ${MUTED}>${escapeHtml(label)}:</span> ${escapeHtml(value)}`;

const plainFact = ({ label, value }: Fact): string => `${escapeHtml(label)}: ${escapeHtml(value)}`;
