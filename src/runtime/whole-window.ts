/** Whether a mail gets its whole window as a file, and where that comes from: the digest itself, or, where alerts were folded, the alerts topic. */

import type { MailJob } from "./mail-job.js";
import type { Attachment, Digest, MailContent, WindowArchive } from "./ports.js";

export interface WholeWindowOptions {
  /** `MAIL_CSV`. */
  readonly mode: "folded" | "always" | "never";
  /** `MAIL_MAX_SIZE`: more would not fit anyway. */
  readonly maxBytes: number;
}

/** Asked before each attempt; undefined: this mail has no file. A mail of several devices has none. At once where nothing is read, as nearly always. Never rejects. */
export const createWholeWindow =
  (archive: WindowArchive, { mode, maxBytes }: WholeWindowOptions) =>
  (
    content: MailContent,
    job: Pick<MailJob, "offsetRuns" | "epochOf">,
  ): Attachment | undefined | Promise<Attachment> => {
    if (mode === "never" || "devices" in content) return undefined;
    // They may be of hours: news is not to wait while they are read again, and nobody misses what was not new.
    if (mode === "folded" && (content.repeats ?? 0) > 0 && content.mayBeNews !== true) return undefined;
    if (content.folded === undefined)
      return mode === "always" ? { alerts: content.listed, unread: 0, beyond: 0 } : undefined;
    return readAgain(content, job, archive, maxBytes);
  };

const readAgain = async (
  { partition, deviceId, windowEnd, listed }: Digest,
  job: Pick<MailJob, "offsetRuns" | "epochOf">,
  archive: WindowArchive,
  maxBytes: number,
): Promise<Attachment> => {
  const runs = withoutListed(job.offsetRuns(), listed);
  const epochOf = (offset: number): number | undefined => job.epochOf?.(offset);
  const read = await archive.read({ partition, runs, deviceId, windowEnd, maxBytes, epochOf });
  const alerts = [...listed, ...read.alerts].sort((a, b) => a.offset - b.offset);
  return { alerts, unread: read.missing, beyond: read.beyond };
};

/** The digest has these itself, and knows more of them. Both ascending. */
const withoutListed = (runs: ReturnType<MailJob["offsetRuns"]>, listed: Digest["listed"]): [number, number][] => {
  const rest: [number, number][] = [];
  let at = 0;
  for (const [first, last] of runs) {
    let from = first;
    for (; at < listed.length; at++) {
      const offset = listed[at]?.offset ?? last + 1;
      if (offset > last) break;
      if (offset > from) rest.push([from, offset - 1]);
      from = Math.max(from, offset + 1);
    }
    if (from <= last) rest.push([from, last]);
  }
  return rest;
};
