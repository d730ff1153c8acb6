import type { Digest, FleetDigest } from "#src/runtime/ports.js";
import { summaryOf } from "#src/runtime/summary.js";
import { digest } from "./digest.js";

/** A fleet of these digests, which come as they are to be shown. */
export function fleet(digests: readonly Digest[], parts: Partial<FleetDigest> = {}): FleetDigest {
  const [first = digest()] = digests;
  return {
    topic: first.topic,
    windowStart: first.windowStart,
    windowEnd: first.windowEnd,
    devices: digests.map((each) => ({ digest: { ...each, listed: [] }, summary: summaryOf(each) })),
    count: digests.reduce((sum, { count }) => sum + count, 0),
    reason: "storm",
    ...parts,
  };
}
