/** An alert as producers write it, decoded and checked. Field meanings: README, "The alert record". */

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A severity at or above another. */
export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

export const STATUSES = ["firing", "resolved"] as const;
export type Status = (typeof STATUSES)[number];

/** When the device saw it, in milliseconds; undefined where it does not say so with a time zone. */
export function occurredMs(occurredAt: string | undefined): number | undefined {
  if (occurredAt === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d:?\d\d)$/i.test(occurredAt))
    return undefined;
  const at = Date.parse(occurredAt);
  // Years that no clock of a device means, and that no mail can show.
  return at >= 0 && at < YEAR_9999 ? at : undefined;
}

const YEAR_9999 = Date.UTC(9999, 0);

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
