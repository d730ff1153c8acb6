/**
 * From a digest to a finished MIME message, the same bytes every time: the boundary and the identifiers are hashes, the
 * date follows from the window. A retry or a replay is therefore recognised as the same mail by whoever gets it twice.
 *
 * Composed here and not with nodemailer's MimeNode: that one answers through a callback, draws a random boundary and
 * takes 4 to 10 times as long for the same mail; what a digest needs of MIME fits on one screen.
 */

import {
  type Addressing,
  type Attachment,
  type AttachmentOutcome,
  type Digest,
  everyoneOf,
  type FleetDigest,
  type Mailbox,
  type MailContent,
  type MailLink,
  type MailRenderer,
  type RenderedMail,
} from "../runtime/ports.js";
import { atOnce, inTurns, type Steps } from "../runtime/turns.js";
import { deviceNameOf } from "./clean.js";
import { composeDocument } from "./compose-document.js";
import { NOTICE_OCTETS, withCsv } from "./csv-attachment.js";
import type { DocumentSummary, MailDocument } from "./document.js";
import {
  dateOf,
  fleetIdsOf,
  idDomain,
  type ListOptions,
  listHeaders,
  type MessageIds,
  messageIdsOf,
  sourceOf,
  sourcesOf,
} from "./headers.js";
import { htmlBody } from "./html.js";
import type { Language } from "./language.js";
import { createLooks, type ReadyLook } from "./look.js";
import { type MimeEntity, multipart, recipientHeaders, textPart, unstructured, verbatim } from "./mime.js";
import type { TemplateParts, Templates } from "./templates.js";
import { textBody } from "./text-body.js";
import type { MailTexts } from "./texts.js";

/** What a subject says beside the device: the count; nothing; how bad it is, and the count. */
export type MailSubject = "counted" | "constant" | "severity";

export interface RendererOptions extends ListOptions {
  /** `MAIL_FROM`. */
  readonly from: Mailbox;
  /** A language that has a file in `texts/`; another one throws a RangeError here. */
  readonly locale: string;
  /** IANA name; an unknown one throws a RangeError here. */
  readonly timezone: string;
  /** `MAIL_REPLY_TO`. */
  readonly replyTo?: Mailbox | undefined;
  /** `MAIL_LINKS`. */
  readonly links?: readonly MailLink[] | undefined;
  /** `PUBLIC_URL`. */
  readonly livePage?: string | undefined;
  /** `MAIL_ENVELOPE_FROM`: bounces go there; absent: to the sender. */
  readonly envelopeFrom?: string | undefined;
  /** `MAIL_ID_KEY`. */
  readonly idKey?: string | undefined;
  /** `MAIL_SUBJECT`; absent: `counted`. */
  readonly subject?: MailSubject | undefined;
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
    links: options.links ?? [],
  });
  const domain = idDomain(options.from.address);
  const identity = { domain, key: options.idKey };
  const { subject: saying = "counted" } = options;

  /** What both kinds of mail share. */
  const headersOf = (
    kind: MailKind,
    { subject, summary: { severity, state } }: MailDocument,
    look: ReadyLook,
    addressing: Addressing,
  ): readonly string[] => [
    ...look.senderLines,
    ...recipientHeaders(addressing, maxBytes / 4),
    unstructured("Subject", subject),
    `Date: ${look.language.localTime.header(kind.date)}`,
    `Message-ID: ${kind.ids.messageId}`,
    `In-Reply-To: ${kind.ids.threadId}`,
    `References: ${kind.ids.threadId}`,
    unstructured("Thread-Topic", kind.thread),
    `Thread-Index: ${kind.ids.threadIndex}`,
    ...listHeaders(options, domain, everyoneOf(addressing)),
    "Auto-Submitted: auto-generated",
    "X-Auto-Response-Suppress: All",
    ...kind.headers,
    `X-Alert-Digest-Severity: ${severity}`,
    `X-Alert-Digest-State: ${state}`,
    // How bad it is at the end, for filters and for telephones. Programs of old know `X-Priority`, others `Importance` (RFC 4021 section 2.1.54).
    ...(state === "firing" && severity === "critical" ? ["Importance: high", "X-Priority: 1"] : []),
    "MIME-Version: 1.0",
    `Content-Language: ${look.language.texts.lang}`,
  ];

  const deviceKind = (digest: Digest, look: ReadyLook): MailKind => {
    const { texts } = look.language;
    const name = deviceNameOf(digest);
    return {
      ids: messageIdsOf(digest, identity, look.differs),
      subject: (tag) => texts.subject(tag, name, digest.count),
      thread: texts.constantSubject(texts.tags.alert, name),
      date: dateOf(digest),
      headers: [
        verbatim("X-Alert-Digest-Device", digest.deviceId),
        windowHeader(digest, look.language),
        verbatim("X-Alert-Digest-Source", sourceOf(digest)),
        `X-Alert-Digest-Count: ${digest.count}`,
      ],
      items: digest.listed.length,
    };
  };

  const fleetKind = (fleet: FleetDigest, look: ReadyLook): MailKind => {
    const { tags, fleet: texts } = look.language.texts;
    const devices = fleet.devices.length;
    const sources = sourcesOf(fleet);
    return {
      ids: fleetIdsOf(fleet, identity, look.from, look.differs),
      subject: (tag) => texts.subject(tag, devices, fleet.count),
      thread: texts.constantSubject(tags.alert),
      date: dateOf(fleet),
      headers: [
        `X-Alert-Digest-Devices: ${devices}`,
        windowHeader(fleet, look.language),
        ...(sources === "" ? [] : [verbatim("X-Alert-Digest-Source", sources)]),
        `X-Alert-Digest-Count: ${fleet.count}`,
      ],
      items: devices,
    };
  };

  /** As many alerts or devices as there is room for, then as much of the CSV file as is left. Templates are asked once, whatever the fit. */
  function* steps(content: MailContent, addressing: Addressing, attachment?: Attachment): Steps<RenderedMail> {
    const look = lookOf(addressing.look);
    const { language, links } = look;
    const around = { links, because: addressing.because, livePage: options.livePage };
    const kind = "devices" in content ? fleetKind(content, look) : deviceKind(content, look);
    const whole = composeDocument(
      content,
      (summary) => usualSubject(saying, kind, summary, language),
      language,
      undefined,
      around,
    );
    yield;
    const own: TemplateParts = options.templates?.render(whole) ?? {};
    const { subject = whole.subject } = own;
    let mail = subject === whole.subject ? whole : { ...whole, subject };
    const headers = headersOf(kind, mail, look, addressing);
    const frame: Frame = { own, texts: language.texts, headers, ids: kind.ids };
    const compose = (said: MailDocument, file?: MimeEntity): Steps<Buffer> => composed(frame, said, file);
    const digest = attachment === undefined || "devices" in content ? undefined : content;
    const max = maxBytes - (digest === undefined ? 0 : NOTICE_OCTETS);
    let raw = yield* compose(mail);
    if (raw.length > max && kind.items > 0)
      ({ mail, raw } = yield* shortened(
        (room) => composeDocument(content, () => subject, language, room, around),
        kind.items,
        compose,
        max,
      ));
    if (attachment !== undefined && digest !== undefined) {
      const [bare, said] = [raw, mail];
      raw = yield* withCsv({ digest, attachment, ...language, maxBytes, onAttachment }, function* (notice, file) {
        if (notice === undefined && file === undefined) return bare;
        return yield* compose(notice === undefined ? said : { ...said, notes: [...said.notes, notice] }, file);
      });
    }
    return { messageId: kind.ids.messageId, subject, from: envelopeFrom ?? look.from, raw };
  }

  return {
    render: (...asked) => atOnce(steps(...asked)),
    renderInTurns: (...asked) => inTurns(steps(...asked)),
  };
}

