/** What a metric is: its type, its labels, what it says. */

/** Labels come from closed sets only: never a device, a recipient or a message. */
export type Label =
  | "topic"
  | "group"
  | "partition"
  | "outcome"
  | "reason"
  | "state"
  | "stage"
  | "severity"
  | "field"
  | "version"
  | "revision"
  | "node_version";

export interface MetricSpec {
  readonly type: "gauge" | "counter" | "histogram";
  readonly labels: readonly Label[];
  readonly help: string;
  /** Upper bounds of a histogram, without +Inf. */
  readonly buckets?: readonly number[];
}

/** A list of metrics, by name without the prefix. */
export type Inventory = Readonly<Record<string, MetricSpec>>;

export const PREFIX = "alert_digest_";
