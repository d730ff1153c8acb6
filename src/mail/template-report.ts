/** A template's failure as a metric, always, and as a log line, at most once a minute for each line of a template. */

import type { Clock } from "../runtime/clock.js";
import { FaultLimiter } from "../runtime/fault-limiter.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";
import type { TemplateFailure } from "./template-part.js";

export function createTemplateReport(deps: {
  readonly metrics: Pick<Metrics, "templateFailed">;
  readonly log: Pick<Logger, "warn">;
  readonly clock: Clock;
}): (failure: TemplateFailure, deviceId: string) => void {
  const limiter = new FaultLimiter(60_000);
  return ({ part, path, line, reason }, deviceId) => {
    deps.metrics.templateFailed(part);
    const admitted = limiter.admit(`${part}:${line}`, deps.clock.now());
    if (admitted === undefined) return;
    const { suppressed } = admitted;
    deps.log.warn(
      { part, path, line, reason, device: deviceId, ...(suppressed > 0 && { suppressed }) },
      "a template failed: this part of the mail is the built-in one",
    );
  };
}
