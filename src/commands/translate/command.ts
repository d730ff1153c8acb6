/** The command line of `alert-digest translate`: its options and its help. */

import { settingsHelp } from "../../config/settings-help.js";
import { command } from "../command.js";
import { readOptions } from "../options.js";

export const TRANSLATE = command({
  name: "translate",
  says: "write other topics' records as alerts keyed by device, exactly once",
  usage: "usage: alert-digest translate",
  help: `Reads the topics of TRANSLATE_FROM, whatever their shape and key, and writes their alerts to KAFKA_ALERTS_TOPIC, keyed
by device, for run to read. What cannot be read goes to KAFKA_DEAD_LETTER_TOPIC. Alerts, dead letters and offsets are
one Kafka transaction: nothing is written twice and nothing is left out. SIGTERM or SIGINT stops it.

${settingsHelp("translate")}

Exit codes: 0 clean stop, 1 fatal error, 64 wrong usage, 78 wrong configuration.
`,
  parse: (argv) => readOptions("translate", {}, argv),
  load: async () => (await import("./main.js")).execute,
});
