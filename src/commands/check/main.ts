/** `alert-digest check`: tries what `run` would use, one line each. */

import { type Config, withoutSecrets } from "../../config.js";
import { EXIT, type Surroundings } from "../command.js";
import { wholeConfig } from "../settings.js";
import type { CheckCommand } from "./command.js";
import { checkDatabase } from "./database.js";
import { type Finding, fine, shown } from "./findings.js";
import { checkKafka } from "./kafka.js";
import { checkMail } from "./mail.js";

/** Returns whether all is well. The settings have been read: they are. */
export const runCheck = async (
  { mailTo }: CheckCommand,
  config: Config,
  out: (text: string) => void,
): Promise<boolean> => {
  const redact = withoutSecrets(config.secrets);
  let isWell = true;
  const tell = (finding: Finding): void => {
    if (!finding.ok) isWell = false;
    out(redact(shown(finding)));
  };
  tell(fine("settings", "all can be read"));
  await checkKafka(config.kafka, tell);
  const database = await checkDatabase(config);
  if (database !== undefined) tell(database);
  await checkMail(config, mailTo, tell);
  return isWell;
};

export const execute = async (command: CheckCommand, around: Surroundings): Promise<number> => {
  const all = await wholeConfig(around);
  if (typeof all === "number") return all;
  all.warnings.forEach(around.error);
  return (await runCheck(command, all.config, around.out)) ? EXIT.ok : EXIT.fatal;
};
