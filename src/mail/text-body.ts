/** The text/plain alternative, readable alone. */

import { beforeNumber } from "./clean.js";
import type { DocumentAlert, DocumentSection, MailDocument } from "./document.js";
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
  totalOf,
  unlistedDevices,
} from "./wording.js";

export function textBody(mail: MailDocument, texts: MailTexts): string {
  const lines = [mail.sentence, mail.device.name, "", totalOf(mail, texts), ...factsOf(mail, texts).map(line)];
  if (mail.notes.length > 0) lines.push("", ...mail.notes);
  lines.push("");
  if (mail.kind === "device") {
    mail.alerts.forEach((alert, index) => {
      addAlert(lines, index + 1, alert, texts);
    });
    const folded = foldedLines(mail, texts);
    if (folded !== undefined) lines.push("", folded.sentence, ...folded.facts.map(line));
  } else {
    mail.devices.forEach((device, index) => {
      addDevice(lines, index + 1, device, mail, texts);
    });
    const unlisted = unlistedDevices(mail, texts);
    if (unlisted !== "") lines.push(unlisted);
  }
  // "-- " alone on a line: what follows is a signature (RFC 3676 section 4.3).
  lines.push("", "-- ", ...footerOf(mail, texts).map(line), "");
  return lines.join("\r\n");
}

function addAlert(lines: string[], number: number, alert: DocumentAlert, texts: MailTexts): void {
  const marks = marksOf(alert, texts);
  const type = alert.type === "" ? "" : ` ${alert.type}`;
  const marked = marks.length > 0 ? ` (${marks.join(", ")})` : "";
  lines.push(`${number}. ${alert.time} [${alert.severityName}]${type}${marked}`, `   ${alert.message}`);
  const measured = measuredOf(alert, texts);
  if (measured !== "") lines.push(`   ${measured}`);
}

function addDevice(
  lines: string[],
  number: number,
  device: DocumentSection,
  mail: MailDocument,
  texts: MailTexts,
): void {
  const name = beforeNumber(device.device.name);
  lines.push(`${number}. ${name} - ${deviceTotal(device, texts)}`, `   ${quotedSentence(device)}`);
  for (const fact of deviceFacts(device, mail, texts)) lines.push(`   ${line(fact)}`);
  lines.push("");
}

const line = ({ label, value }: Fact): string => `${label}: ${value}`;
