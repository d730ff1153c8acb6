/** The processes: utilisation, saturation, errors of CPU, memory, event loop, file descriptors. */

import type { BoardSpec } from "./kit/board.js";
import { graphPanel, tablePanel } from "./kit/panels.js";
import { gauge, other, rate } from "./kit/promql.js";

export const runtime: BoardSpec = {
  uid: "alert-digest-runtime",
  title: "alert-digest: Runtime",
  description: "The processes: CPU, memory, event loop, garbage collection, file descriptors",
  rows: [
    {
      height: 8,
      panels: [
        [
          12,
          graphPanel({
            title: "CPU",
            description:
              "Cores used by each instance. One is the most its event loop can use; compression and garbage collection may add some.",
            unit: "percentunit",
            queries: [{ expr: rate(other("process_cpu_seconds_total")), legend: "{{instance}}" }],
          }),
        ],
        [
          12,
          graphPanel({
            title: "Event loop, p99",
            description:
              "99 % of the delays of the event loop were at most this long (since the last scrape). Above a second heartbeats are late and partitions move.",
            unit: "s",
            queries: [{ expr: other("nodejs_eventloop_lag_p99_seconds"), legend: "{{instance}}" }],
            alerts: ["RebalanceStorm"],
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          12,
          graphPanel({
            title: "Memory",
            description: "Resident memory, the heap in use and memory outside of it (network buffers), by instance.",
            unit: "bytes",
            queries: [
              { expr: other("process_resident_memory_bytes"), legend: "{{instance}} resident" },
              { expr: other("nodejs_heap_size_used_bytes"), legend: "{{instance}} heap" },
              { expr: other("nodejs_external_memory_bytes"), legend: "{{instance}} external" },
            ],
            alerts: ["NearBufferLimit"],
          }),
        ],
        [
          12,
          graphPanel({
            title: "Garbage collection",
            description:
              "Share of the time spent collecting, by kind. Much of kind major with a heap that does not shrink: memory is too small.",
            unit: "percentunit",
            style: "stacked",
            queries: [
              {
                expr: `sum by (instance, kind) (${rate(other("nodejs_gc_duration_seconds_sum"))})`,
                legend: "{{instance}} {{kind}}",
              },
            ],
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          12,
          graphPanel({
            title: "File descriptors",
            description:
              "Open files and sockets of each instance, and the fewest that any may have. A number that only grows is a leak.",
            unit: "short",
            queries: [
              { expr: other("process_open_fds"), legend: "{{instance}}" },
              { expr: `min(${other("process_max_fds")})`, legend: "limit" },
            ],
            limit: "limit",
          }),
        ],
        [
          12,
          tablePanel({
            title: "What runs, and since when",
            description: "Version, revision and Node of each instance, and how long ago its process started.",
            unit: "dtdurations",
            value: "up for",
            hidden: ["job"],
            queries: [
              {
                expr: `(time() - ${other("process_start_time_seconds")}) * on (job, instance) group_left (version, revision, node_version) ${gauge("build_info")}`,
              },
            ],
            alerts: ["Down"],
          }),
        ],
      ],
    },
  ],
};
