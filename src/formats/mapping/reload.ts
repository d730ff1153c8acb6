import type { Clock } from "../../runtime/clock.js";
import type { Logger } from "../../runtime/log.js";
import type { Metrics } from "../../runtime/ports.js";
import type { FileReader, LoadedFile } from "../../yaml-file/document.js";
import { loggedErrors, ReloadedFile } from "../../yaml-file/reloaded-file.js";
import type { Mapping } from "./compile.js";
import type { Mappings } from "./mapping-file.js";

/** The mapping of a file that may change. Records from then on are read with the new one; windows keep the alerts that they have. */
export const createReloadedMapping = <T extends Mapping | Mappings>(deps: {
  /** What the file held at the start. */
  readonly loaded: LoadedFile<T>;
  readonly read: (path: string) => Promise<string>;
  readonly reader: FileReader<T>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "mappingReloaded">;
}): ReloadedFile<T> => {
  const { loaded, log, metrics, ...rest } = deps;
  return new ReloadedFile({
    ...rest,
    loaded,
    onChange(result) {
      metrics.mappingReloaded(result.ok ? "reloaded" : "failed");
      if (result.ok) log.info({ file: loaded.path }, "mapping reloaded");
      else
        log.error(
          { file: loaded.path, ...loggedErrors(result.errors, (text) => text) },
          "the changed mapping is not usable: the one from before stays in force",
        );
    },
  });
};
