import { type AsWritten, WRITTEN_FIELDS } from "../core/alert.js";
import type { WallTime } from "../core/time.js";
import { FaultLimiter } from "./fault-limiter.js";
import type { Logger } from "./log.js";

/** An alert of which something could not be read. */
export interface UnreadFields {
  readonly partition: number;
  readonly offset: number;
  readonly asWritten: AsWritten;
}

export type OnUnread = (unread: UnreadFields, now: WallTime) => void;

/**
 * Says in the log which field of which record could not be read: once a minute for each field and partition, for nobody knows who wrote it. What a label
 * says is not for the log.
 */
export const unreadLog = (log: Pick<Logger, "warn">): OnUnread => {
  const limiter = new FaultLimiter(LINE_EVERY_MS, KINDS_MAX);
  return ({ partition, offset, asWritten }, now) => {
    for (const field of WRITTEN_FIELDS) {
      const written = asWritten[field];
      const line = written === undefined ? undefined : limiter.admit(`${partition}/${field}`, now);
      if (line === undefined) continue;
      log.warn(
        { partition, offset, field, ...(field !== "labels" && { written }), ...line },
        "a field of an alert could not be read: the mail shows it as it was written",
      );
    }
  };
};

const LINE_EVERY_MS = 60_000;
const KINDS_MAX = 10_000;
