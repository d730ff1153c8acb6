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
import { NOTICE_OCTETS, withCsv } from "./csv-attachment.js";
import { dateOf } from "./date.js";
import { type FleetView, fleetViewOf, sourcesOf } from "./fleet.js";
import { unstructured } from "./header.js";
import { htmlBody } from "./html-body.js";
import { type ListOptions, listHeaders } from "./list-headers.js";
import { createLooks, type ReadyLook } from "./look.js";
import { fleetIdsOf, idDomain, type MessageIds, messageIdsOf } from "./message-id.js";
import { type MimeEntity, multipart, textPart } from "./mime.js";
import { recipientHeaders } from "./recipient-headers.js";
import type { TemplateParts, Templates } from "./templates.js";
import { textBody } from "./text-body.js";
import { type DigestView, deviceNameOf, sourceOf, viewOf } from "./view.js";

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

  /** What both kinds of mail share; `own`: the headers that say what is inside. */
  const headersOf = (
    kind: { readonly subject: string; readonly thread: string; readonly date: number },
    ids: MessageIds,
    look: ReadyLook,
    addressing: Addressing,
    own: readonly string[],
  ): readonly string[] => [
    ...look.senderLines,
    ...recipientHeaders(addressing, maxBytes / 4),
    unstructured("Subject", kind.subject),
    `Date: ${new Date(kind.date).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: ${ids.messageId}`,
    `In-Reply-To: ${ids.threadId}`,
    `References: ${ids.threadId}`,
    unstructured("Thread-Topic", kind.thread),
    `Thread-Index: ${ids.threadIndex}`,
    ...lists,
    "Auto-Submitted: auto-generated",
    "X-Auto-Response-Suppress: All",
    ...own,
    "MIME-Version: 1.0",
    `Content-Language: ${look.context.texts.lang}`,
  ];

  /** As many alerts or devices as there is room for, then as much of the CSV file as is left. */
  const mailOf = (
    ids: MessageIds,
    look: ReadyLook,
    headers: readonly string[],
    viewWith: (room?: number) => DigestView | FleetView,
    items: number,
    file: { readonly attachment: Attachment; readonly digest: Digest } | undefined,
    own: TemplateParts,
  ): RenderedMail => {
    const compose = (view: DigestView | FleetView, notice?: string, file?: MimeEntity): Buffer =>
      composed(headers, ids, notice === undefined ? view : { ...view, notes: [...view.notes, notice] }, file, own);
    const { view, raw } = fitted(viewWith, items, compose, maxBytes - (file === undefined ? 0 : NOTICE_OCTETS));
    const { texts, localTime } = look.context;
    const whole =
      file === undefined
        ? raw
        : withCsv({ ...file, texts, localTime, maxBytes, onAttachment }, (notice, part) =>
            notice === undefined && part === undefined ? raw : compose(view, notice, part),
          );
    return { messageId: ids.messageId, subject: view.subject, from: envelopeFrom ?? look.from, raw: whole };
  };

  /** Whatever the fit: templates are asked once for each mail. */
  const partsOf = (
    content: MailContent,
    subject: string,
    look: ReadyLook,
  ): TemplateParts & { readonly subject: string } => ({
    subject,
    ...options.templates?.render(content, subject, look.context),
  });

  const renderDevice = (digest: Digest, addressing: Addressing, attachment: Attachment | undefined): RenderedMail => {
    const look = lookOf(addressing.look);
    const { texts } = look.context;
    const ids = messageIdsOf(digest, domain, look.differs);
    const name = deviceNameOf(digest);
    const thread = texts.constantSubject(name);
    const own = partsOf(digest, constant ? thread : texts.subject(name, digest.count), look);
    const { subject } = own;
    const headers = headersOf({ subject, thread, date: dateOf(digest) }, ids, look, addressing, [
      unstructured("X-Alert-Digest-Device", digest.deviceId),
      windowHeader(digest),
      unstructured("X-Alert-Digest-Source", sourceOf(digest)),
      `X-Alert-Digest-Count: ${digest.count}`,
    ]);
    const viewWith = (room?: number): DigestView => viewOf(digest, subject, look.context, room);
    const file = attachment === undefined ? undefined : { attachment, digest };
    return mailOf(ids, look, headers, viewWith, digest.listed.length, file, own);
  };

  const renderFleet = (fleet: FleetDigest, addressing: Addressing): RenderedMail => {
    const look = lookOf(addressing.look);
    const texts = look.context.texts.fleet;
    const ids = fleetIdsOf(fleet, domain, look.from, look.differs);
    const devices = fleet.devices.length;
    const thread = texts.constantSubject();
    const own = partsOf(fleet, constant ? thread : texts.subject(devices, fleet.count), look);
    const { subject } = own;
    const sources = sourcesOf(fleet);
    const headers = headersOf({ subject, thread, date: dateOf(fleet) }, ids, look, addressing, [
      `X-Alert-Digest-Devices: ${devices}`,
      windowHeader(fleet),
      ...(sources === "" ? [] : [unstructured("X-Alert-Digest-Source", sources)]),
      `X-Alert-Digest-Count: ${fleet.count}`,
    ]);
    const viewWith = (room?: number): FleetView => fleetViewOf(fleet, subject, look.context, room);
    return mailOf(ids, look, headers, viewWith, devices, undefined, own);
  };

  return {
    render: (content: MailContent, addressing: Addressing, attachment?: Attachment): RenderedMail =>
      "devices" in content ? renderFleet(content, addressing) : renderDevice(content, addressing, attachment),
  };
}

function composed(
  headers: readonly string[],
  ids: MessageIds,
  view: DigestView | FleetView,
  file: MimeEntity | undefined,
  own: TemplateParts,
): Buffer {
  const bodies = multipart("alternative", ids.boundary, [
    textPart("text/plain", own.text ?? textBody(view)),
    textPart("text/html", own.html ?? htmlBody(view)),
  ]);
  const entity = file === undefined ? bodies : multipart("mixed", ids.outerBoundary, [bodies, file]);
  return Buffer.from([...headers, ...entity.headers, "", entity.body].join("\r\n"), "utf8");
}

/** The view that lists the most and still fits; of nothing at all where even that does not. Seldom more than one is made. */
function fitted<View>(
  viewWith: (room?: number) => View,
  items: number,
  compose: (view: View) => Buffer,
  max: number,
): { readonly view: View; readonly raw: Buffer } {
  const attempt = (room?: number) => {
    const view = viewWith(room);
    return { view, raw: compose(view) };
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
