/** The CSV file of a mail: its name, how much of the window is in it, and what the mail says of it. */

import type { Attachment, AttachmentOutcome, Digest } from "../runtime/ports.js";
import type { Steps } from "../runtime/turns.js";
import { csvOf } from "./csv.js";
import type { LocalTime } from "./language.js";
import { contentBytesIn, fileHeaders, filePart, type MimeEntity } from "./mime.js";
import type { CsvFacts, MailTexts } from "./texts.js";

export interface CsvDeps {
  readonly digest: Digest;
  readonly attachment: Attachment;
  readonly texts: MailTexts;
  readonly localTime: LocalTime;
  /** Of the whole message. */
  readonly maxBytes: number;
  readonly onAttachment?: ((outcome: AttachmentOutcome) => void) | undefined;
}

/**
 * The message with as much of the CSV file as there is room for, or without it. `compose` makes the message of a notice, one line for both bodies, and
 * of the file's part. Longer than `maxBytes` only where it is so without the file.
 */
export function* withCsv(deps: CsvDeps, compose: (notice?: string, file?: MimeEntity) => Steps<Buffer>): Steps<Buffer> {
  let room = Number.POSITIVE_INFINITY;
  if (Number.isFinite(deps.maxBytes)) room = deps.maxBytes - (yield* compose()).length - NOTICE_OCTETS;
  for (;;) {
    const { file, facts, notice } = yield* csvPart(deps, room);
    const raw = yield* compose(notice, file);
    const excess = raw.length - deps.maxBytes;
    if (excess <= 0 || file === undefined) {
      deps.onAttachment?.(facts.unread > 0 ? "missing" : facts.noRoom > 0 ? "cut" : "whole");
      return raw;
    }
    room -= excess;
  }
}

/** `room`: octets that the file's part may take in the message, its headers included. */
function* csvPart(
  { digest, attachment, texts, localTime }: CsvDeps,
  room: number,
): Steps<{ file: MimeEntity | undefined; facts: CsvFacts; notice: string }> {
  const { alerts, unread, beyond } = attachment;
  const total = alerts.length + unread + beyond;
  const factsOf = (rows: number): CsvFacts => ({ rows, total, unread, noRoom: alerts.length + beyond - rows });
  const filename = csvFilename(digest, localTime);
  const overhead = fileHeaders(TYPE, filename).join("\r\n").length + PART_OVERHEAD;
  const { content, rows } = yield* csvOf(alerts, {
    localTime,
    maxBytes: contentBytesIn(room - overhead),
    note: (rows) => (rows < total ? texts.csv(factsOf(rows)) : undefined),
  });
  const facts = factsOf(rows);
  const file = rows === 0 ? undefined : yield* filePart(TYPE, filename, content);
  return { file, facts, notice: texts.csv(facts) };
}

/** `alerts-<device>-<window start>.csv` of letters, digits, `.`, `-`, `_` and `+`: no file system and no shell minds. In the mail's time zone. */
export function csvFilename({ deviceId, windowStart }: Digest, localTime: LocalTime): string {
  const device = [...deviceId.normalize("NFC").replace(/[^\p{L}\p{N}\p{M}._-]+/gu, "_")].slice(0, DEVICE_MAX).join("");
  return `alerts-${device}-${localTime.compact(windowStart)}.csv`;
}

/** RFC 4180 section 3. */
const TYPE = "text/csv; charset=utf-8; header=present";
/** What a notice takes in both bodies. */
export const NOTICE_OCTETS = 1_000;
/** Two boundaries, the empty line, the second multipart's header. */
const PART_OVERHEAD = 400;
const DEVICE_MAX = 60;
