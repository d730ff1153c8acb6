/** The command line of `alert-digest preview`: its options and its help. */

import { namesReadBy } from "../../config/settings-help.js";
import { timezone } from "../../config/values.js";
import { command } from "../command.js";
import { anyText, fail, flag, option, optionLines, paragraph, readOptions, usageOf, withDefault } from "../options.js";

export interface PreviewCommand {
  /** A file, `-` for stdin; undefined: the built-in sample. */
  readonly alerts: string | undefined;
  /** Instead of alerts: records as a topic has them. A file, `-` for stdin. */
  readonly records: string | undefined;
  /** Instead of `MAPPING_FILE`; only with records. */
  readonly mapping: string | undefined;
  readonly out: string;
  readonly open: boolean;
  /** What `MAIL_LOCALE` (not looked at here) and `MAIL_TIMEZONE` are taken to be; undefined: as they are set. */
  readonly locale: string | undefined;
  readonly timezone: string | undefined;
}

const OPTIONS = {
  alerts: option(
    "FILE",
    anyText,
    "one alert a line, a JSON object as producers write it; -: standard input [a built-in sample]",
  ),
  records: option(
    "FILE",
    anyText,
    "one record a line, as the topic has it or as kcat -J prints it, read with RECORD_ENVELOPE and MAPPING_FILE",
  ),
  mapping: option("FILE", anyText, "instead of MAPPING_FILE, with --records"),
  out: withDefault(
    "DIR",
    anyText,
    "preview",
    "where mail.txt, mail.html, mail.eml and preview.html go; numbered where there are several mails",
  ),
  open: flag("open the page"),
  locale: option("LOCALE", anyText, "instead of MAIL_LOCALE"),
  timezone: option("ZONE", timezone, "instead of MAIL_TIMEZONE"),
};

export const PREVIEW = command<PreviewCommand>({
  name: "preview",
  says: "show the mails that alerts would become, with your templates",
  usage: usageOf("usage: alert-digest preview", OPTIONS),
  help: `Shows the mails that alerts would become, without Kafka and without a mail server: as text, as HTML, as the message
itself, and on a page that shows it on a phone and on a desktop, light and dark. It makes everything as run makes it,
with your templates.

${optionLines(OPTIONS)}

All alerts of a device are one mail (with DIGEST_BY=recipient: all alerts), at the times of their occurredAt. With
ROUTES_FILE there is one mail for each language, time zone and sender that its readers have, and each says who gets it
by which route. It connects to nothing: it does not show recipients from a database.

With --records it first says what becomes of each record, and what the mapping found in none of them. A mapping may
make several alerts of a record here, as translate does.

${paragraph(
  `It reads these variables, and none is required: ${namesReadBy("preview").join(", ")}. Exit codes: 0 all shown, 1 a line was no alert or no record that can be read, a template failed or something could not be read, written or opened, 64 wrong usage, 78 wrong configuration, also of a template, of the routes or of the mapping.`,
)}
`,
  parse(argv) {
    const options = readOptions("preview", OPTIONS, argv);
    if (options.records !== undefined && options.alerts !== undefined)
      fail("--alerts and --records are both given: one of them says what is shown");
    if (options.mapping !== undefined && options.records === undefined)
      fail("--mapping needs --records FILE: the records that it is tried on");
    return options;
  },
  load: async () => (await import("./main.js")).execute,
});
