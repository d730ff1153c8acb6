/**
 * The text/html alternative: one table, inline styles, nothing loaded from anywhere. Each alert is a block of its own
 * instead of a row of five columns, so it reads the same on a phone.
 */

import type { Severity } from "../core/alert.js";
import { escapeHtml } from "./clean.js";
import type { MailTexts } from "./texts.js";
import type { AlertView, DigestView } from "./view.js";

/** White text on these has a contrast of at least 4.5:1 (WCAG 2.1 AA). */
const COLOURS: Readonly<Record<Severity, string>> = { critical: "#b3261e", warning: "#8a5a00", info: "#2f5f8f" };

const FONT = "font-family:-apple-system,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic',Roboto,Arial,sans-serif";
const CELL = "padding:10px 16px;border-top:1px solid #e3e3e3;overflow-wrap:anywhere;word-break:break-word";

export function htmlBody(view: DigestView, title: string, texts: MailTexts): string {
  const [headline = "", ...facts] = view.summary;
  const rows = view.alerts.map((alert) => alertRow(alert, texts)).join("\n");
  return `<!doctype html>
<html lang="${texts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title>
</head>
<body style="margin:0;padding:0;background:#f4f4f4;color:#1f1f1f;${FONT};font-size:15px;line-height:1.5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;margin:0 auto;background:#ffffff;border-collapse:collapse;table-layout:fixed">
<tr><td style="padding:16px;border-top:4px solid ${COLOURS[view.worst]};overflow-wrap:anywhere;word-break:break-word">
<h1 style="margin:0 0 4px;font-size:19px;line-height:1.3" dir="auto">${escapeHtml(view.deviceName)}</h1>
<p style="margin:0 0 6px;font-weight:bold">${escapeHtml(headline)}</p>
<p style="margin:0;color:#555555;font-size:13px">${facts.map(escapeHtml).join("<br>\n")}</p>
</td></tr>
${rows}
${foldedRow(view)}<tr><td style="${CELL};color:#666666;font-size:12px">${view.footer.map(escapeHtml).join("<br>\n")}</td></tr>
</table>
</body>
</html>
`;
}

function alertRow(alert: AlertView, texts: MailTexts): string {
  const badge = `<b style="background:${COLOURS[alert.severity]};color:#ffffff;padding:1px 7px;border-radius:3px;font-size:12px">${texts.severity[alert.severity]}</b>`;
  const marks = alert.marks
    .map(
      (mark) => ` <span style="border:1px solid #767676;padding:0 5px;border-radius:3px;font-size:12px">${mark}</span>`,
    )
    .join("");
  const type = alert.type === "" ? "" : ` <b>${escapeHtml(alert.type)}</b>`;
  const measurement =
    alert.measurement === "" ? "" : `<br>\n<span style="color:#555555">${escapeHtml(alert.measurement)}</span>`;
  return `<tr><td style="${CELL}">${badge}${type}${marks} <span style="color:#555555;font-size:13px">${alert.time}</span><br>
<span dir="auto">${escapeHtml(alert.message)}</span>${measurement}</td></tr>`;
}

function foldedRow({ folded }: DigestView): string {
  if (folded === undefined) return "";
  const [sentence, ...counts] = [folded.sentence, folded.bySeverity, folded.byType].map(escapeHtml);
  return `<tr><td style="${CELL};background:#fff8e1"><b>${sentence}</b><br>\n${counts.join("<br>\n")}</td></tr>\n`;
}
