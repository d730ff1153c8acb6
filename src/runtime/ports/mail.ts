/** A mail: what it says, how it looks, who gets it. */

import type { Alert, Severity, WrittenField } from "../../core/alert.js";
import type { EventTime } from "../../core/time.js";
import type { FoldedAlerts } from "../../core/window.js";
import type { Attachment } from "./attachment.js";

export type { FoldedAlerts } from "../../core/window.js";

/** A finished message: composing it needs no connection and cannot fail any more. */
export interface RenderedMail {
  /** With angle brackets, as in the header. */
  readonly messageId: string;
  readonly subject: string;
  /** Envelope sender: bounces go there. */
  readonly from: string;
  /** The whole MIME message, CRLF line ends, not dot-stuffed. */
  readonly raw: Buffer;
}

export interface Mailbox {
  /** Display name, without quotes and not yet encoded for a header. */
  readonly name: string | undefined;
  /** ASCII `local@domain`: an international domain is in its A-label form (RFC 5890). */
  readonly address: string;
}

/** For people, not for a header. */
export const mailboxText = ({ name, address }: Mailbox): string =>
  name === undefined ? address : `${name} <${address}>`;

/** What may stand between braces in a link; a label as `labels.NAME`. Times in milliseconds since 1970. */
export const LINK_FIELDS = [
  "deviceId",
  "deviceName",
  "type",
  "severity",
  "alertId",
  "windowStart",
  "windowEnd",
] as const;
export type LinkField = (typeof LINK_FIELDS)[number] | `labels.${string}`;

/** A link in a mail. */
export interface MailLink {
  readonly name: string;
  /** Before, between and behind the fields: one more than there are. "" and "" around a label that is the whole URL. */
  readonly texts: readonly string[];
  readonly fields: readonly LinkField[];
}

/** How a mail looks and what it says of its sender, where that differs from `MAIL_*`. */
export interface MailLook {
  readonly locale?: string;
  /** An IANA name that `Intl` knows. */
  readonly timezone?: string;
  readonly from?: Mailbox;
  readonly replyTo?: Mailbox;
  readonly links?: readonly MailLink[];
}

/** Those who get one message. An address is in one of the three lists, once, as the server is given it. */
export interface Addressing {
  readonly look: MailLook;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  /** Why each of them is told, each reason once; absent: nobody asks. */
  readonly because?: readonly Because[];
}

/** Why somebody is told: a route, the recipients database, or `MAIL_TO`. `several`: not all readers of the message for the same of these, and none need know of another's. */
export type Because =
  | { readonly kind: "route"; readonly number: number; readonly name: string | undefined }
  | { readonly kind: "database" }
  | { readonly kind: "everybody" }
  | { readonly kind: "several" };

/** Who sees whom: `auto`: those of one list see each other, as whoever wrote it put them together. */
const HIDING = ["auto", "always", "never"] as const;
export type Hiding = (typeof HIDING)[number];

/** In an unsubscribe URL: the address of the one person whom a mail is for. */
export const RECIPIENT_PLACE = "{recipient}";

/** All who get it, however they are named. */
export const everyoneOf = ({ to, cc, bcc }: Addressing): readonly string[] => [...to, ...cc, ...bcc];

/** The same recipients, none of whom sees another. */
export const hidden = (addressing: Addressing): Addressing => ({
  ...addressing,
  to: [],
  cc: [],
  bcc: everyoneOf(addressing),
});

export interface MailRenderer {
  /** Throws only when the content cannot be rendered; that is a dead letter of stage `render`. */
  render(content: MailContent, addressing: Addressing, attachment?: Attachment): RenderedMail;
  /** The same mail; one that takes long is made in pieces, with turns of the event loop between. Rejects, too. Absent: all are quick. */
  renderInTurns?(
    content: MailContent,
    addressing: Addressing,
    attachment?: Attachment,
  ): RenderedMail | Promise<RenderedMail>;
}

/** What of a mail can come from a template of the user's; metric label `stage`. */
export const TEMPLATE_PARTS = ["subject", "text", "html"] as const;
export type TemplatePart = (typeof TEMPLATE_PARTS)[number];

/** A template of the user's: its text, and the path for messages. */
export interface TemplateFile {
  readonly path: string;
  readonly text: string;
}

// What a mail says.

/** One alert as a mail lists it. */
export interface ListedAlert {
  readonly offset: number;
  readonly eventTime: EventTime;
  /** Its own window was closed when it came; it joined this one. */
  readonly late: boolean;
  readonly alert: Alert;
}

/** How many alerts of each severity and type, where they are not listed. */
export type UnlistedAlerts = Pick<FoldedAlerts, "count" | "bySeverity" | "otherTypes" | "resolved"> & {
  readonly byType: ReadonlyMap<string, { readonly count: number }>;
};

