/** The command line of `alert-digest check`: its options and its help. */

import { mailbox } from "../../config/mailbox.js";
import { command } from "../command.js";
import { option, optionLines, readOptions, usageOf } from "../options.js";

export interface CheckCommand {
  /** A real mail goes there; undefined: none is sent. */
  readonly mailTo: string | undefined;
}

const OPTIONS = {
  mail: option(
    "ADDRESS",
    { ...mailbox, expected: "one mail address" },
    "send one real mail there, from MAIL_FROM, as a digest looks",
  ),
};

export const CHECK = command<CheckCommand>({
  name: "check",
  says: "try the settings, Kafka and its newest records, the database and the mail server, and commit nothing",
  usage: usageOf("usage: alert-digest check", OPTIONS),
  help: `Tries what run would use: the settings, Kafka with its topics and rights, the schema registry, the recipients database
and the mail server (EHLO, TLS, login). It reads the newest 100 records of the topic on trial and says how many are
alerts, and why others are not. It does not join the group, commits nothing, creates no topic and mails no alert. It
writes one line for each: OK, or WRONG with what is wrong and what to do.

${optionLines(OPTIONS)}

It reads the same variables as run. Exit codes: 0 all is well, 1 something is not, 64 wrong usage, 78 wrong
configuration.
`,
  parse: (argv) => ({ mailTo: readOptions("check", OPTIONS, argv).mail?.address }),
  load: async () => (await import("./main.js")).execute,
});
