/** Who is told: those of the routes and those of a source, one message for each look; `MAIL_TO` where both have nobody. */

import {
  type Addressing,
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
}

export interface RoutingOptions {
  /** As they are at the moment; empty without a file. */
  readonly routes: () => readonly Route[];
  /** `MAIL_TO`, without repeats. */
  readonly everybody: readonly string[];
  /** `MAIL_LOCALE` and the like: who asks for these asks for nothing special. */
  readonly defaults: MailLook;
  /** Asked for every digest. */
  readonly source?: RecipientSource | undefined;
}

/** Answers at once without a source. */
export const createRouting = ({ routes, everybody, defaults, source }: RoutingOptions): Router => {
  const toEverybody = addressings(
    everybody.map((address): Told => ({ address, kind: "to", look: {} })),
    defaults,
  );
  const addressed = (told: readonly Told[]): readonly Addressing[] =>
    told.length > 0 ? addressings(told, defaults) : toEverybody;
  return {
    route(digest) {
      const now = routes();
      if (now.length === 0 && source === undefined) return toEverybody;
      const content = digest();
      const told = toldBy(matching(now, content));
      if (source === undefined) return addressed(told);
      return source.recipientsOf(content).then((more) => addressed([...told, ...toldBySource(more)]));
    },
  };
};

/** In the order of the routes: an address that two of them have keeps the kind and the look of the first. */
export const toldBy = (routes: readonly Route[]): readonly Told[] =>
  routes.flatMap(({ recipients, look }) => recipients.map((recipient) => ({ ...recipient, look })));

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
      })),
  );

/** A message for each look, in the order in which they appear; each address once, the first time it appears. */
export const addressings = (told: readonly Told[], defaults: MailLook): readonly Addressing[] => {
  const seen = new Set<string>();
  const messages = new Map<string, { look: MailLook; to: string[]; cc: string[]; bcc: string[] }>();
  for (const { address, kind, look } of told) {
    if (seen.has(address)) continue;
    seen.add(address);
    const special = specialOf(look, defaults);
    const key = JSON.stringify(special);
    const message = messages.get(key) ?? { look: special, to: [], cc: [], bcc: [] };
    messages.set(key, message);
    message[kind].push(address);
  }
  return [...messages.values()];
};

const LOOKS = ["locale", "timezone", "from", "replyTo"] as const satisfies readonly (keyof MailLook)[];

/** What differs from the defaults, its keys always in the same order. */
const specialOf = (look: MailLook, defaults: MailLook): MailLook =>
  Object.fromEntries(
    LOOKS.filter((key) => look[key] !== undefined && !isSame(look[key], defaults[key])).map((key) => [key, look[key]]),
  );

const isSame = (a: MailLook[keyof MailLook], b: MailLook[keyof MailLook]): boolean =>
  typeof a === "object" && typeof b === "object"
    ? a.address === b.address && (a.name ?? "") === (b.name ?? "")
    : a === b;
