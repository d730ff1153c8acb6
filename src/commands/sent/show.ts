import type { SentMailRecord, SentMutedRecord, SentRecord, SentReportRecord } from "../../kafka/sent-record-parser.js";
import { printable, terminalSafeJson } from "../printable.js";
import { type FoundMail, messageIdsOf } from "./filter.js";

/** A block for people; nothing a terminal would obey. `group`: the usual one, not worth a line. */
export const block = ({ record }: FoundMail, group: string): string => {
  const { head, facts } =
    record.kind === "mail" ? ofMail(record) : record.kind === "muted" ? ofMuted(record) : ofReport(record);
  const lines: [string, string][] = [
    ...facts,
    ...told(record),
    ...record.failed.slice(0, LISTED_MAX).map((failed): [string, string] => ["not told", notTold(failed)]),
    ...(record.failed.length > LISTED_MAX
      ? [["", `and ${record.failed.length - LISTED_MAX} more who were not told`] as [string, string]]
      : []),
    ...(record.recipientsNotListed === undefined
      ? []
      : [["", `${record.recipientsNotListed} more recipients are not on record`] as [string, string]]),
    ...(record.kind === "muted" ? [] : sending(record)),
    ...messageIdsOf(record).map((id, index): [string, string] => [index === 0 ? "Message-ID" : "", id]),
    ...(record.group === group ? [] : [["group", record.group] as [string, string]]),
  ];
  const text = lines.map(([name, value]) => `  ${name.padEnd(WIDTH)}  ${printable(value)}\n`).join("");
  return `${iso(record.at)}  ${outcomeOf(record)}  ${printable(head)}\n${text}`;
};

/** One JSON object, with its line's end: the record with its instants as text again, and where it is. */
export const jsonLine = ({ partition, offset, record }: FoundMail): string => {
  const times =
    record.kind === "mail"
      ? { window: record.window.map(iso) }
      : record.kind === "muted"
        ? { times: record.times.map(iso) }
        : { period: record.period.map(iso) };
  return `${terminalSafeJson(JSON.stringify({ ...record, ...times, at: iso(record.at), record: { partition, offset } }))}\n`;
};

interface Parts {
  readonly head: string;
  readonly facts: readonly [string, string][];
}

const countsOf = ({ alerts, severities }: SentMailRecord | SentMutedRecord): [string, string] => {
  const counts = (["critical", "warning", "info"] as const)
    .filter((severity) => severities[severity] > 0)
    .map((severity) => `${severity} ${severities[severity]}`);
  return ["alerts", `${alerts}${counts.length > 0 ? `: ${counts.join(", ")}` : ""}`];
};

const deviceOf = ({ device, deviceName }: SentMailRecord | SentMutedRecord): string =>
  deviceName === undefined || deviceName === device ? device : `${device} (${deviceName})`;

const ofMuted = (record: SentMutedRecord): Parts => {
  const { how, route, times, topic, partition, offsets } = record;
  const said = how === "mute" ? "mute: true" : "only: report";
  return {
    head: deviceOf(record),
    facts: [
      countsOf(record),
      ["muted by", `route ${route.number}${route.name === undefined ? "" : ` (${route.name})`}, ${said}`],
      ["times", `${iso(times[0])} to ${iso(times[1])}`],
      ["source", `${topic}/${partition}/${offsets[0]}-${offsets[1]}, and others between them`],
    ],
  };
};

const sending = (record: SentMailRecord | SentReportRecord): readonly [string, string][] => [
  ["server", record.reply === "" ? "(no reply)" : record.reply],
  ["took", took(record)],
];

const ofMail = (record: SentMailRecord): Parts => {
  const { window, windowCount, part, topic, partition, offsets, devices } = record;
  const windows = windowCount > 1 ? ` (${windowCount} windows)` : "";
  const told =
    part === undefined ? "" : part === "early" ? " (early: an urgent alert)" : " (what followed an early mail)";
  return {
    head: deviceOf(record),
    facts: [
      countsOf(record),
      ["window", `${iso(window[0])} to ${iso(window[1])}${windows}${told}`],
      ["source", `${topic}/${partition}/${offsets[0]}-${offsets[1]}`],
      ...(devices > 1 ? [["shared", `one mail for ${devices} devices`] as [string, string]] : []),
    ],
  };
};

const ofReport = ({ day, period, alerts }: SentReportRecord): Parts => ({
  head: `daily report ${day}`,
  facts: [
    ["alerts", String(alerts)],
    ["period", `${iso(period[0])} to ${iso(period[1])}`],
  ],
});

/** Who has it, and who is presumed to. */
const told = ({ recipients, presumed = [] }: SentRecord): readonly [string, string][] => {
  const certain = recipients.filter((address) => !presumed.includes(address));
  return [
    ...(certain.length > 0 ? [["told", listed(certain)] as [string, string]] : []),
    ...(presumed.length > 0 ? [["presumed", listed(presumed)] as [string, string]] : []),
  ];
};

const outcomeOf = ({ outcome, failed }: SentRecord): string => {
  if (outcome === "muted") return "muted, nobody was mailed";
  if (outcome === "dead_lettered") return "NOT DELIVERED";
  if (outcome === "presumed") return "PRESUMED DELIVERED, the server never answered";
  return failed.length > 0 ? "accepted, not for everybody" : "accepted";
};

const notTold = ({ recipient, reason, phase, reply, detail }: SentRecord["failed"][number]): string =>
  `${recipient}: ${reply || detail || "no reply"} (${reason} at ${phase})`;

const took = (record: SentMailRecord | SentReportRecord): string => {
  const attempts = `${record.attempts} ${record.attempts === 1 ? "attempt" : "attempts"}`;
  if (record.kind === "report") return attempts;
  const last = record.latencySeconds === undefined ? "" : `, the last took ${record.latencySeconds} s`;
  return `${attempts}${last}; through ${record.windowEndToMailSeconds} s after the window's end`;
};

const listed = (addresses: readonly string[]): string => {
  const more = addresses.length - LISTED_MAX;
  return `${addresses.slice(0, LISTED_MAX).join(", ")}${more > 0 ? ` and ${more} more (--json has all)` : ""}`;
};

const iso = (ms: number): string => new Date(ms).toISOString();
const LISTED_MAX = 20;
const WIDTH = "Message-ID".length;
