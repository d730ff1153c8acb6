import type { PendingMail } from "./partition-types.js";

/**
 * Passed mails of one device as one, for a recipient that is behind with all of them: for its contents, its offsets and who has it. Each of them is
 * settled, and told of, by its own ID. `mails` as they were passed.
 */
export const mergePending = (mails: readonly PendingMail[]): PendingMail => {
  const [first, ...others] = mails;
  if (first === undefined) throw new Error("no mail to merge");
  if (others.length === 0) return first;
  if (others.some(({ deviceId }) => deviceId !== first.deviceId)) throw new Error("mails of several devices");
  return {
    id: first.id,
    deviceId: first.deviceId,
    windows: mails.flatMap(({ windows }) => windows),
    critical: mails.some(({ critical }) => critical),
    // How many of them were waiting is known to nobody else.
    commitFirst: true,
    ofSeveral: true,
    isFollowUp: mails.every(({ isFollowUp }) => isFollowUp),
  };
};
