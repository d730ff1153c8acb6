/** `alert-digest translate`. */

import type { Surroundings } from "../command.js";
import { serve } from "../service.js";
import { translateConfig } from "../settings.js";

export const execute = async (_args: unknown, around: Surroundings): Promise<number | undefined> => {
  const all = await translateConfig(around);
  if (typeof all === "number") return all;
  const { config, mappings, webConfig, warnings } = all;
  return serve(around, config, warnings, async (log, onFatal) => {
    const { createTranslating } = await import("../../app/translating.js");
    return createTranslating({ config, mappings, webConfig, log, build: around.build, onFatal });
  });
};
