import { createHash } from "node:crypto";
import type { GroupStatus, InstanceStatus } from "./status.js";

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1c2024; background: #fff }
h1 { font-size: 1.3rem } .ok { color: #18794e } .bad { color: #c62a2f; font-weight: 600 }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: 600; padding-top: 1rem }
th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid #d7dbdf } th:first-child, td:first-child { text-align: left }
@media (prefers-color-scheme: dark) { body { color: #ecedee; background: #151718 } .ok { color: #4cc38a } .bad { color: #ff6369 } th, td { border-color: #3a3f42 } }
`;

/** For the content security policy: this style sheet and nothing else. */
export const STYLE_HASH = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;

/** The status as a page that needs no script and refreshes itself. */
export const renderPage = (status: GroupStatus): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>alert-digest</title>
<style>${STYLE}</style>
</head>
<body>
<h1>alert-digest: ${escaped(status.group)}</h1>
<p>${escaped(status.time)}</p>
${status.instances.map((instance) => instanceHtml(instance, status.partitionCount)).join("")}
<p><a href="/metrics">metrics</a> · <a href="/api/status">status as JSON</a></p>
</body>
</html>
`;

const verdict = (what: string, reason: string | null): string =>
  reason === null ? `<span class="ok">${what}</span>` : `<span class="bad">not ${what}: ${escaped(reason)}</span>`;

const instanceHtml = (instance: InstanceStatus, partitionCount: number): string => {
  const { smtp, windows, buffers } = instance;
  const facts: readonly (readonly [string, string])[] = [
    ["Windows open", String(windows.open)],
    ["Windows closed, mail not settled", String(windows.pending)],
    ["Oldest of them ended", `${seconds(windows.oldestPendingAgeSeconds)} ago`],
    ["Alerts in memory", `${buffers.alerts} (${buffers.bytes} bytes)`],
    ["SMTP connections", `${smtp.busy} busy, ${smtp.idle} idle, at most ${smtp.max}`],
    ["SMTP server", smtp.circuitOpen ? "unreachable, being probed" : "no fault known"],
    ["Last fetch", ago(instance.lastPollAgeSeconds)],
    ["Last commit", ago(instance.lastCommitAgeSeconds)],
  ];
  const partitions = instance.partitions.map((partition) => [
    String(partition.partition),
    shown(partition.endOffset),
    shown(partition.committedOffset),
    shown(partition.lagRecords),
    seconds(partition.lagSeconds),
    partition.paused.join(", "),
  ]);
  return `<h2>${escaped(instance.instanceId)} ${escaped(instance.version)}</h2>
<p>${verdict("alive", instance.notAlive)} · ${verdict("ready", instance.notReady)} · heard ${seconds(instance.ageSeconds)} ago</p>
<table><caption>Now</caption>${facts.map(row).join("")}</table>
<table><caption>Partitions: ${instance.partitions.length} of ${partitionCount} are here</caption>
<thead><tr><th>partition</th><th>end</th><th>committed</th><th>lag</th><th>oldest unsettled</th><th>paused</th></tr></thead>
<tbody>${partitions.map(row).join("")}</tbody></table>`;
};

const row = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>\n`;
const shown = (value: number | null): string => (value === null ? "?" : String(value));
const seconds = (value: number): string => `${value.toFixed(1)} s`;
const ago = (value: number | null): string => (value === null ? "never" : `${seconds(value)} ago`);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
