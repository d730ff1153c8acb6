import { addFold, emptyFold, fold, type LastWord } from "#src/core/window.js";
import type { FoldedAlerts, ListedAlert } from "#src/runtime/ports.js";
import { foldedAlert } from "#src/runtime/summary.js";

/** Nine seconds into the windows of the mail tests. */
export const FOLDED_SINCE = Date.parse("2026-11-21T00:00:09Z");

/** Alerts that are counted and not listed; all their types fire since `since`, each as bad as the worst of them, unless told. */
export const foldedAlerts = (
  {
    byType = new Map(),
    lastWords = new Map(),
    ...parts
  }: Partial<Omit<FoldedAlerts, "byType">> &
    Pick<FoldedAlerts, "count" | "bySeverity"> & {
      readonly byType?: ReadonlyMap<string, number>;
      readonly lastWords?: ReadonlyMap<string, LastWord>;
    },
  since = FOLDED_SINCE,
): FoldedAlerts => {
  const { otherTypes = 0 } = parts;
  const worst = (["critical", "warning", "info"] as const).find((severity) => parts.bySeverity[severity] > 0) ?? "info";
  const firing: LastWord = { offset: 1_000_000, since, worst, resolvedAt: undefined };
  return {
    byType: new Map([...byType].map(([type, count]) => [type, { count, ...(lastWords.get(type) ?? firing) }])),
    otherTypes,
    resolved: 0,
    late: 0,
    othersFiring: otherTypes > 0 ? { since, worst } : undefined,
    first: since,
    last: since,
    ...parts,
  };
};

/** Both counted. */
export const together = (listed: readonly ListedAlert[], folded: FoldedAlerts): FoldedAlerts => {
  const all = emptyFold();
  for (const one of listed) fold(all, foldedAlert(one), Number.POSITIVE_INFINITY);
  addFold(all, folded, Number.POSITIVE_INFINITY);
  return all;
};

/** Since when types fire of which all is counted here: nothing was before. */
export const beganOfAll = ({ byType }: FoldedAlerts): ReadonlyMap<string, number> =>
  new Map([...byType].flatMap(([type, { since }]) => (since === undefined ? [] : [[type, since]])));
