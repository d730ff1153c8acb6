/** `alert-digest check`: tries what `run` would use, one line each. */

import type { Config } from "../../config.js";
import { withoutSecrets } from "../../core/secret-text.js";
import type { Mapping } from "../../formats/mapping/compile.js";
import type { LoadedFile } from "../../yaml-file/document.js";
import { EXIT, type Surroundings } from "../command.js";
import { wholeConfig } from "../settings.js";
import type { CheckCommand } from "./command.js";
import { checkDatabase } from "./database.js";
import { type Finding, fine, shown } from "./findings.js";
import { checkKafka } from "./kafka.js";
import { checkMail } from "./mail.js";
import { checkRecords } from "./records.js";
import { checkSchemaRegistry } from "./schema-registry.js";

/** Returns whether all is well. The settings have been read: they are. */
const runCheck = async (
  { mailTo }: CheckCommand,
  config: Config,
  /** What `MAPPING_FILE` holds; undefined: it is not set. */
  mapping: LoadedFile<Mapping> | undefined,
  out: (text: string) => void,
): Promise<boolean> => {
  const redact = withoutSecrets(config.secrets);
  let isWell = true;
  const tell = (finding: Finding): void => {
    if (!finding.ok) isWell = false;
    out(redact(shown(finding)));
  };
  tell(fine("settings", "all can be read"));
  if (mapping !== undefined) {
    const fields = mapping.value.fields.map(([field]) => field).join(", ");
    tell(fine("mapping", `${mapping.path} for ${config.kafka.alertsTopic}: ${fields}`));
  }
  const isReadable = await checkKafka(config.kafka, tell);
  const registry = await checkSchemaRegistry(config);
  if (registry !== undefined) tell(registry);
  if (isReadable && registry?.ok !== false) tell(await checkRecords(config, mapping?.value));
  const database = await checkDatabase(config);
  if (database !== undefined) tell(database);
  await checkMail(config, mailTo, tell);
  return isWell;
};

export const execute = async (command: CheckCommand, around: Surroundings): Promise<number> => {
  const all = await wholeConfig(around);
  if (typeof all === "number") return all;
  all.warnings.forEach(around.error);
  return (await runCheck(command, all.config, all.mapping, around.out)) ? EXIT.ok : EXIT.fatal;
};
