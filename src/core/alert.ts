/** An alert as producers write it, decoded and checked. Field meanings: README, "The alert record". */

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A severity at or above another. */
export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

export const STATUSES = ["firing", "resolved"] as const;
export type Status = (typeof STATUSES)[number];

export interface Alert {
  readonly deviceId: string;
  readonly message: string;
  readonly deviceName?: string | undefined;
  readonly severity: Severity;
  readonly status: Status;
  readonly type?: string | undefined;
  readonly value?: number | undefined;
  readonly threshold?: number | undefined;
  readonly unit?: string | undefined;
  /** ISO 8601, as the producer wrote it. */
  readonly occurredAt?: string | undefined;
  readonly alertId?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}