/** What is the same however much of the mail's content has room. */
interface Frame {
  readonly own: TemplateParts;
  readonly texts: MailTexts;
  readonly headers: readonly string[];
  readonly ids: MessageIds;
}

/** The whole message. No closure of `steps`: a generator that is made for each mail costs a quarter more. */
function* composed({ own, texts, headers, ids }: Frame, mail: MailDocument, file?: MimeEntity): Steps<Buffer> {
  const text = own.text ?? textBody(mail, texts);
  yield;
  const html = own.html ?? htmlBody(mail, texts);
  yield;
  const bodies = multipart("alternative", ids.boundary, [textPart("text/plain", text), textPart("text/html", html)]);
  if (file !== undefined) yield;
  const entity = file === undefined ? bodies : multipart("mixed", ids.outerBoundary, [bodies, file]);
  return Buffer.from([...headers, ...entity.headers, "", entity.body].join("\r\n"), "utf8");
}

/** In what a mail about one device and one about many differ. */
interface MailKind {
  readonly ids: MessageIds;
  /** With a count, and the same for each mail of the thread. */
  subject(tag: string): string;
  readonly thread: string;
  readonly date: number;
  /** Those that say what is inside. */
  readonly headers: readonly string[];
  /** How many alerts, or devices, it lists. */
  readonly items: number;
}

/** The document that lists the most of its items and still fits; of nothing at all where even that does not. */
function* shortened(
  documentWith: (room: number) => MailDocument,
  items: number,
  compose: (mail: MailDocument) => Steps<Buffer>,
  max: number,
): Steps<{ readonly mail: MailDocument; readonly raw: Buffer }> {
  function* attempt(room: number): Steps<{ readonly mail: MailDocument; readonly raw: Buffer }> {
    const mail = documentWith(room);
    yield;
    return { mail, raw: yield* compose(mail) };
  }
  let best = yield* attempt(0);
  let [fits, over] = [0, items];
  while (over - fits > 1) {
    const room = Math.floor((fits + over) / 2);
    const made = yield* attempt(room);
    if (made.raw.length <= max) [best, fits] = [made, room];
    else over = room;
  }
  return best;
}

function usualSubject(
  saying: MailSubject,
  kind: MailKind,
  { severity, state }: Pick<DocumentSummary, "severity" | "state">,
  { texts: { tags } }: Language,
): string {
  switch (saying) {
    case "constant":
      return kind.thread;
    case "counted":
      return kind.subject(tags.alert);
    case "severity":
      return kind.subject(state === "resolved" ? tags.resolved : tags[severity]);
  }
}

const windowHeader = ({ windowStart, windowEnd }: Digest | FleetDigest, { localTime }: Language): string =>
  `X-Alert-Digest-Window: ${localTime.utc(windowStart)}/${localTime.utc(windowEnd)}`;
