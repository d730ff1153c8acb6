import { SEVERITIES, type Severity } from "./alert.js";

/** One type of one device, from its first firing alert on: to the one that resolved it, or as long as it fires. Times in whole seconds since 1970. */
export interface Fault extends DeviceHashes {
  /** See `typeWord`. */
  readonly type: number;
  /** When its first alert was seen; undefined: it may have begun before what is known. */
  readonly began: number | undefined;
  /** The offset of its first alert, or of any after it below which nobody asks. */
  readonly from: number;
  /** The offset of its last alert. */
  readonly last: number;
  /** The offset of the alert that ended it: it resolved it, or began anew after a silence. `FIRES`: none did. */
  readonly overAt: number;
  /** The highest event time of its alerts. */
  readonly heard: number;
  readonly worst: Severity;
  /** The worst of which somebody is mailed; once it is over, defined where somebody is mailed of that. Undefined: nobody is of anything so far. */
  readonly told: Severity | undefined;
}

export const FIRES = Number.POSITIVE_INFINITY;

/** A device by its ID's `hash32` and `hash16`: 48 bits tell the devices of a partition apart, and a checkpoint has no room for names. */
export interface DeviceHashes {
  readonly hash: number;
  readonly more: number;
}

/** Of the severity of an alert, as `worstOf` has it; `UNTOLD` of none. */
export const rankOf = (severity: Severity | undefined): number =>
  severity === undefined ? UNTOLD : SEVERITIES.indexOf(severity);

export const UNTOLD = SEVERITIES.length;

/** A type that fires. */
export interface Firing {
  /** See `typeWord`. */
  readonly type: number;
  readonly worst: Severity;
  /** When it began, in milliseconds, to the second; undefined: not known. */
  readonly since: number | undefined;
  /** The offset of its last alert so far. */
  readonly last: number;
}
