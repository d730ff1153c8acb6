/** `MAIL_*`. */

import type { Hiding, Mailbox } from "../runtime/ports.js";
import { dkimKeyProblem, RSA_BITS_MIN } from "./dkim-key.js";
import { shown } from "./errors.js";
import { dkimSelector, domainName, idKey, listId, unsubscribeUrl } from "./headers.js";
import { mailLinks, publicUrl } from "./links.js";
import { address, mailbox } from "./mailbox.js";
import type { EnvReader } from "./reader.js";
import { formsOf } from "./secrets.js";
import { type CheckTemplates, type Config, type Dkim, MAIL_CSV_MODES, MAIL_SUBJECTS } from "./shape.js";
import { flag, integer, listOf, name, oneOf, parsed, size, timezone, type ValueParser, wrong } from "./values.js";
import { file, optional, pemFile, required, secret, variables, withDefault } from "./variable.js";

/** Those that `preview` and `routes` read, too. */
const LOOK = ["preview", "routes"] as const;
const PREVIEW = ["preview"] as const;

export const addresses = listOf(address, address.expected);

const hiding: ValueParser<Hiding> = {
  expected: "auto, true or false",
  words: ["auto", "true", "false"],
  parse(text) {
    if (text.toLowerCase() === "auto") return parsed("auto");
    const result = flag.parse(text);
    return result.ok
      ? parsed(result.value ? "always" : "never")
      : wrong(result.problem.replace("neither", "none of them"));
  },
};

const template = (part: string, example: string) =>
  file(
    { expected: "an Eta template", parse: parsed<string> },
    {
      says: `Eta template file for the ${part}`,
      more: "It is read and tried at the start. See [templates](templates.md).",
      unset: "the built-in one",
      example,
      readBy: PREVIEW,
      value: (path, text) => ({ path, text }),
    },
  );

