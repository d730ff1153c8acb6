/**
 * The text/html alternative: one table, inline styles, nothing loaded from anywhere. Each alert is a block of its own
 * instead of a row of five columns, so it reads the same on a phone.
 */

import type { Severity } from "../core/alert.js";
import { escapeHtml } from "./clean.js";
import type { MailTexts } from "./texts.js";
import type { AlertView, DigestView, FoldedView } from "./view.js";

/** White text on these has a contrast of at least 4.5:1 (WCAG 2.1 AA). */
const COLOURS: Readonly<Record<Severity, string>> = { critical: "#b3261e", warning: "#8a5a00", info: "#2f5f8f" };

const FONT = "font-family:-apple-system,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic',Roboto,Arial,sans-serif";
const TABLE =
  "max-width:640px;margin:0 auto;background:#ffffff;border-collapse:collapse;table-layout:fixed;overflow-wrap:anywhere;word-break:break-word";
const BADGE = "color:#ffffff;padding:1px 7px;border-radius:3px;font-size:12px";
const MARK = "border:1px solid #767676;padding:0 5px;border-radius:3px;font-size:12px";
const CELL = "padding:10px 16px;border-top:1px solid #e3e3e3";

export function htmlBody(view: DigestView, title: string, texts: MailTexts): string {
  const [headline = "", ...facts] = view.summary;
  return [
    "<!doctype html>",
    `<html lang="${texts.lang}">`,
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(title)}</title></head>`,
    `<body style="margin:0;padding:0;background:#f4f4f4;color:#1f1f1f;${FONT};font-size:15px;line-height:1.5">`,
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="${TABLE}">`,
    `<tr><td style="padding:16px;border-top:4px solid ${COLOURS[view.worst]}">`,
    `<h1 style="margin:0 0 4px;font-size:19px;line-height:1.3" dir="auto">${escapeHtml(view.deviceName)}</h1>`,
    `<p style="margin:0 0 6px;font-weight:bold">${escapeHtml(headline)}</p>`,
    `<p style="margin:0;color:#555555;font-size:13px">${lines(facts)}</p>`,
    "</td></tr>",
    ...view.alerts.map((alert) => alertRow(alert, texts)),
    ...(view.folded ? [foldedRow(view.folded)] : []),
    `<tr><td style="${CELL};color:#666666;font-size:12px">${lines(view.footer)}</td></tr>`,
    "</table></body></html>",
    "",
  ].join("\r\n");
}

function alertRow(alert: AlertView, texts: MailTexts): string {
  let row = `<tr><td style="${CELL}"><b style="background:${COLOURS[alert.severity]};${BADGE}">${texts.severity[alert.severity]}</b>`;
  if (alert.type !== "") row += ` <b>${escapeHtml(alert.type)}</b>`;
  for (const mark of alert.marks) row += ` <span style="${MARK}">${mark}</span>`;
  row += ` <span style="color:#555555;font-size:13px">${alert.time}</span><br>\r\n`;
  row += `<span dir="auto">${escapeHtml(alert.message)}</span>`;
  if (alert.measurement !== "") row += `<br>\r\n<span style="color:#555555">${escapeHtml(alert.measurement)}</span>`;
  return `${row}</td></tr>`;
}

function foldedRow(folded: FoldedView): string {
  const counts = lines([folded.bySeverity, folded.byType]);
  return `<tr><td style="${CELL};background:#fff8e1"><b>${escapeHtml(folded.sentence)}</b><br>\r\n${counts}</td></tr>`;
}

const lines = (texts: readonly string[]): string => texts.map(escapeHtml).join("<br>\r\n");
