/** Who gets which mail: as `run` routes them, with what says so in the words of `routes test`. Pure. */

import { matching } from "../../routing/match.js";
import type { Route } from "../../routing/route.js";
import { addressings, routeTo, type Told, toldBy } from "../../routing/routing.js";
import { addressingOf, type Reader, readersOf } from "../../runtime/fleet.js";
import {
  type Addressing,
  type Digest,
  everyoneOf,
  type Mailbox,
  type MailContent,
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
  };
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
  const { routes, everybody, defaults } = addressees;
  const toEverybody = everybody.map((address): Told => ({ address, kind: "to", look: {} }));
  const routed = digests.map((digest): Routed => {
    const taken = matching(routes, digest);
    return { digest, taken, addressings: addressings(taken.length > 0 ? toldBy(taken) : toEverybody, defaults) };
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

const NOBODY: Addressing = { look: {}, to: [], cc: [], bcc: [] };

const toldLines = (
  some: readonly Routed[],
  addressing: Addressing,
  { defaults, database }: Addressees,
): readonly string[] => {
  const more = database
    ? ["RECIPIENTS_DATABASE_URL is set: recipients of the database come on top; it was not asked."]
    : [];
  if (everyoneOf(addressing).length === 0)
    return [
      "Nobody would be told: no route matches and MAIL_TO is empty. It would be a dead letter (no-recipient).",
      ...more,
    ];
  const { locale, timezone, from, replyTo } = { ...defaults, ...addressing.look };
  const replies = replyTo === undefined ? "" : `, replies to ${mailboxText(replyTo)}`;
  const recipients = RECIPIENT_KINDS.flatMap((kind) =>
    addressing[kind].map((address) => `  ${kind.padEnd(3)}  ${address}  (${sourcesOf(address, some).join("; ")})`),
  );
  const why = some.every(({ taken }) => taken.length === 0) ? "Told, as no route matches:" : "Told:";
  return [why, `${locale}, ${timezone}, from ${mailboxText(from)}${replies}`, ...recipients, ...more];
};

const sourcesOf = (address: string, some: readonly Routed[]): readonly string[] => {
  const sources = some.map(({ taken }) => {
    const route = routeTo(taken, address);
    return route === undefined
      ? "MAIL_TO"
      : `route ${route.number}${route.name === undefined ? "" : `, ${route.name}`}`;
  });
  return [...new Set(sources)];
};
