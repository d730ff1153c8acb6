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

/** How a mail looks and what it says of its sender, where that differs from `MAIL_*`. */
export interface MailLook {
  readonly locale?: string;
  /** An IANA name that `Intl` knows. */
  readonly timezone?: string;
  readonly from?: Mailbox;
  readonly replyTo?: Mailbox;
}

/** Those who get one message. An address is in one of the three lists, once, as the server is given it. */
export interface Addressing {
  readonly look: MailLook;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
}

/** All who get it, however they are named. */
export const everyoneOf = ({ to, cc, bcc }: Addressing): readonly string[] => [...to, ...cc, ...bcc];

export interface MailRenderer {
  /** Throws only when the content cannot be rendered; that is a dead letter of stage `render`. */
  render(content: MailContent, addressing: Addressing, attachment?: Attachment): RenderedMail;
}

/** What of a mail can come from a template of the user's; metric label `stage`. */
export const TEMPLATE_PARTS = ["subject", "text", "html"] as const;
export type TemplatePart = (typeof TEMPLATE_PARTS)[number];

/** A template of the user's: its text, and the path for messages. */
export interface TemplateFile {
  readonly path: string;
  readonly text: string;
}
