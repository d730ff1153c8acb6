/** The command line of `alert-digest check`, as data. */

import { mailbox } from "../config/mailbox.js";
import { fail, parsed, quoted, splitOptions } from "../dead-letter-commands/options.js";

export interface CheckCommand {
  /** A real mail goes there; undefined: none is sent. */
  readonly mailTo: string | undefined;
}

export type ParsedCheckArgs =
  | { readonly ok: true; readonly command: CheckCommand }
  | { readonly ok: false; readonly problem: string };

export const CHECK_USAGE = "usage: alert-digest check [--mail ADDRESS]";

export const CHECK_HELP = `${CHECK_USAGE}

Tries what run would use, and consumes nothing: the settings, Kafka with its topics and rights, the recipients database
and the mail server (EHLO, TLS, login). One line each: OK, or WRONG with what is wrong and what to do. It does not join
the group, commits nothing and creates no topic.

  --mail ADDRESS         send one real mail there, from MAIL_FROM, as a digest looks

The same environment as for run. Exit codes: 0 all is well, 1 something is not, 64 wrong usage, 78 wrong configuration.
`;

/** `argv` after `check`. */
export const parseCheckArgs = (argv: readonly string[]): ParsedCheckArgs =>
  parsed(() => {
    const { options, positionals } = splitOptions("check", argv, { known: ["mail"], texts: ["mail"] });
    const [first] = positionals;
    if (first !== undefined) return fail(`check takes no argument, but ${quoted(first)} was given`);
    const text = options.get("mail");
    if (text === undefined) return { mailTo: undefined };
    const address = mailbox.parse(text);
    return address.ok ? { mailTo: address.value.address } : fail(`--mail ${quoted(text)}: expected one mail address`);
  });
