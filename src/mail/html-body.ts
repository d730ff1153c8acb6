/**
 * The text/html alternative. Each alert is a block instead of a row of five columns, so it reads the same on a phone, and takes about 400 bytes around
 * its texts: Gmail cuts a mail off at 102 KB.
 */

import type { Severity } from "../core/alert.js";
import { escapeHtml } from "./clean.js";
import type { DeviceView, FleetView } from "./fleet.js";
import { CELL, COLOURS, footerRow, GOOD, htmlDocument, MUTED, noteRow } from "./html-frame.js";
import type { AlertView, DigestView, Fact, FoldedView, MailView } from "./view.js";

export function htmlBody(view: DigestView | FleetView): string {
  const rows = [bannerRow(view), summaryRow(view)];
  if (view.notes.length > 0) rows.push(noteRow(view.notes.map(escapeHtml)));
  if (view.kind === "device") {
    for (const alert of view.alerts) rows.push(alertRow(alert));
    if (view.folded) rows.push(foldedRow(view.folded));
  } else {
    for (const device of view.devices) rows.push(deviceRow(device));
    if (view.unlisted !== "") rows.push(noteRow([escapeHtml(view.unlisted)]));
  }
  rows.push(footerRow(view.footer.map(fact)));
  const { lang, direction, subject, headline } = view;
  return htmlDocument({ lang, direction, title: subject, preheader: headline }, rows);
}

function bannerRow(view: MailView): string {
  const colour = view.state === "resolved" ? GOOD : COLOURS[view.severity];
  let row = `<tr><td bgcolor="${colour}" style="padding:16px;background-color:${colour};color:#ffffff">`;
  row += `<p style="margin:0;font-weight:bold">${escapeHtml(view.status)}</p>\r\n`;
  if (view.what !== "")
    row += `<p dir="auto" style="margin:4px 0 0;font-size:20px;line-height:1.3;font-weight:bold">${escapeHtml(view.what)}</p>\r\n`;
  if (view.measurement !== "")
    row += `<p style="margin:4px 0 0;font-size:18px">${escapeHtml(view.measurement)}</p>\r\n`;
  return `${row}<h1 dir="auto" style="margin:10px 0 0;font-size:16px;line-height:1.3;font-weight:normal">${escapeHtml(view.title)}</h1></td></tr>`;
}

const summaryRow = (view: MailView): string =>
  `<tr><td style="padding:12px 16px;font-size:15px"><b>${escapeHtml(view.total)}</b><br>\r\n${view.facts.map(fact).join("<br>\r\n")}</td></tr>`;

function alertRow(alert: AlertView): string {
  let row = `${blockStart(alert.severity)}${badge(alert.severity, alert.severityLabel)}`;
  if (alert.type !== "") row += ` <b>${escapeHtml(alert.type)}</b>`;
  for (const mark of alert.marks)
    row += ` <span style="border:1px solid #8a8a8a">&nbsp;${escapeHtml(mark)}&nbsp;</span>`;
  row += ` <span ${MUTED}>${alert.shortTime}</span><br>\r\n<span dir="auto">${escapeHtml(alert.message)}</span>`;
  if (alert.measurement !== "") row += `<br>\r\n<span ${MUTED}>${escapeHtml(alert.measurement)}</span>`;
  return `${row}</td></tr>`;
}

function deviceRow(device: DeviceView): string {
  let row = `${blockStart(device.severity)}${badge(device.severity, device.severityLabel)}`;
  row += ` <b dir="auto">${escapeHtml(device.deviceName)}</b> ${escapeHtml(device.total)}<br>\r\n`;
  row += `<span dir="auto">${escapeHtml(device.headline)}</span><br>\r\n`;
  return `${row}<span style="font-size:14px">${device.facts.map(fact).join("<br>\r\n")}</span></td></tr>`;
}

const foldedRow = (folded: FoldedView): string =>
  noteRow([`<b>${escapeHtml(folded.sentence)}</b>`, plainFact(folded.bySeverity), plainFact(folded.byType)]);

const blockStart = (severity: Severity): string =>
  `<tr><td class="r" style="${CELL};border-left:4px solid ${COLOURS[severity]}">`;

const badge = (severity: Severity, label: string): string =>
  `<b style="background-color:${COLOURS[severity]};color:#ffffff">&nbsp;${escapeHtml(label)}&nbsp;</b>`;

const fact = ({ label, value }: Fact): string => `<span ${MUTED}>${escapeHtml(label)}:</span> ${escapeHtml(value)}`;

const plainFact = ({ label, value }: Fact): string => `${escapeHtml(label)}: ${escapeHtml(value)}`;
