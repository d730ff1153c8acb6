import type { Mailbox } from "../runtime/ports.js";
import { DKIM_KEY, dkimKeyProblem } from "./dkim-key.js";
import { shown } from "./errors.js";
import { address, mailbox } from "./mailbox.js";
import type { EnvReader } from "./reader.js";
import { type CheckTemplates, type Config, type Dkim, MAIL_CSV_MODES, MAIL_SUBJECTS } from "./shape.js";
import { flag, integer, listOf, oneOf, parsed, size, timezone, type ValueParser, wrong } from "./values.js";

export interface MailReading {
  /** Those that mails can be written in. */
  readonly locales: readonly string[];
  readonly checkTemplates?: CheckTemplates | undefined;
  /** The sender where `MAIL_FROM` is not required. */
  readonly sender?: Mailbox;
  /** More are added. */
  readonly warnings: string[];
}

export const readMail = (reader: EnvReader, reading: MailReading): Config["mail"] | undefined => {
  const { locales, warnings, sender } = reading;
  const from = sender ? reader.read("MAIL_FROM", mailbox, sender) : reader.required("MAIL_FROM", mailbox);
  const rest = {
    to: readAddresses(reader, "MAIL_TO"),
    ...readLook(reader, locales),
    maxAlerts: reader.read("MAIL_MAX_ALERTS", integer(1, 10_000, 200), 200),
    maxBytes: reader.read("MAIL_MAX_SIZE", size("64KB", "1GB", "10MB"), 10 * 1024 ** 2),
    subject: reader.read("MAIL_SUBJECT", oneOf(MAIL_SUBJECTS, "counted"), "counted"),
    csv: reader.read("MAIL_CSV", oneOf(MAIL_CSV_MODES, "folded"), "folded"),
    envelopeFrom: reader.optional("MAIL_ENVELOPE_FROM", single(address)),
    hideRecipients: reader.read("MAIL_HIDE_RECIPIENTS", flag, false),
    maxRecipients: reader.read("MAIL_MAX_RECIPIENTS", integer(1, 10_000, 100), 100),
    listId: reader.optional("MAIL_LIST_ID", listId),
    unsubscribeUrl: reader.optional("MAIL_UNSUBSCRIBE_URL", unsubscribeUrl),
    dkim: readDkim(reader),
    templates: {
      subject: reader.textFile("MAIL_SUBJECT_TEMPLATE", "an Eta template"),
      text: reader.textFile("MAIL_TEXT_TEMPLATE", "an Eta template"),
      html: reader.textFile("MAIL_HTML_TEMPLATE", "an Eta template"),
    },
  };
  if (from && rest.dkim && !isAligned(from.address, rest.dkim.domain)) {
    warnings.push(`MAIL_DKIM_DOMAIN is not the domain of MAIL_FROM: for DMARC its signature does not count`);
  }
  for (const { part, path, line, reason } of reading.checkTemplates?.(rest) ?? []) {
    const where = line === 0 ? shown(path) : `${shown(path)}, line ${line}`;
    reader.fail(`MAIL_${part.toUpperCase()}_TEMPLATE`, `file ${where}: ${reason}`, templateOf(part));
  }
  return from && { from, ...rest };
};

const templateOf = (part: keyof Config["mail"]["templates"]) => ({
  expected:
    "an Eta template that can render every kind of mail: plain, folded, merged, of a fleet, with nothing optional in it",
  example: {
    subject: "templates/steady-subject.eta",
    text: "templates/short.txt.eta",
    html: "templates/branded.html.eta",
  }[part],
});

/** How a mail looks unless a route or a recipient asks for something else. */
export const readLook = (
  reader: EnvReader,
  locales: readonly string[],
): Pick<Config["mail"], "locale" | "timezone" | "replyTo"> => ({
  locale: reader.read("MAIL_LOCALE", oneOf(locales, "ko"), "ko"),
  timezone: reader.read("MAIL_TIMEZONE", timezone, "Asia/Seoul"),
  replyTo: reader.optional("MAIL_REPLY_TO", mailbox),
});

