import type { Severity } from "./alert.js";

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
