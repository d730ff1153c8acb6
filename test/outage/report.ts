/** What docs/failure-matrix.md says of the outage, as Markdown. */

import type { OutageResult } from "./outage.js";

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