/** Everything a mail says: one device's window, or several that waited and leave together (`CATCH_UP=merge`). */
export interface Digest {
  readonly topic: string;
  readonly partition: number;
  readonly deviceId: string;
  /** The last name the device gave itself in this window, if any. */
  readonly deviceName: string | undefined;
  /** Start of the first window and end (exclusive) of the last one. */
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
  readonly windowCount: number;
  /** Of them, those that tell nothing new, and may have been kept back for it (`REPEAT_INTERVALS`); absent: none. */
  readonly repeats?: number;
  /**
   * That is not certain: others of its windows may tell nothing new, which a restart has forgotten; or nobody is known to have had a mail of the device before.
   * Nobody can say then that they were late, or that nothing is new.
   */
  readonly mayBeNews?: boolean;
  /** First offset of the first window: with its start, it identifies the mail. More windows may join at a replay, also with lower offsets. */
  readonly idOffset: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** All alerts: listed and folded. */
  readonly count: number;
  /** In offset order, at most `MAIL_MAX_ALERTS`: the worst, of these the last of each type, then the newest (`core/full-windows`). */
  readonly listed: readonly ListedAlert[];
  /** The others: counted, not listed. */
  readonly folded: UnlistedAlerts | undefined;
  /** All, listed or not, where some are folded; absent: those listed are all. */
  readonly all?: FoldedAlerts;
  /**
   * When the fault began that a type's last alert here is a part of, or ended, in milliseconds, by the type as it is counted (`foldedType`). A type that is not
   * in it may have begun at any time before.
   */
  readonly began?: ReadonlyMap<string, number>;
  /** What else of the device fires by its end, of which no alert here is: how many types, the worst of them, and since when; asked only where something is over. */
  readonly beside?: { readonly types: number; readonly worst: Severity; readonly since: number | undefined };
  /**
   * Absent: whole windows. `early`: sent at once because its last alert is urgent (`URGENT_SEVERITY`), with what the device had told in this window
   * before; more of the window may follow. `rest`: what came after such a mail of the same window.
   */
  readonly part?: "early" | "rest";
  /** Of a `rest`: how many alerts of this window the early mail had; absent where a restart has forgotten it. */
  readonly toldEarly?: number;
  /** Its alerts came back from the dead letters for these only; absent: for everybody. */
  readonly onlyTo?: readonly string[];
  /** Its alerts go to other readers by another mail, too, and are counted there. */
  readonly again?: true;
}

/** `firing`: the last word on some type, in offset order, was that it fires; or it fires since before, and no alert here tells of it. */
export const DIGEST_STATES = ["firing", "resolved"] as const;
export type DigestState = (typeof DIGEST_STATES)[number];

/** What a mail says first. Times are those at which the devices saw it, in milliseconds. */
export interface DigestSummary {
  /** All alerts, listed and folded. */
  readonly count: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Most first; alerts without a type are under "". */
  readonly byType: ReadonlyMap<string, number>;
  /** Alerts of types that were too many to be told apart. */
  readonly otherTypes: number;
  readonly worst: Severity;
  /** How bad it is at the end: the worst of what fires, where everything was resolved of all. */
  readonly severity: Severity;
  /** When the first and the last alert of all were seen, listed or not: `last` is until when it went on, where it is over. */
  readonly first: number;
  readonly last: number;
  /** Listed and folded. */
  readonly late: number;
  readonly resolved: number;
  /** Listed alerts whose `alertId` and status one before them has. */
  readonly repeats: number;
  /** Fields of listed alerts that could not be read, and in how many; none that is 0. */
  readonly unread: readonly { readonly field: WrittenField; readonly count: number }[];
  /** Of the listed firing alerts of the worst severity that have both, that whose value lies farthest from its threshold. */
  readonly extreme: Alert | undefined;
  /**
   * The alert that says best what is wrong: of the types whose last word was that they fire, the last one listed of the worst severity; where none
   * does, the last one listed. Where no listed alert tells of what fires, its message is the type.
   */
  readonly headline: Alert | undefined;
  /**
   * Since when that is so: when the headline's type began to fire; where nothing fires, when the first of what is over did. Where that is not known
   * (`sinceKnown`), the first alert of it here.
   */
  readonly since: number;
  readonly sinceKnown: boolean;
  readonly state: DigestState;
  /** Types that fire beside the headline's; those too many to be told apart are one. */
  readonly alsoFiring: number;
  /** Where all that the mail tells of is over: types that fire still. `severity` and `since` are those of the worst then; 0: none, or others fire. */
  readonly beside: number;
}

/** Several devices' windows in one mail, for a reader who would get too many, or who wants one. */
export interface FleetDigest {
  readonly topic: string;
  /** Of the earliest window, and of the latest. */
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
  /** The device with the most severe alerts first, then that with the most. */
  readonly devices: readonly FleetDevice[];
  /** All alerts. */
  readonly count: number;
  /** `storm`: the reader would have got more than `RECIPIENT_MAX_MAILS`; `asked`: `DIGEST_BY=recipient`. */
  readonly reason: "storm" | "asked";
}

/** A device in a fleet mail. Its digest lists few of its alerts, if any; the summary counts all. */
export interface FleetDevice {
  readonly digest: Digest;
  readonly summary: DigestSummary;
}

export type MailContent = Digest | FleetDigest;

export const digestsOf = (content: MailContent): readonly Digest[] =>
  "devices" in content ? content.devices.map(({ digest }) => digest) : [content];
