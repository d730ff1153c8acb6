/** Who is told: those of the routes and those of a source, one message for each look; `MAIL_TO` where both have nobody. */

import { perMinute, type Zone, zoneOf } from "../core/zone.js";
import {
  type Addressing,
  type Because,
  type Digest,
  everyoneOf,
  type Hiding,
  hidden,
  type MailLook,
  RECIPIENT_KINDS,
  type Recipient,
  type RecipientKind,
  type RecipientSource,
  type Router,
} from "../runtime/ports.js";
import { matching } from "./match.js";
import type { Route } from "./route.js";

/** Somebody who is told, and how. */
export interface Told {
  readonly address: string;
  readonly kind: RecipientKind;
  readonly look: MailLook;
  readonly because: Because;
}

export interface RoutingOptions {
  /** As they are at the moment; absent without a file. */
  readonly routes?: (() => readonly Route[]) | undefined;
  /** `MAIL_TO`, without repeats. */
  readonly everybody: readonly string[];
  /** `MAIL_LOCALE` and the like: who asks for these asks for nothing special. */
  readonly defaults: MailLook;
  /** `MAIL_HIDE_RECIPIENTS`; absent: `auto`. */
  readonly hiding?: Hiding | undefined;
  /** Asked for every digest. */
  readonly source?: RecipientSource | undefined;
}

/**
 * The routes that a window takes. It has only alerts that no route muted when they were read: where one does now, before anybody is told, they were
 * written back by hand, or other routes were in force then, and it is passed over.
 */
export const takenBy = (routes: readonly Route[], digest: Digest, zone: Zone): readonly Route[] => {
  const taken = matching(routes, digest, zone);
  return taken[0]?.mute === undefined
    ? taken
    : matching(
        routes.filter(({ mute }) => mute === undefined),
        digest,
        zone,
      );
};

/** A mute ended it: those before it are told, and nobody else. */
export const isMuted = (taken: readonly Route[]): boolean => taken.at(-1)?.mute !== undefined;

/** Answers at once without a source. */
export const createRouting = ({ routes, everybody, defaults, hiding = "auto", source }: RoutingOptions): Router => {
  const zone = perMinute(zoneOf(defaults.timezone ?? "UTC"));
  const toEverybody = addressings(tellEverybody(everybody), defaults, hiding);
  const addressed = (told: readonly Told[]): readonly Addressing[] =>
    told.length > 0 ? addressings(told, defaults, hiding) : toEverybody;
  return {
    route(digest) {
      const now = routes?.() ?? [];
      if (now.length === 0 && source === undefined) return toEverybody;
      const content = digest();
      const taken = takenBy(now, content, zone);
      const told = toldBy(taken);
      if (source === undefined || isMuted(taken)) return addressed(told);
      return source.recipientsOf(content).then((more) => addressed([...told, ...toldBySource(more)]));
    },
  };
};

/** In the order of the routes: an address that two of them have keeps the kind and the look of the first. */
export const toldBy = (routes: readonly Route[]): readonly Told[] =>
  routes.flatMap(({ recipients, look, number, name }) => {
    const because: Because = { kind: "route", number, name };
    return recipients.map((recipient) => ({ ...recipient, look, because }));
  });

/** `MAIL_TO`. */
export const tellEverybody = (addresses: readonly string[]): readonly Told[] =>
  addresses.map((address) => ({ address, kind: "to", look: {}, because: EVERYBODY }));

const EVERYBODY: Because = { kind: "everybody" };
const DATABASE: Because = { kind: "database" };
const SEVERAL: Because = { kind: "several" };

/** Whose recipient the address is: of several routes the first one tells it. */
export const routeTo = (routes: readonly Route[], address: string): Route | undefined =>
  routes.find(({ recipients }) => recipients.some((recipient) => recipient.address === address));

const toldBySource = (recipients: readonly Recipient[]): readonly Told[] =>
  RECIPIENT_KINDS.flatMap((kind) =>
    recipients
      .filter((recipient) => recipient.kind === kind)
      .map(({ address, locale, timezone }) => ({
        address,
        kind,
        look: { ...(locale === undefined ? {} : { locale }), ...(timezone === undefined ? {} : { timezone }) },
        because: DATABASE,
      })),
  );

/** A message for each look, in the order in which they appear; each address once, the first time it appears. */
export const addressings = (told: readonly Told[], defaults: MailLook, hiding: Hiding): readonly Addressing[] => {
  const seen = new Set<string>();
  const messages = new Map<string, Message>();
  for (const { address, kind, look, because } of told) {
    if (seen.has(address)) continue;
    seen.add(address);
    const special = specialOf(look, defaults);
    const key = JSON.stringify(special);
    const message = messages.get(key) ?? { look: special, to: [], cc: [], bcc: [], because: [] };
    messages.set(key, message);
    message[kind].push(address);
    if (!message.because.includes(because)) message.because.push(because);
  }
  return [...messages.values()].map((message) => {
    const { because } = message;
    // Each reader has one of them.
    const own = because.length > 1 ? { ...message, because: [SEVERAL] } : message;
    return isHidden(message, hiding) ? hidden(own) : own;
  });
};

interface Message {
  readonly look: MailLook;
  readonly to: string[];
  readonly cc: string[];
  readonly bcc: string[];
  readonly because: Because[];
}

/**
 * Those of one route, and those of `MAIL_TO`, are a list that somebody wrote: they may see each other. Rows of a database are people who need not know of
 * each other, and so are those of several routes.
 */
const isHidden = (message: Message, hiding: Hiding): boolean => {
  if (hiding !== "auto") return hiding === "always";
  const { because } = message;
  return (because.length > 1 || because.includes(DATABASE)) && everyoneOf(message).length > 1;
};

const LOOKS = ["locale", "timezone", "from", "replyTo", "links"] as const satisfies readonly (keyof MailLook)[];

/** What differs from the defaults, its keys always in the same order. */
const specialOf = (look: MailLook, defaults: MailLook): MailLook =>
  Object.fromEntries(
    LOOKS.filter((key) => look[key] !== undefined && !isSame(look[key], defaults[key])).map((key) => [key, look[key]]),
  );

const isSame = (a: MailLook[keyof MailLook], b: MailLook[keyof MailLook]): boolean => {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  return "address" in a && "address" in b
    ? a.address === b.address && (a.name ?? "") === (b.name ?? "")
    : a === b || JSON.stringify(a) === JSON.stringify(b);
};
