/** The text/plain alternative, readable alone. */

import { beforeNumber } from "./clean.js";
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
  sharedOf,
  totalOf,
  unlistedDevices,
} from "./wording.js";

export function textBody(mail: MailDocument, texts: MailTexts): string {
  const lines = [mail.sentence, mail.device.name];
  const shared = sharedOf(mail);
  if (shared !== "") lines.push(shared);
  lines.push(...mail.links.map(linkLine));
  if (!isSingle(mail)) lines.push("", totalOf(mail, texts), ...factsOf(mail, texts).map(line));
  if (mail.notes.length > 0) lines.push("", ...mail.notes);
  lines.push("");
  if (mail.kind === "device") {
    mail.alerts.forEach((alert, index) => {
      addAlert(lines, index + 1, alert, mail, texts);
    });
    if (mail.folded !== null) {
      const { sentence, facts } = foldedLines(mail.folded, texts);
      lines.push("", sentence, ...facts.map(line));
    }
  } else {
    mail.devices.forEach((device, index) => {
      addDevice(lines, index + 1, device, mail, texts);
    });
    const unlisted = unlistedDevices(mail, texts);
    if (unlisted !== "") lines.push(unlisted);
  }
  // "-- " alone on a line: what follows is a signature (RFC 3676 section 4.3).
  lines.push("", "-- ", ...footerOf(mail, texts).map(line));
  if (mail.livePage !== "") lines.push(line({ label: texts.labels.livePage, value: mail.livePage }));
  lines.push("");
  return lines.join("\r\n");
}

function addAlert(lines: string[], number: number, alert: DocumentAlert, mail: MailDocument, texts: MailTexts): void {
  const marks = marksOf(alert, texts);
  const type = alert.type === "" ? "" : ` ${alert.type}`;
  const marked = marks.length > 0 ? ` (${marks.join(", ")})` : "";
  lines.push(`${number}. ${alert.time} [${alert.severityName}]${type}${marked}`, `   ${alert.message}`);
  const measured = measuredOf(alert, texts);
  if (measured !== "") lines.push(`   ${measured}`);
  const labels = alertLabels(alert, mail);
  if (labels !== "") lines.push(`   ${labels}`);
  for (const link of alert.links) lines.push(`   ${linkLine(link)}`);
}

function addDevice(
  lines: string[],
  number: number,
  device: DocumentSection,
  mail: MailDocument,
  texts: MailTexts,
): void {
  const name = beforeNumber(device.device.name);
  lines.push(`${number}. ${name} - ${deviceTotal(device, texts)}`, `   ${device.sentence}`);
  const labels = deviceLabels(device, mail);
  if (labels !== "") lines.push(`   ${labels}`);
  for (const link of deviceLinks(device, mail)) lines.push(`   ${linkLine(link)}`);
  for (const fact of deviceFacts(device, mail, texts)) lines.push(`   ${line(fact)}`);
  lines.push("");
}

const linkLine = ({ name, url }: DocumentLink): string => `${name}: ${url}`;

const line = ({ label, value }: Fact): string => `${label}: ${value}`;
