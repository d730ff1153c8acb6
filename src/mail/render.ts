/**
 * From a digest to a finished MIME message, the same bytes every time: the boundary and the identifiers are hashes, the
 * date is the window's end. A retry or a replay is therefore recognised as the same mail by whoever gets it twice.
 *
 * Composed here and not with nodemailer's MimeNode: that one answers through a callback, draws a random boundary and
 * takes 4 to 10 times as long for the same mail; what a digest needs of MIME fits on one screen.
 */

import type { Addressing, Attachment, Digest, MailContent, MailRenderer, RenderedMail } from "../runtime/ports.js";
import { type AttachmentOutcome, withCsv } from "./csv-attachment.js";
import { phrase, unstructured } from "./header.js";
import { htmlBody } from "./html-body.js";
import { createLocalTime } from "./local-time.js";
import { parseMailbox } from "./mailbox.js";
import { idDomain, messageIdsOf } from "./message-id.js";
import { type MimeEntity, multipart, textPart } from "./mime.js";
import { textBody } from "./text-body.js";
import { MAIL_TEXTS, type MailLocale } from "./texts.js";
import { sourceOf, viewOf } from "./view.js";

export interface RendererOptions {
  /** `MAIL_FROM`: `a@b` or `Name <a@b>`. */
  readonly from: string;
  readonly locale: MailLocale;
  /** IANA name; an unknown one throws a RangeError here. */
  readonly timezone: string;
  /** Of the whole message; absent: no limit. */
  readonly maxBytes?: number;
  /** Told what became of an attachment, each time a mail with one is rendered; must not throw. */
  readonly onAttachment?: (outcome: AttachmentOutcome) => void;
}

export function createRenderer(options: RendererOptions): MailRenderer {
  const texts = MAIL_TEXTS[options.locale];
  const localTime = createLocalTime(options.timezone);
  const from = parseMailbox(options.from);
  const domain = idDomain(options.from);
  const { maxBytes = Number.POSITIVE_INFINITY, onAttachment } = options;
  const fromHeader =
    from.name === ""
      ? headerAddress(from.address)
      : `${phrase(from.name, "From: ".length)}\r\n <${headerAddress(from.address)}>`;

  return {
    render(content: MailContent, addressing: Addressing, attachment?: Attachment): RenderedMail {
      const digest = content as Digest;
      const recipients = addressing.to;
      const { messageId, threadId, boundary, outerBoundary } = messageIdsOf(digest, domain);
      const view = viewOf(digest, texts, localTime);
      const subject = texts.subject(view.deviceName, digest.count);
      const to = recipients.map(headerAddress).join(",\r\n ") || "undisclosed-recipients:;";
      const headers = [
        `From: ${fromHeader}`,
        `To: ${to}`,
        unstructured("Subject", subject),
        `Date: ${new Date(digest.windowEnd).toUTCString().replace("GMT", "+0000")}`,
        `Message-ID: ${messageId}`,
        `In-Reply-To: ${threadId}`,
        `References: ${threadId}`,
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        unstructured("X-Alert-Digest-Device", digest.deviceId),
        `X-Alert-Digest-Window: ${instant(digest.windowStart)}/${instant(digest.windowEnd)}`,
        unstructured("X-Alert-Digest-Source", sourceOf(digest)),
        `X-Alert-Digest-Count: ${digest.count}`,
        "MIME-Version: 1.0",
        `Content-Language: ${texts.lang}`,
      ];
      const compose = (notice?: string, file?: MimeEntity): Buffer => {
        const said = notice === undefined ? view : { ...view, summary: [...view.summary, notice] };
        const bodies = multipart("alternative", boundary, [
          textPart("text/plain", textBody(said, texts)),
          textPart("text/html", htmlBody(said, subject, texts)),
        ]);
        const entity = file === undefined ? bodies : multipart("mixed", outerBoundary, [bodies, file]);
        return Buffer.from([...headers, ...entity.headers, "", entity.body].join("\r\n"), "utf8");
      };
      const raw =
        attachment === undefined
          ? compose()
          : withCsv({ digest, attachment, texts, localTime, maxBytes, onAttachment }, compose);
      return { messageId, subject, from: from.address, raw };
    },
  };
}

const instant = (ms: number): string => new Date(ms).toISOString();

/** An address comes from the configuration, not from a record; still nothing in it ends the line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
const headerAddress = (address: string): string => address.replace(/[\x00-\x20\x7f<>,;]/g, "");