export const MAIL = variables({
  MAIL_FROM: required(mailbox, {
    says: "sender: Name <address> or address",
    more: "`preview` and `routes` do without it.",
    example: "Alerts <alerts@example.com>",
    readBy: LOOK,
  }),
  MAIL_TO: optional(addresses, {
    says: "recipients where no route says otherwise, comma separated",
    more: "It is required unless `ROUTES_FILE` or `RECIPIENTS_DATABASE_URL` is set.",
    example: "operators@example.com,night-shift@example.com",
    people: true,
    readBy: LOOK,
  }),
  MAIL_LOCALE: withDefault(
    { ...name(35), expected: "a language that mails are written in" },
    {
      says: "language of the mails: ko, en, or another one that has a file",
      default: "ko",
      readBy: LOOK,
    },
  ),
  MAIL_TIMEZONE: withDefault(timezone, {
    says: "time zone of the times in a mail",
    default: "Asia/Seoul",
    readBy: LOOK,
  }),
  MAIL_MAX_ALERTS: withDefault(integer(1, 10_000), {
    says: "alerts that a mail lists one by one; it counts the rest",
    default: "200",
    readBy: PREVIEW,
  }),
  MAIL_MAX_SIZE: withDefault(size("64KB", "1GB"), {
    says: "longest mail; one that would be longer says less, and says so",
    more: "Keep it at or below what the mail server takes (`SIZE`): longer mails become dead letters. Postfix takes 10240000 bytes unless `message_size_limit` says otherwise.",
    default: "9MB",
    readBy: PREVIEW,
  }),
  MAIL_SUBJECT: withDefault(oneOf(MAIL_SUBJECTS), {
    says: "what the subject says beside the name",
    more: "A `constant` subject lets Gmail show a device's mails as one thread. See [mail](mail.md#subject).",
    default: "counted",
    readBy: PREVIEW,
  }),
  MAIL_LINKS: optional(mailLinks, {
    says: "links in each mail: Name=https://…, divided by semicolons",
    more: "See [links](mail.md#links).",
    unset: "none",
    example: "Dashboard=https://grafana.example.com/d/devices?var-device={deviceId};Runbook={labels.runbook}",
    readBy: LOOK,
  }),
  PUBLIC_URL: optional(publicUrl, {
    says: "where readers of mails find the live page: each mail links it",
    unset: "off",
    example: "https://alerts.example.com/",
    readBy: PREVIEW,
  }),
  MAIL_CSV: withDefault(oneOf(MAIL_CSV_MODES), {
    says: "when a window is attached as CSV",
    more: "`folded` attaches it where the mail only counts some of the alerts.",
    default: "folded",
    readBy: PREVIEW,
  }),
  MAIL_SUBJECT_TEMPLATE: template("subject", "templates/steady-subject.eta"),
  MAIL_TEXT_TEMPLATE: template("plain text", "templates/short.txt.eta"),
  MAIL_HTML_TEMPLATE: template("HTML", "templates/branded.html.eta"),
  MAIL_REPLY_TO: optional(mailbox, {
    says: "where replies go, with or without a name",
    unset: "to the sender",
    example: "Operators <operators@example.com>",
    readBy: LOOK,
  }),
  MAIL_ENVELOPE_FROM: optional(
    { ...address, expected: "one mail address without a name" },
    {
      says: "address that bounces go to",
      unset: "address of MAIL_FROM",
      example: "bounces@example.com",
      readBy: PREVIEW,
    },
  ),
  MAIL_HIDE_RECIPIENTS: withDefault(hiding, {
    says: "recipients do not see each other (Bcc)",
    more: "`auto` hides those of a database, and those of several routes. Those of one route see each other, and so do those of MAIL_TO. See [recipients](mail.md#recipients).",
    default: "auto",
    readBy: LOOK,
  }),
  MAIL_MAX_RECIPIENTS: withDefault(integer(1, 10_000), {
    says: "most recipients of one SMTP transaction",
    more: "More recipients get the same message in several transactions.",
    default: "100",
    readBy: PREVIEW,
  }),
  MAIL_LIST_ID: optional(listId, {
    says: "header List-Id (RFC 2919)",
    unset: "alert-digest.<domain of MAIL_FROM>",
    example: "alerts.example.com",
    readBy: PREVIEW,
  }),
  MAIL_UNSUBSCRIBE_URL: optional(unsubscribeUrl, {
    says: "header List-Unsubscribe: https:// or mailto:",
    more: "With `{recipient}` in it, only mails to one person have the header, with their address there; over `https://` it then takes one click, as a POST (RFC 8058).",
    unset: "off",
    example: "https://example.com/unsubscribe?who={recipient}",
    readBy: PREVIEW,
  }),
  MAIL_ID_KEY: secret(idKey, {
    says: "key for Message-IDs that outsiders cannot compute",
    more: "All instances need the same one. A new key gives mails that are sent again another Message-ID, and begins new threads.",
    example: "$(openssl rand -hex 32)",
    hides: (key) => formsOf(key),
    readBy: PREVIEW,
  }),
  MAIL_DKIM_DOMAIN: optional(domainName, {
    says: "domain that signs every mail (DKIM)",
    more: "All three `MAIL_DKIM_*` are set, or none of them.",
    unset: "off",
    example: "example.com",
    readBy: PREVIEW,
  }),
  MAIL_DKIM_SELECTOR: optional(dkimSelector, {
    says: "selector under which the public key stands in its DNS",
    example: "alerts2026",
    readBy: PREVIEW,
  }),
  MAIL_DKIM_KEY_FILE: pemFile(
    `a private key in PEM, without a passphrase: RSA of at least ${RSA_BITS_MIN} bits (better 2048), or Ed25519`,
    {
      says: "PEM file with the private key: RSA or Ed25519, without a passphrase",
      example: "/run/secrets/dkim.pem",
      readBy: PREVIEW,
    },
    dkimKeyProblem,
  ),
});

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
  const from = sender ? (reader.given(MAIL.MAIL_FROM) ?? sender) : reader.read(MAIL.MAIL_FROM);
  const rest = {
    to: readAddresses(reader, MAIL.MAIL_TO),
    ...readLook(reader, locales),
    publicUrl: reader.read(MAIL.PUBLIC_URL),
    maxAlerts: reader.read(MAIL.MAIL_MAX_ALERTS),
    maxBytes: reader.read(MAIL.MAIL_MAX_SIZE),
    subject: reader.read(MAIL.MAIL_SUBJECT),
    csv: reader.read(MAIL.MAIL_CSV),
    envelopeFrom: reader.read(MAIL.MAIL_ENVELOPE_FROM),
    maxRecipients: reader.read(MAIL.MAIL_MAX_RECIPIENTS),
    listId: reader.read(MAIL.MAIL_LIST_ID),
    unsubscribeUrl: reader.read(MAIL.MAIL_UNSUBSCRIBE_URL),
    idKey: reader.read(MAIL.MAIL_ID_KEY),
    dkim: readDkim(reader),
    templates: {
      subject: reader.read(MAIL.MAIL_SUBJECT_TEMPLATE),
      text: reader.read(MAIL.MAIL_TEXT_TEMPLATE),
      html: reader.read(MAIL.MAIL_HTML_TEMPLATE),
    },
  };
  if (from && rest.dkim && !isAligned(from.address, rest.dkim.domain)) {
    warnings.push(`MAIL_DKIM_DOMAIN is not the domain of MAIL_FROM: for DMARC its signature does not count`);
  }
  for (const { part, path, line, reason } of reading.checkTemplates?.(rest) ?? []) {
    const where = line === 0 ? shown(path) : `${shown(path)}, line ${line}`;
    reader.fail(TEMPLATES[part], `file ${where}: ${reason}`, {
      expected:
        "an Eta template that can render every kind of mail: plain, folded, merged, of a fleet, with nothing optional in it",
    });
  }
  return from && { from, ...rest };
};

