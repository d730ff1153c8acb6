/**
 * The text/html alternative. One table and inline styles, for Outlook's Word engine knows nothing newer and other programs strip the style sheet;
 * nothing loaded from anywhere. Each alert is a block instead of a row of five columns, so it reads the same on a phone, and takes about 400 bytes
 * around its texts: Gmail cuts a mail off at 102 KB. The style sheet only darkens what is there, and Outlook's own attributes do it there.
 */

import type { Severity } from "../core/alert.js";
import { escapeHtml } from "./clean.js";
import type { DeviceView, FleetView } from "./fleet.js";
import type { AlertView, DigestView, Fact, FoldedView, MailView } from "./view.js";

/** White text on these has a contrast of at least 4.5:1 (WCAG 2.1 AA), in both schemes. */
const COLOURS: Readonly<Record<Severity, string>> = { critical: "#b3261e", warning: "#8a5a00", info: "#2f5f8f" };
const RESOLVED = "#1b6e3c";

const FONT = "font-family:-apple-system,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic',Roboto,Arial,sans-serif";
const TABLE =
  "max-width:640px;margin:0 auto;background-color:#ffffff;color:#1f1f1f;border-collapse:separate;table-layout:fixed;word-wrap:break-word;overflow-wrap:anywhere;word-break:keep-all";
const CELL = "padding:12px 16px;border-top:1px solid #e0e0e0";
const MUTED = 'class="m" style="color:#595959"';

/** c: card, m: muted, n: note, r: row. `data-ogsc` and `data-ogsb` are what Outlook puts where it changed a colour itself. */
const STYLE = [
  ":root{color-scheme:light dark;supported-color-schemes:light dark}",
  "@media (prefers-color-scheme:dark){body{background-color:#101010!important}",
  ".c{background-color:#1c1c1e!important;color:#ececec!important}.m{color:#b4b4b4!important}",
  ".r{border-top-color:#3a3a3c!important}.n{background-color:#332b12!important;color:#f3e3b3!important}}",
  "[data-ogsb] .c{background-color:#1c1c1e!important}[data-ogsc] .c{color:#ececec!important}",
  "[data-ogsc] .m{color:#b4b4b4!important}[data-ogsb] .n{background-color:#332b12!important}[data-ogsc] .n{color:#f3e3b3!important}",
].join("\r\n");

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
  rows.push(
    `<tr><td class="m r" style="${CELL};color:#595959;font-size:13px">${view.footer.map(fact).join("<br>\r\n")}</td></tr>`,
  );
  return [
    "<!doctype html>",
    `<html lang="${view.lang}" dir="${view.direction}">`,
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(view.subject)}</title>`,
    `<style>${STYLE}</style></head>`,
    `<body style="margin:0;padding:0;background-color:#f2f2f4;${FONT};font-size:16px;line-height:1.45">`,
    // What the list of mails shows beside the subject.
    `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(view.headline)}</div>`,
    `<table role="presentation" class="c" width="100%" align="center" cellpadding="0" cellspacing="0" bgcolor="#ffffff" style="${TABLE};${FONT}">`,
    ...rows,
    "</table></body></html>",
    "",
  ].join("\r\n");
}

function bannerRow(view: MailView): string {
  const colour = view.state === "resolved" ? RESOLVED : COLOURS[view.severity];
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

/** `lines`: escaped. */
const noteRow = (lines: readonly string[]): string =>
  `<tr><td class="n r" bgcolor="#fff6d9" style="${CELL};background-color:#fff6d9;color:#3d3000;font-size:15px">${lines.join("<br>\r\n")}</td></tr>`;

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
