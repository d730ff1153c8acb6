/** How a message looks and whom it is from: `MAIL_*`, or what its readers have instead (`Addressing.look`). */

import type { Mailbox, MailLink, MailLook } from "../runtime/ports.js";
import { createLocalTime, createNumbers, type Language, type LocalTime } from "./language.js";
import { mailboxLine } from "./mime.js";
import { MAIL_TEXTS, textsOf } from "./texts/index.js";

/** Ready to be used for many mails. */
export interface ReadyLook {
  readonly language: Language;
  /** `From: …` and, where there is one, `Reply-To: …`. */
  readonly senderLines: readonly string[];
  readonly links: readonly MailLink[];
  /** The sender's address. */
  readonly from: string;
  /** In what it differs from the default look; empty where it does not. Part of the Message-ID: it is another message. */
  readonly differs: readonly string[];
}

/** What `MAIL_*` say. */
export interface DefaultLook {
  readonly from: Mailbox;
  readonly replyTo: Mailbox | undefined;
  readonly locale: string;
  readonly timezone: string;
  readonly links: readonly MailLink[];
}

/** Of looks and of time zones; when there are more, all are forgotten and made anew. */
const CACHED_MAX = 500;

/**
 * Throws a RangeError when the default locale or time zone is unknown. One that a reader has and nobody knows is passed over: the mail comes in the
 * default one.
 */
export function createLooks(defaults: DefaultLook): (look: MailLook) => ReadyLook {
  const zones = new Map<string, LocalTime | undefined>();
  const looks = new Map<string, ReadyLook>();
  const languages = new Map<string, Language>();

  const zoneOf = (timezone: string): LocalTime | undefined =>
    cached(zones, timezone, () => {
      try {
        return createLocalTime(timezone);
      } catch {
        return undefined;
      }
    });
  const languageOf = (locale: string, timezone: string, localTime: LocalTime): Language =>
    cached(languages, `${locale} ${timezone}`, () => {
      const texts = textsOf(locale);
      return { texts, localTime, numbers: createNumbers(texts.lang) };
    });
  const defaultTime = createLocalTime(defaults.timezone);
  const ready = (look: MailLook): ReadyLook => {
    const wanted = look.locale?.toLowerCase();
    const locale = wanted !== undefined && MAIL_TEXTS.has(wanted) ? wanted : defaults.locale;
    const ownTime = look.timezone === undefined ? undefined : zoneOf(look.timezone);
    const timezone = ownTime === undefined ? defaults.timezone : (look.timezone ?? defaults.timezone);
    const from = look.from ?? defaults.from;
    const replyTo = look.replyTo ?? defaults.replyTo;
    const links = look.links ?? defaults.links;
    const differs: string[] = [];
    const note = (name: string, own: string, usual: string): void => {
      if (own !== usual) differs.push(name, own);
    };
    note("locale", locale, defaults.locale);
    note("timezone", timezone, defaults.timezone);
    note("from", keyOf(from), keyOf(defaults.from));
    note("replyTo", keyOf(replyTo), keyOf(defaults.replyTo));
    if (links !== defaults.links) note("links", JSON.stringify(links), JSON.stringify(defaults.links));
    return {
      language: languageOf(locale, timezone, ownTime ?? defaultTime),
      senderLines: [mailboxLine("From", from), ...(replyTo === undefined ? [] : [mailboxLine("Reply-To", replyTo)])],
      links,
      from: from.address,
      differs,
    };
  };
  const usual = ready({});

  return (look) => {
    const { locale, timezone, from, replyTo, links } = look;
    if ((locale ?? timezone ?? from ?? replyTo ?? links) === undefined) return usual;
    const key = JSON.stringify([locale, timezone, from?.name, from?.address, replyTo?.name, replyTo?.address, links]);
    return cached(looks, key, () => ready(look));
  };
}

function cached<Value>(values: Map<string, Value>, key: string, make: () => Value): Value {
  const known = values.get(key);
  if (known !== undefined || values.has(key)) return known as Value;
  if (values.size >= CACHED_MAX) values.clear();
  const made = make();
  values.set(key, made);
  return made;
}

/** Apart for different mailboxes. */
const keyOf = (mailbox: Mailbox | undefined): string =>
  mailbox === undefined ? "" : JSON.stringify([mailbox.name ?? "", mailbox.address]);
