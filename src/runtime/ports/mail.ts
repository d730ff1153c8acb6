/** A composed mail: how it looks, who gets it. */

import type { Attachment } from "./attachment.js";
import type { MailContent } from "./digest.js";

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
