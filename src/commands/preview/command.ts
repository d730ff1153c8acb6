/** The command line of `alert-digest preview`: its options and its help. */

import { namesReadBy } from "../../config/settings-help.js";
import { timezone } from "../../config/values.js";
import { command } from "../command.js";
import { anyText, flag, option, optionLines, paragraph, readOptions, usageOf, withDefault } from "../options.js";

export interface PreviewCommand {
  /** A file, `-` for stdin; undefined: the built-in sample. */
  readonly alerts: string | undefined;
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

${paragraph(
  `It reads these variables, and none is required: ${namesReadBy("preview").join(", ")}. Exit codes: 0 all shown, 1 a line was no alert, a template failed or something could not be read, written or opened, 64 wrong usage, 78 wrong configuration, also of a template or of the routes.`,
)}
`,
  parse: (argv) => readOptions("preview", OPTIONS, argv),
  load: async () => (await import("./main.js")).execute,
});