export const readAddresses = (reader: EnvReader, variable: string): readonly string[] => [
  ...new Set(reader.read(variable, listOf(address, address.expected, address.example), [])),
];

/** All three or none. */
const readDkim = (reader: EnvReader): Dkim | undefined => {
  const domain = reader.optional("MAIL_DKIM_DOMAIN", domainName);
  const selector = reader.optional("MAIL_DKIM_SELECTOR", dkimSelector);
  const privateKey = reader.pemFile("MAIL_DKIM_KEY_FILE", "a private key");
  const problem = privateKey === undefined ? undefined : dkimKeyProblem(privateKey);
  if (problem !== undefined) {
    reader.fail("MAIL_DKIM_KEY_FILE", `file ${shown(reader.text("MAIL_DKIM_KEY_FILE") ?? "")}: ${problem}`, DKIM_KEY);
  }
  const given = DKIM.filter(({ variable }) => reader.text(variable) !== undefined);
  if (given.length === 0) return undefined;
  for (const { variable, right } of DKIM) {
    if (reader.text(variable) === undefined)
      reader.fail(variable, `it is not set, but ${given.map((one) => one.variable).join(" and ")} is`, right);
  }
  return domain !== undefined && selector !== undefined && privateKey !== undefined
    ? { domain, selector, privateKey }
    : undefined;
};

/** RFC 7489 section 3.1.1, as far as it can be told without the list of public suffixes: one is the other, or below it. */
const isAligned = (from: string, domain: string): boolean => {
  const own = from.slice(from.lastIndexOf("@") + 1).toLowerCase();
  return own === domain || own.endsWith(`.${domain}`) || domain.endsWith(`.${own}`);
};

const single = <T>(parser: ValueParser<T>): ValueParser<T> => ({
  ...parser,
  expected: "one mail address without a name",
  example: "bounces@example.com",
});

const LABELS = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

const domainName: ValueParser<string> = {
  expected: "a domain name in ASCII",
  example: "example.com",
  parse: (text) =>
    LABELS.test(text) && text.length <= 253 ? parsed(text.toLowerCase()) : wrong(`${shown(text)} is not a domain name`),
};

/** RFC 6376 section 3.1. */
const dkimSelector: ValueParser<string> = {
  expected: "the selector under which the public key stands in the DNS",
  example: "alerts2026",
  parse: (text) => (LABELS.test(text) ? parsed(text) : wrong(`${shown(text)} is not a selector`)),
};

/** RFC 2919 section 2: a name like a domain's, of at most 255 characters. */
const listId: ValueParser<string> = {
  expected: "a list identifier like a domain name, without angle brackets",
  example: "alerts.example.com",
  parse: (text) =>
    LABELS.test(text) && text.length <= 255 && text.includes(".")
      ? parsed(text)
      : wrong(`${shown(text)} is not a list identifier`),
};

const unsubscribeUrl: ValueParser<string> = {
  expected: "an https://, http:// or mailto: URL in ASCII",
  example: "https://example.com/unsubscribe",
  parse(text) {
    // It stands between angle brackets in a header (RFC 2369 section 2).
    if (!/^[\x21-\x7e]{1,900}$/.test(text) || /[<>,"]/.test(text)) return wrong(`${shown(text)} is not such a URL`);
    return /^(https?:\/\/[^/]+|mailto:[^@]+@.+)/i.test(text) && URL.canParse(text)
      ? parsed(text)
      : wrong(`${shown(text)} is not such a URL`);
  },
};

const DKIM = [
  { variable: "MAIL_DKIM_DOMAIN", right: domainName },
  { variable: "MAIL_DKIM_SELECTOR", right: dkimSelector },
  { variable: "MAIL_DKIM_KEY_FILE", right: DKIM_KEY },
] as const;
