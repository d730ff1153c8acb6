/**
 * From a digest to a finished MIME message, the same bytes every time: the boundary and the identifiers are hashes, the
 * date follows from the window. A retry or a replay is therefore recognised as the same mail by whoever gets it twice.
 *
 * Composed here and not with nodemailer's MimeNode: that one answers through a callback, draws a random boundary and
 * takes 4 to 10 times as long for the same mail; what a digest needs of MIME fits on one screen.
 */

import type {
  Addressing,
  Attachment,
  AttachmentOutcome,
  Digest,
  FleetDigest,
  Mailbox,
  MailContent,
  MailRenderer,
  RenderedMail,
} from "../runtime/ports.js";
import { composeDocument } from "./compose-document.js";
import { NOTICE_OCTETS, withCsv } from "./csv-attachment.js";
import { dateOf } from "./date.js";
import type { MailDocument } from "./document.js";
import { unstructured } from "./header.js";
import { htmlBody } from "./html-body.js";
import { type ListOptions, listHeaders } from "./list-headers.js";
import { createLooks, type ReadyLook } from "./look.js";
import { fleetIdsOf, idDomain, type MessageIds, messageIdsOf } from "./message-id.js";
import { type MimeEntity, multipart, textPart } from "./mime.js";
import { deviceNameOf, sourceOf, sourcesOf } from "./names.js";
import { recipientHeaders } from "./recipient-headers.js";
import type { TemplateParts, Templates } from "./templates.js";
import { textBody } from "./text-body.js";

export interface RendererOptions extends ListOptions {
  /** `MAIL_FROM`. */
  readonly from: Mailbox;
  /** A language that has a file in `texts/`; another one throws a RangeError here. */
  readonly locale: string;
  /** IANA name; an unknown one throws a RangeError here. */
  readonly timezone: string;
  /** `MAIL_REPLY_TO`. */
  readonly replyTo?: Mailbox | undefined;
  /** `MAIL_ENVELOPE_FROM`: bounces go there; absent: to the sender. */
  readonly envelopeFrom?: string | undefined;
  /** `MAIL_SUBJECT`; absent: `counted`. */
  readonly subject?: "counted" | "constant" | undefined;
  /** Of the whole message; absent: no limit. Below 64 KB it may be exceeded. */
  readonly maxBytes?: number | undefined;
  /** Parts that come from elsewhere; what they lack is built in. */
  readonly templates?: Templates | undefined;
  /** Told what became of an attachment, each time a mail with one is rendered; must not throw. */
  readonly onAttachment?: ((outcome: AttachmentOutcome) => void) | undefined;
}

