/** The failure matrix, as Markdown. */

import type { PhaseResult } from "./phase.js";
import type { TranslationResult } from "./translation.js";

/** Several runs of one fault make one row: sums, and the longest times. */
export function matrix(results: readonly PhaseResult[], titles: ReadonlyMap<string, string>): string {
  const rows = [...groups(results)].map(([fault, runs]) => {
    const sum = (of: (run: PhaseResult) => number): number => runs.reduce((total, run) => total + of(run), 0);
    const most = (of: (run: PhaseResult) => number): string => Math.max(...runs.map(of)).toFixed(1);
    const cells = [
      titles.get(fault) ?? fault,
      sum(({ rounds }) => rounds),
      sum(({ alerts }) => alerts).toLocaleString("en"),
      sum(({ lost }) => lost.length),
      sum(({ repeated }) => repeated.length),
      sum(({ repeatedMails }) => repeatedMails),
      sum(({ repeatedSameId }) => repeatedSameId),
      sum(({ outOfOrder }) => outOfOrder.length),
      most(({ faultSeconds }) => faultSeconds),
      most(({ recoverySeconds }) => recoverySeconds),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| fault | times | alerts | lost | repeated | in mails | same Message-ID | devices out of order | fault lasts, s | usual again after, s |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ...rows,
    "",
  ].join("\n");
}

/** The same of translations. */
export function translationMatrix(results: readonly TranslationResult[], titles: ReadonlyMap<string, string>): string {
  const rows = [...groups(results)].map(([fault, runs]) => {
    const sum = (of: (run: TranslationResult) => number): number => runs.reduce((total, run) => total + of(run), 0);
    const most = (of: (run: TranslationResult) => number): string => Math.max(...runs.map(of)).toFixed(1);
    const cells = [
      titles.get(fault) ?? fault,
      sum(({ rounds }) => rounds),
      sum(({ alerts }) => alerts).toLocaleString("en"),
      sum(({ lost }) => lost.length),
      sum(({ repeated }) => repeated.length),
      sum(({ outOfOrder }) => outOfOrder.length),
      most(({ faultSeconds }) => faultSeconds),
      most(({ recoverySeconds }) => recoverySeconds),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| fault | times | alerts | lost | repeated | devices out of order | fault lasts, s | usual again after, s |",
    "|---|--:|--:|--:|--:|--:|--:|--:|",
    ...rows,
    "",
  ].join("\n");
}

function groups<T extends { readonly fault: string }>(results: readonly T[]): Map<string, T[]> {
  const byFault = new Map<string, T[]>();
  for (const result of results) byFault.set(result.fault, [...(byFault.get(result.fault) ?? []), result]);
  return byFault;
}
