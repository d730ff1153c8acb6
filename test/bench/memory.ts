/** (b) What a buffered alert costs, against the same alerts as parsed objects. */

import { ALERT_BYTES } from "./alerts.js";
import { runChild } from "./child.js";
import type { BenchContext, PartReport } from "./report.js";
import { median } from "./stats.js";

export interface MemoryJob {
  readonly contestant: "objects" | "product";
  readonly alerts: number;
  /** One a device. */
  readonly windows: number;
}

/** Bytes per alert, everything that holds them included: windows, maps, offsets. */
export interface MemoryResult {
  readonly heapAndExternal: number;
  readonly rss: number;
  /** What the product itself says it holds (`buffered_bytes`). */
  readonly ownEstimate: number;
}

const ALERTS_A_WINDOW = 5;
/** Memory hardly varies between runs. */
const ROUNDS_MAX = 2;

export async function benchMemory({ options, signal, say }: BenchContext): Promise<PartReport> {
  const windows = Math.max(1, Math.floor(options.alerts / ALERTS_A_WINDOW));
  const alerts = windows * ALERTS_A_WINDOW;
  const runs: Record<MemoryJob["contestant"], MemoryResult[]> = { objects: [], product: [] };
  for (let round = 1; round <= Math.min(options.rounds, ROUNDS_MAX); round++) {
    for (const contestant of ["objects", "product"] as const) {
      const job: MemoryJob = { contestant, alerts, windows };
      const result = await runChild<MemoryJob, MemoryResult>("memory-child.js", job, signal);
      runs[contestant].push(result);
      say(`b  round ${round} ${contestant}: ${Math.round(result.heapAndExternal)} bytes an alert`);
    }
  }
  const bytes = (of: MemoryJob["contestant"], field: keyof MemoryResult) =>
    median(runs[of].map((result) => result[field]));
  const row = (name: string, of: MemoryJob["contestant"]) => ({
    name,
    figures: { "heap + external": Math.round(bytes(of, "heapAndExternal")), RSS: Math.round(bytes(of, "rss")) },
  });
  return {
    part: "b",
    title: `bytes per buffered alert of ${ALERT_BYTES} bytes, ${alerts} alerts in ${windows} windows`,
    how: "Growth of the process after forced collections, divided by the alerts; each window is another device's.",
    rows: [row("parsed objects in a Map", "objects"), row("alert-digest", "product")],
    ratios: [
      {
        name: "of an alert's own size",
        value: bytes("product", "heapAndExternal") / ALERT_BYTES,
        aim: { atMost: 1.15 },
      },
      { name: "of its own size, RSS", value: bytes("product", "rss") / ALERT_BYTES, aim: { atMost: 1.35 } },
      {
        name: "of parsed objects",
        value: bytes("product", "heapAndExternal") / bytes("objects", "heapAndExternal"),
      },
      {
        name: "buffered_bytes (its own estimate) of what is measured",
        value: bytes("product", "ownEstimate") / bytes("product", "heapAndExternal"),
      },
    ],
    raw: runs,
  };
}
