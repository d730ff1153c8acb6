/** The text/plain alternative, readable alone. */

import { beforeNumber } from "./clean.js";
import type { DeviceView, FleetView } from "./fleet.js";
import type { AlertView, DigestView, Fact, FoldedView } from "./view.js";

export function textBody(view: DigestView | FleetView): string {
  const lines = [view.headline, view.title, "", view.total, ...view.facts.map(line)];
  if (view.notes.length > 0) lines.push("", ...view.notes);
  lines.push("");
  if (view.kind === "device") {
    for (const alert of view.alerts) addAlert(lines, alert);
    if (view.folded) addFolded(lines, view.folded);
  } else {
    for (const device of view.devices) addDevice(lines, device);
    if (view.unlisted !== "") lines.push(view.unlisted);
  }
  // "-- " alone on a line: what follows is a signature (RFC 3676 section 4.3).
  lines.push("", "-- ", ...view.footer.map(line), "");
  return lines.join("\r\n");
}

function addAlert(lines: string[], alert: AlertView): void {
  const marks = alert.marks.length > 0 ? ` (${alert.marks.join(", ")})` : "";
  const type = alert.type === "" ? "" : ` ${alert.type}`;
  lines.push(`${alert.number}. ${alert.time} [${alert.severityLabel}]${type}${marks}`);
  lines.push(`   ${alert.message}`);
  if (alert.measurement !== "") lines.push(`   ${alert.measurement}`);
}

function addFolded(lines: string[], folded: FoldedView): void {
  lines.push("", folded.sentence, line(folded.bySeverity), line(folded.byType));
}

function addDevice(lines: string[], device: DeviceView): void {
  lines.push(`${device.number}. ${beforeNumber(device.deviceName)} - ${device.total}`, `   ${device.headline}`);
  for (const fact of device.facts) lines.push(`   ${line(fact)}`);
  lines.push("");
}

const line = ({ label, value }: Fact): string => `${label}: ${value}`;
