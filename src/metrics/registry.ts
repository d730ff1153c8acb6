import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { INVENTORY, type Label, type MetricName, type MetricSpec, type NameOf, PREFIX } from "./inventory.js";

/** The metrics of the inventory in a registry of their own: two apps can live in one process. */
export interface InventoryRegistry {
  readonly registry: Registry;
  gauge(name: NameOf<"gauge">): Gauge<Label>;
  counter(name: NameOf<"counter">): Counter<Label>;
  histogram(name: NameOf<"histogram">): Histogram<Label>;
}

/** `promtool check metrics` refuses these: gauges whose names end in `_total`. */
const IMPROPER = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

export const createRegistry = (withProcessMetrics: boolean): InventoryRegistry => {
  const registry = new Registry();
  for (const [name, spec] of Object.entries<MetricSpec>(INVENTORY)) {
    const options = { name: PREFIX + name, help: spec.help, labelNames: [...spec.labels], registers: [registry] };
    if (spec.type === "gauge") new Gauge(options);
    else if (spec.type === "counter") new Counter(options);
    else new Histogram({ ...options, buckets: [...(spec.buckets ?? [])] });
  }
  if (withProcessMetrics) {
    collectDefaultMetrics({ register: registry });
    for (const name of IMPROPER) registry.removeSingleMetric(name);
  }
  const get = (name: MetricName): unknown => registry.getSingleMetric(PREFIX + name);
  // What was put in under a name comes out under it: the loop above reads the same table as the types do.
  return {
    registry,
    gauge: (name) => get(name) as Gauge<Label>,
    counter: (name) => get(name) as Counter<Label>,
    histogram: (name) => get(name) as Histogram<Label>,
  };
};
