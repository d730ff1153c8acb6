/** What README says of the outage, as Markdown. */

import type { OutageResult } from "./outage.js";

const BEGIN = "<!-- outage:begin -->";
const END = "<!-- outage:end -->";

const MEGABYTE = 1024 * 1024;
const whole = (value: number): string => Math.round(value).toLocaleString("en");
const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(0);

export function rowOf({ catchUp, alerts, account, peaks, limits, idleRss, realTime, overflows }: OutageResult): string {
  const cells = [
    `\`${catchUp}\`${realTime ? ", in real time" : ""}`,
    whole(alerts),
    whole(account.mails),
    account.lost,
    account.repeated,
    account.outOfOrder + account.windowsOutOfOrder,
    overflows,
    `${whole(peaks.alerts)} of ${whole(limits.alerts)}`,
    `${megabytes(peaks.bytes)} of ${megabytes(limits.bytes)}`,
    `${megabytes(peaks.rss)} (idle ${megabytes(idleRss)})`,
  ];
  return `| ${cells.join(" | ")} |`;
}

export function table(results: readonly OutageResult[]): string {
  return [
    "| `CATCH_UP` | alerts | mails | lost | repeated | out of order | checkpoints cut short | most alerts in memory | buffer, MB | resident, MB |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ...results.map(rowOf),
    "",
  ].join("\n");
}

/** The text with what stands between the marks replaced; undefined when it has no marks. */
export function intoReadme(readme: string, section: string): string | undefined {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) return undefined;
  return `${readme.slice(0, from + BEGIN.length)}\n${section}${readme.slice(to)}`;
}
