/** The text/plain alternative. */

import type { MailTexts } from "./texts.js";
import type { DigestView } from "./view.js";

export function textBody(view: DigestView, texts: MailTexts): string {
  const lines = [view.deviceName, ...view.summary, ""];
  view.alerts.forEach((alert, index) => {
    const marks = alert.marks.length > 0 ? ` (${alert.marks.join(", ")})` : "";
    const type = alert.type === "" ? "" : ` ${alert.type}`;
    lines.push(`${index + 1}. ${alert.time} [${texts.severity[alert.severity]}]${type}${marks}`);
    lines.push(`   ${alert.message}`);
    if (alert.measurement !== "") lines.push(`   ${alert.measurement}`);
  });
  if (view.folded) lines.push("", view.folded.sentence, view.folded.bySeverity, view.folded.byType);
  // "-- " alone on a line: what follows is a signature (RFC 3676 section 4.3).
  lines.push("", "-- ", ...view.footer, "");
  return lines.join("\r\n");
}
