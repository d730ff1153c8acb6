/** PromQL from the inventory: a metric that does not exist, or of another type, does not compile. */

import { INVENTORY, type MetricName, type NameOf } from "#src/metrics/inventory.js";
import { type MetricSpec, PREFIX } from "#src/metrics/metric-spec.js";

/** What the variables of the boards choose, by the labels that a metric has. */
const chosenBy = (labels: readonly string[]): string[] => [
  'job=~"$job"',
  ...(labels.includes("topic") ? ['topic=~"$topic"'] : []),
  ...(labels.includes("group") ? ['group=~"$group"'] : []),
];

const selector = (name: MetricName, suffix: string, matchers: readonly string[]): string => {
  const { labels }: MetricSpec = INVENTORY[name];
  return `${PREFIX}${name}${suffix}{${[...chosenBy(labels), ...matchers].join(",")}}`;
};

export const gauge = (name: NameOf<"gauge">, ...matchers: string[]): string => selector(name, "", matchers);
export const counter = (name: NameOf<"counter">, ...matchers: string[]): string => selector(name, "", matchers);
export const bucket = (name: NameOf<"histogram">, ...matchers: string[]): string => selector(name, "_bucket", matchers);
export const count = (name: NameOf<"histogram">, ...matchers: string[]): string => selector(name, "_count", matchers);

/** Metrics of Node itself and of Prometheus, which are not in the inventory. */
export const other = (name: string): string => `${name}{job=~"$job"}`;

export const rate = (series: string): string => `rate(${series}[$__rate_interval])`;

/** How many in each point of the graph. */
export const increase = (series: string): string => `increase(${series}[$__rate_interval])`;

/** Prometheus 2 writes the bound `10`, Prometheus 3 `10.0`. */
export const LE_10 = 'le=~"10(\\\\.0)?"';

/** Several instances may know the same partition for a moment: the most is right, the sum never. */
export const byPartition = (series: string): string => `max by (topic, partition) (${series})`;

export const quantile = (q: number, name: NameOf<"histogram">, by: readonly string[] = []): string =>
  `histogram_quantile(${q}, sum by (${[...by, "le"].join(", ")}) (${rate(bucket(name))}))`;

/** Events by label, those only that there were; one series of zeros named "none" while there was none. */
export const seen = (expression: string, label: string): string =>
  `(${expression} > 0) or on () label_replace(vector(0), "${label}", "none", "", "")`;
