/** `alert-digest run`: the consumer. */

import type { Surroundings } from "../command.js";
import { serve } from "../service.js";
import { wholeConfig } from "../settings.js";

export const execute = async (_args: unknown, around: Surroundings): Promise<number | undefined> => {
  const all = await wholeConfig(around);
  if (typeof all === "number") return all;
  const { config, routes, mapping, webConfig, warnings } = all;
  return serve(around, config, warnings, async (log, onFatal) => {
    const { createApp } = await import("../../app.js");
    return createApp({ config, log, build: around.build, routes, mapping, webConfig, onFatal });
  });
};
