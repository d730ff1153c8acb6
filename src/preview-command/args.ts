/** The command line of `alert-digest preview`, as data. */

import { parseArgs } from "node:util";
import { timezone } from "../config/values.js";

export interface PreviewCommand {
  /** A file, `-` for stdin; undefined: the built-in sample. */
  readonly alerts: string | undefined;
  readonly out: string;
  readonly open: boolean;
  /** What `MAIL_LOCALE` (not looked at here) and `MAIL_TIMEZONE` are taken to be; undefined: as they are set. */
  readonly locale: string | undefined;
  readonly timezone: string | undefined;
}

export type ParsedPreviewArgs =
  | { readonly ok: true; readonly command: PreviewCommand }
  | { readonly ok: false; readonly problem: string };

export const PREVIEW_USAGE = `usage: alert-digest preview [--alerts FILE] [--out DIR] [--open] [--locale LOCALE] [--timezone ZONE]`;

export const PREVIEW_HELP = `${PREVIEW_USAGE}

Shows the mails that alerts would become, without Kafka and without a mail server: as text, as HTML, as the message itself, and on a page that has all
of it as on a phone and on a desktop, light and dark. Everything is made as \`run\` makes it, with your templates.

  --alerts FILE     one alert a line, a JSON object as producers write it; -: standard input [a built-in sample]
  --out DIR         where mail.txt, mail.html, mail.eml and preview.html go, numbered where there are several mails [preview]
  --open            open the page
  --locale LOCALE   instead of MAIL_LOCALE
  --timezone ZONE   instead of MAIL_TIMEZONE

All alerts of a device are one mail (DIGEST_BY=recipient: all alerts), at the times of their occurredAt. With ROUTES_FILE there is one for each language,
time zone and sender that its readers have, and each says who gets it by which route. Of the environment the MAIL_* variables, DIGEST_BY and
ROUTES_FILE are read; none is required. It connects to nothing: recipients that a database has are not shown.

Exit codes: 0 all shown, 1 a line was no alert, a template failed or something could not be read, written or opened, 64 wrong usage, 78 wrong
configuration, also of a template or of the routes.
`;

const OPTIONS = {
  alerts: { type: "string" },
  out: { type: "string" },
  open: { type: "boolean" },
  locale: { type: "string" },
  timezone: { type: "string" },
} as const;

/** `argv` after `preview`. */
export const parsePreviewArgs = (argv: readonly string[]): ParsedPreviewArgs => {
  const { tokens } = parseArgs({ args: [...argv], options: OPTIONS, strict: false, tokens: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") return problem(`preview takes options only, but ${quoted(token.value)} was given`);
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(OPTIONS, token.name)) return problem(`preview: unknown option ${quoted(token.rawName)}`);
    if (given.has(token.name)) return problem(`${token.rawName} is given twice`);
    if (token.name === "open") {
      if (token.value !== undefined) return problem("--open takes no value");
    } else if (!token.value || (!token.inlineValue && token.value.startsWith("-") && token.value !== "-"))
      return problem(`${token.rawName} needs a value`);
    given.set(token.name, token.value ?? "");
  }
  const zone = given.get("timezone");
  const known = zone === undefined ? undefined : timezone.parse(zone);
  if (known?.ok === false) return problem(`--timezone: ${known.problem}; expected ${timezone.expected}`);
  return {
    ok: true,
    command: {
      alerts: given.get("alerts"),
      out: given.get("out") ?? "preview",
      open: given.has("open"),
      locale: given.get("locale"),
      timezone: given.get("timezone"),
    },
  };
};

const problem = (text: string): ParsedPreviewArgs => ({ ok: false, problem: text });

const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