const TEMPLATES = {
  subject: MAIL.MAIL_SUBJECT_TEMPLATE,
  text: MAIL.MAIL_TEXT_TEMPLATE,
  html: MAIL.MAIL_HTML_TEMPLATE,
} as const;

/** How a mail looks unless a route or a recipient asks for something else. */
export const readLook = (
  reader: EnvReader,
  locales: readonly string[],
): Pick<Config["mail"], "locale" | "timezone" | "replyTo" | "links" | "hideRecipients"> => ({
  locale: reader.read(MAIL.MAIL_LOCALE, oneOf(locales)),
  timezone: reader.read(MAIL.MAIL_TIMEZONE),
  replyTo: reader.read(MAIL.MAIL_REPLY_TO),
  links: reader.read(MAIL.MAIL_LINKS) ?? [],
  hideRecipients: reader.read(MAIL.MAIL_HIDE_RECIPIENTS),
});

/** Each once. */
export const readAddresses = (
  reader: EnvReader,
  variable: Parameters<typeof reader.read<readonly string[], undefined>>[0],
): readonly string[] => [...new Set(reader.read(variable))];

/** All three or none. */
const readDkim = (reader: EnvReader): Dkim | undefined => {
  const { MAIL_DKIM_DOMAIN, MAIL_DKIM_SELECTOR, MAIL_DKIM_KEY_FILE } = MAIL;
  const domain = reader.read(MAIL_DKIM_DOMAIN);
  const selector = reader.read(MAIL_DKIM_SELECTOR);
  const privateKey = reader.read(MAIL_DKIM_KEY_FILE);
  const all = [MAIL_DKIM_DOMAIN, MAIL_DKIM_SELECTOR, MAIL_DKIM_KEY_FILE];
  const given = all.filter((variable) => reader.isSet(variable)).map((variable) => variable.name);
  if (given.length === 0) return undefined;
  for (const variable of all)
    if (!reader.isSet(variable)) reader.fail(variable, `it is not set, but ${given.join(" and ")} is`);
  return domain !== undefined && selector !== undefined && privateKey !== undefined
    ? { domain, selector, privateKey }
    : undefined;
};

/** RFC 7489 section 3.1.1, as far as it can be told without the list of public suffixes: one is the other, or below it. */
const isAligned = (from: string, domain: string): boolean => {
  const own = from.slice(from.lastIndexOf("@") + 1).toLowerCase();
  return own === domain || own.endsWith(`.${domain}`) || domain.endsWith(`.${own}`);
};
