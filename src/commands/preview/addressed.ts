/** Who gets which mail: as `run` routes them, with what says so in the words of `routes test`. Pure. */

import { zoneOf } from "../../core/zone.js";
import type { Route } from "../../routing/route.js";
import { addressings, isMuted, routeTo, takenBy, tellEverybody, toldBy } from "../../routing/routing.js";
import { addressingOf, type Reader, readersOf } from "../../runtime/fleet.js";
import {
  type Addressing,
  type Digest,
  everyoneOf,
  type Hiding,
  type Mailbox,
  type MailContent,
  type MailLink,
  mailboxText,
  RECIPIENT_KINDS,
} from "../../runtime/ports.js";
import { fleetOf } from "./contents.js";

export interface AddressedMail {
  readonly content: MailContent;
  readonly addressing: Addressing;
  /** Lines for people; empty where there is nothing to say. */
  readonly told: readonly string[];
}

export interface Addressees {
  readonly routes: readonly Route[];
  /** `MAIL_TO` */
  readonly everybody: readonly string[];
  readonly defaults: {
    readonly locale: string;
    readonly timezone: string;
    readonly from: Mailbox;
    readonly replyTo?: Mailbox;
    readonly links: readonly MailLink[];
  };
  /** `MAIL_HIDE_RECIPIENTS` */
  readonly hiding: Hiding;
  /** Recipients of a database come on top. */
  readonly database: boolean;
}

interface Routed {
  readonly digest: Digest;
  readonly taken: readonly Route[];
  /** Empty: nobody is told. */
  readonly addressings: readonly Addressing[];
}

/** One mail for each digest and look, or for each look and those who get the same digests; one for a digest that nobody gets, too. */
export const addressedMails = (
  digests: readonly Digest[],
  addressees: Addressees,
  { by, fleetListed }: { readonly by: "device" | "recipient"; readonly fleetListed: number },
): readonly AddressedMail[] => {
  const { routes, everybody, defaults, hiding } = addressees;
  const zone = zoneOf(defaults.timezone);
  const routed = digests.map((digest): Routed => {
    const taken = takenBy(routes, digest, zone);
    const told = taken.length > 0 ? toldBy(taken) : tellEverybody(everybody);
    return { digest, taken, addressings: addressings(told, defaults, hiding) };
  });
  const mail = (some: readonly Routed[], addressing: Addressing): AddressedMail => {
    const [first] = some as readonly [Routed];
    const content =
      some.length === 1
        ? first.digest
        : fleetOf(
            some.map(({ digest }) => digest),
            fleetListed,
          );
    return { content, addressing, told: toldLines(some, addressing, addressees) };
  };
  if (by === "device")
    return routed.flatMap((one) =>
      (one.addressings.length > 0 ? one.addressings : [NOBODY]).map((addressing) => mail([one], addressing)),
    );
  const unaddressed = routed.filter((one) => one.addressings.length === 0).map((one) => mail([one], NOBODY));
  const readers = readersOf(
    routed.map((one) => ({ addressings: one.addressings, missing: one.addressings.flatMap(everyoneOf) })),
  );
  const groups = new Map<string, Reader[]>();
  for (const reader of readers) {
    const key = JSON.stringify([reader.addressing.look, reader.mails]);
    groups.set(key, [...(groups.get(key) ?? []), reader]);
  }
  const gathered = [...groups.values()].map((group) => {
    const [{ addressing, mails }] = group as [Reader];
    return mail(
      routed.filter((_, index) => mails.includes(index)),
      addressingOf(addressing.look, group),
    );
  });
  return [...gathered, ...unaddressed];
};

export const NOBODY: Addressing = { look: {}, to: [], cc: [], bcc: [] };

const toldLines = (
  some: readonly Routed[],
  addressing: Addressing,
  { defaults, database }: Addressees,
): readonly string[] => {
  const muting = [...new Set(some.flatMap(({ taken }) => (isMuted(taken) ? (taken.at(-1)?.number ?? []) : [])))];
  const mutes = muting.map((number) => `Route ${number} mutes it for everybody else.`);
  const asked = database && !some.every(({ taken }) => isMuted(taken));
  const more = asked
    ? ["RECIPIENTS_DATABASE_URL is set: recipients of the database come on top; it was not asked."]
    : [];
  if (everyoneOf(addressing).length === 0)
    return [
      "Nobody would be told: no route matches and MAIL_TO is empty. It would be a dead letter (no-recipient).",
      ...mutes,
      ...more,
    ];
  const { locale, timezone, from, replyTo, links } = { ...defaults, ...addressing.look };
  const replies = replyTo === undefined ? "" : `, replies to ${mailboxText(replyTo)}`;
  const recipients = RECIPIENT_KINDS.flatMap((kind) =>
    addressing[kind].map((address) => `  ${kind.padEnd(3)}  ${address}  (${sourcesOf(address, some).join("; ")})`),
  );
  const why = some.every(({ taken }) => taken.length === 0) ? "Told, as no route matches:" : "Told:";
  const hidesAll = addressing.bcc.length > 1 && recipients.length === addressing.bcc.length;
  return [
    why,
    `${locale}, ${timezone}, from ${mailboxText(from)}${replies}${linksText(links)}${hidesAll ? ", hidden from each other" : ""}`,
    ...recipients,
    ...mutes,
    ...more,
  ];
};

const linksText = (links: readonly MailLink[]): string =>
  links.length === 0 ? "" : `, links ${links.map(({ name }) => name).join(", ")}`;

const sourcesOf = (address: string, some: readonly Routed[]): readonly string[] => {
  const sources = some.map(({ taken }) => {
    const route = routeTo(taken, address);
    return route === undefined
      ? "MAIL_TO"
      : `route ${route.number}${route.name === undefined ? "" : `, ${route.name}`}`;
  });
  return [...new Set(sources)];
};
