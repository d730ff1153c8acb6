/** Reads a topic once and reports how long it took from the first records to the last. */

import { reportToParent } from "./child.js";
import { createStopwatch } from "./stopwatch.js";
import type { ThroughputJob, ThroughputResult } from "./throughput.js";

await reportToParent(async (job: ThroughputJob): Promise<ThroughputResult> => {
  const stopwatch = createStopwatch(job.records);
  if (job.contestant === "product") {
    const { consumeAsProduct } = await import("./product-consumer.js");
    await consumeAsProduct(job, stopwatch);
  } else if (job.contestant === "windows") {
    const { consumeIntoMap } = await import("./window-map.js");
    await consumeIntoMap(job, stopwatch);
  } else {
    const { consumeBare } = await import("./bare-consumer.js");
    await consumeBare(job, stopwatch);
  }
  return stopwatch.finished;
});