export function createRenderer(options: RendererOptions): MailRenderer {
  const { maxBytes = Number.POSITIVE_INFINITY, envelopeFrom, onAttachment } = options;
  const lookOf = createLooks({
    from: options.from,
    replyTo: options.replyTo,
    locale: options.locale,
    timezone: options.timezone,
  });
  const domain = idDomain(options.from.address);
  const lists = listHeaders(options, domain);
  const constant = options.subject === "constant";

  /** What both kinds of mail share. */
  const headersOf = (kind: MailKind, subject: string, look: ReadyLook, addressing: Addressing): readonly string[] => [
    ...look.senderLines,
    ...recipientHeaders(addressing, maxBytes / 4),
    unstructured("Subject", subject),
    `Date: ${new Date(kind.date).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: ${kind.ids.messageId}`,
    `In-Reply-To: ${kind.ids.threadId}`,
    `References: ${kind.ids.threadId}`,
    unstructured("Thread-Topic", kind.thread),
    `Thread-Index: ${kind.ids.threadIndex}`,
    ...lists,
    "Auto-Submitted: auto-generated",
    "X-Auto-Response-Suppress: All",
    ...kind.headers,
    "MIME-Version: 1.0",
    `Content-Language: ${look.language.texts.lang}`,
  ];

  const deviceKind = (digest: Digest, look: ReadyLook): MailKind => {
    const { texts } = look.language;
    const name = deviceNameOf(digest);
    return {
      ids: messageIdsOf(digest, domain, look.differs),
      subject: texts.subject(name, digest.count),
      thread: texts.constantSubject(name),
      date: dateOf(digest),
      headers: [
        unstructured("X-Alert-Digest-Device", digest.deviceId),
        windowHeader(digest),
        unstructured("X-Alert-Digest-Source", sourceOf(digest)),
        `X-Alert-Digest-Count: ${digest.count}`,
      ],
      items: digest.listed.length,
    };
  };

  const fleetKind = (fleet: FleetDigest, look: ReadyLook): MailKind => {
    const texts = look.language.texts.fleet;
    const devices = fleet.devices.length;
    const sources = sourcesOf(fleet);
    return {
      ids: fleetIdsOf(fleet, domain, look.from, look.differs),
      subject: texts.subject(devices, fleet.count),
      thread: texts.constantSubject(),
      date: dateOf(fleet),
      headers: [
        `X-Alert-Digest-Devices: ${devices}`,
        windowHeader(fleet),
        ...(sources === "" ? [] : [unstructured("X-Alert-Digest-Source", sources)]),
        `X-Alert-Digest-Count: ${fleet.count}`,
      ],
      items: devices,
    };
  };

  return {
    /** As many alerts or devices as there is room for, then as much of the CSV file as is left. Templates are asked once, whatever the fit. */
    render(content: MailContent, addressing: Addressing, attachment?: Attachment): RenderedMail {
      const look = lookOf(addressing.look);
      const { language } = look;
      const kind = "devices" in content ? fleetKind(content, look) : deviceKind(content, look);
      const usual = constant ? kind.thread : kind.subject;
      const whole = composeDocument(content, usual, language);
      const own: TemplateParts = options.templates?.render(whole) ?? {};
      const { subject = usual } = own;
      const headers = headersOf(kind, subject, look, addressing);
      const documentWith = (room?: number): MailDocument => ({
        ...(room === undefined ? whole : composeDocument(content, usual, language, room)),
        subject,
      });
      const compose = (mail: MailDocument, file?: MimeEntity): Buffer => {
        const bodies = multipart("alternative", kind.ids.boundary, [
          textPart("text/plain", own.text ?? textBody(mail, language.texts)),
          textPart("text/html", own.html ?? htmlBody(mail, language.texts)),
        ]);
        const entity = file === undefined ? bodies : multipart("mixed", kind.ids.outerBoundary, [bodies, file]);
        return Buffer.from([...headers, ...entity.headers, "", entity.body].join("\r\n"), "utf8");
      };
      const digest = attachment === undefined || "devices" in content ? undefined : content;
      const fitting = fitted(documentWith, kind.items, compose, maxBytes - (digest === undefined ? 0 : NOTICE_OCTETS));
      let { raw } = fitting;
      if (attachment !== undefined && digest !== undefined) {
        const { mail } = fitting;
        raw = withCsv({ digest, attachment, ...language, maxBytes, onAttachment }, (notice, file) =>
          notice === undefined && file === undefined
            ? fitting.raw
            : compose(notice === undefined ? mail : { ...mail, notes: [...mail.notes, notice] }, file),
        );
      }
      return { messageId: kind.ids.messageId, subject, from: envelopeFrom ?? look.from, raw };
    },
  };
}

/** In what a mail about one device and one about many differ. */
interface MailKind {
  readonly ids: MessageIds;
  /** With a count, and the same for each mail of the thread. */
  readonly subject: string;
  readonly thread: string;
  readonly date: number;
  /** Those that say what is inside. */
  readonly headers: readonly string[];
  /** How many alerts, or devices, it lists. */
  readonly items: number;
}

/** The document that lists the most and still fits; of nothing at all where even that does not. Seldom more than one is made. */
function fitted(
  documentWith: (room?: number) => MailDocument,
  items: number,
  compose: (mail: MailDocument) => Buffer,
  max: number,
): { readonly mail: MailDocument; readonly raw: Buffer } {
  const attempt = (room?: number) => {
    const mail = documentWith(room);
    return { mail, raw: compose(mail) };
  };
  const all = attempt();
  if (all.raw.length <= max || items === 0) return all;
  let best = attempt(0);
  let [fits, over] = [0, items];
  while (over - fits > 1) {
    const room = Math.floor((fits + over) / 2);
    const made = attempt(room);
    if (made.raw.length <= max) [best, fits] = [made, room];
    else over = room;
  }
  return best;
}

const windowHeader = ({ windowStart, windowEnd }: Digest | FleetDigest): string =>
  `X-Alert-Digest-Window: ${new Date(windowStart).toISOString()}/${new Date(windowEnd).toISOString()}`;
