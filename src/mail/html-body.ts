/**
 * The text/html alternative. Each alert is a block instead of a row of five columns, so it reads the same on a phone, and takes about 400 bytes around
 * its texts: Gmail cuts a mail off at 102 KB.
 */

import type { Severity } from "../core/alert.js";
import { escapeHtml } from "./clean.js";
import type { DocumentAlert, DocumentLink, DocumentSection, MailDocument } from "./document.js";
import { isSingle, othersOf, saidOf, wrongOf } from "./headline.js";
import { CELL, COLOURS, footerRow, GOOD, htmlDocument, LINK, MUTED, noteRow, SMALL } from "./html-frame.js";
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
  marksOf,
  measuredOf,
  sharedOf,
  shortTime,
  totalOf,
  unlistedDevices,
} from "./wording.js";

export function htmlBody(mail: MailDocument, texts: MailTexts): string {
  const rows = [bannerRow(mail, texts), ...linksRow(mail)];
  if (!isSingle(mail)) rows.push(summaryRow(mail, texts));
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
const linksRow = (mail: MailDocument): readonly string[] => {
  const { links } = mail;
  if (links.length === 0) return [];
  // Above the summary, which has room of its own.
  const padding = isSingle(mail) ? "12px 16px" : "12px 16px 0";
  return [
    `<tr><td style="padding:${padding};font-size:16px;line-height:1.8">${links.map(anchor).join(BETWEEN)}</td></tr>`,
  ];
};

const summaryRow = (mail: MailDocument, texts: MailTexts): string =>
  `<tr><td style="padding:12px 16px;font-size:15px"><b>${escapeHtml(totalOf(mail, texts))}</b><br>\r\n${factsOf(mail, texts).map(fact).join("<br>\r\n")}</td></tr>`;

function alertRow(alert: DocumentAlert, mail: MailDocument, texts: MailTexts): string {
  let row = `${blockStart(alert.severity)}${badge(alert.severity, alert.severityName)}`;
  const said = saidOf(mail);
  if (alert.type !== "" && !said.message) row += ` <b>${escapeHtml(alert.type)}</b>`;
  for (const mark of marksOf(alert, texts))
    row += ` <span style="border:1px solid #8a8a8a">&nbsp;${escapeHtml(mark)}&nbsp;</span>`;
  row += ` <span ${MUTED}>${shortTime(alert.time, mail.window.end)}</span>`;
  if (!said.message) row += `<br>\r\n<span dir="auto">${escapeHtml(alert.message)}</span>`;
  const measured = said.measurement ? "" : measuredOf(alert, texts);
  if (measured !== "") row += `<br>\r\n<span ${MUTED}>${escapeHtml(measured)}</span>`;
  return `${row}${labelled(alertLabels(alert, mail))}${linked(alert.links)}</td></tr>`;
}

function deviceRow(device: DocumentSection, mail: MailDocument, texts: MailTexts): string {
  const { severity, severityName } = device.summary;
  let row = `${blockStart(severity)}${badge(severity, severityName)}`;
  row += ` <b dir="auto">${escapeHtml(device.device.name)}</b> ${escapeHtml(deviceTotal(device, texts))}<br>\r\n`;
  row += `<span dir="auto">${escapeHtml(device.sentence)}</span>${labelled(deviceLabels(device, mail))}${linked(deviceLinks(device, mail))}<br>\r\n`;
  return `${row}<span style="font-size:14px">${deviceFacts(device, mail, texts).map(fact).join("<br>\r\n")}</span></td></tr>`;
}

const labelled = (labels: string): string =>
  labels === "" ? "" : `<br>\r\n<span dir="auto" ${SMALL}>${escapeHtml(labels)}</span>`;

const linked = (links: readonly DocumentLink[]): string =>
  links.length === 0 ? "" : `<br>\r\n${links.map(anchor).join(BETWEEN)}`;

const anchor = ({ name, url, host }: DocumentLink): string =>
  `<a href="${escapeHtml(url)}" ${LINK}>${escapeHtml(host === "" ? name : `${name} (${host})`)}</a>`;

const BETWEEN = " &nbsp; ";

const blockStart = (severity: Severity): string =>
  `<tr><td class="r" style="${CELL};border-left:4px solid ${COLOURS[severity]}">`;

const badge = (severity: Severity, label: string): string =>
  `<b style="background-color:${COLOURS[severity]};color:#ffffff">&nbsp;${escapeHtml(label)}&nbsp;</b>`;

const fact = ({ label, value }: Fact): string => `<span ${MUTED}>${escapeHtml(label)}:</span> ${escapeHtml(value)}`;

const plainFact = ({ label, value }: Fact): string => `${escapeHtml(label)}: ${escapeHtml(value)}`;
