import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { INVENTORY, type NameOf } from "./inventory.js";
import { type Inventory, type Label, PREFIX } from "./metric-spec.js";

/** The metrics of an inventory in a registry of their own: two apps can live in one process. */
export interface InventoryRegistry<I extends Inventory = typeof INVENTORY> {
  readonly registry: Registry;
  gauge(name: NameOf<"gauge", I>): Gauge<Label>;
  counter(name: NameOf<"counter", I>): Counter<Label>;
  histogram(name: NameOf<"histogram", I>): Histogram<Label>;
}

/** `promtool check metrics` refuses these: gauges whose names end in `_total`. */
const IMPROPER = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

export const createRegistry = (withProcessMetrics: boolean): InventoryRegistry =>
  createRegistryOf(INVENTORY, withProcessMetrics);

export const createRegistryOf = <I extends Inventory>(
  inventory: I,
  withProcessMetrics: boolean,
): InventoryRegistry<I> => {
  const registry = new Registry();
  for (const [name, spec] of Object.entries(inventory)) {
    const options = { name: PREFIX + name, help: spec.help, labelNames: [...spec.labels], registers: [registry] };
    if (spec.type === "gauge") new Gauge(options);
    else if (spec.type === "counter") new Counter(options);
    else new Histogram({ ...options, buckets: [...(spec.buckets ?? [])] });
  }
  if (withProcessMetrics) {
    collectDefaultMetrics({ register: registry });
    for (const name of IMPROPER) registry.removeSingleMetric(name);
  }
  const get = (name: string): unknown => registry.getSingleMetric(PREFIX + name);
  // What was put in under a name comes out under it: the loop above reads the same table as the types do.
  return {
    registry,
    gauge: (name) => get(name) as Gauge<Label>,
    counter: (name) => get(name) as Counter<Label>,
    histogram: (name) => get(name) as Histogram<Label>,
  };
};
