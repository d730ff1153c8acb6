/** The command line of `alert-digest run`: its options and its help. */

import { settingsHelp } from "../../config/settings-help.js";
import { command } from "../command.js";
import { readOptions } from "../options.js";

export const RUN = command({
  name: "run",
  says: "read alerts and send mails until SIGTERM or SIGINT",
  usage: "usage: alert-digest run",
  help: `Reads alerts from Kafka and sends one e-mail per device and window, losing none. SIGTERM or SIGINT stops it: it finishes
the mails in flight, commits, leaves the group and ends. A second signal ends it at once.

${settingsHelp("run")}

Exit codes: 0 clean stop, 1 fatal error, 64 wrong usage, 78 wrong configuration.
`,
  parse: (argv) => readOptions("run", {}, argv),
  load: async () => (await import("./main.js")).execute,
});
