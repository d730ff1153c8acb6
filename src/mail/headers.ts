/** The header fields of a mail: who it is, of when, of which list, how bad, the same on every retry and every replay, on every instance. */

import { createHmac, hash } from "node:crypto";
import { type Digest, digestsOf, type FleetDigest, type MailContent, RECIPIENT_PLACE } from "../runtime/ports.js";

export interface MessageIds {
  /** With angle brackets. */
  readonly messageId: string;
  /** Of a message that never existed: all mails of a device refer to it, so readers show them as one thread. */
  readonly threadId: string;
  /** The thread as Outlook and Exchange know it: header Thread-Index. */
  readonly threadIndex: string;
  /** A MIME boundary; cannot occur in a base64 body. */
  readonly boundary: string;
  /** Of a multipart around it: neither is the beginning of the other. */
  readonly outerBoundary: string;
}

type Part = string | number;

/** What all identifiers of an installation share. */
interface IdSpace {
  /** Right-hand side of the identifiers (RFC 5322 section 3.6.4), see `idDomain`. */
  readonly domain: string;
  /** `MAIL_ID_KEY`: without it nobody can compute them; absent: whoever knows device and window can. */
  readonly key?: string | undefined;
}

/** `look`: in what the message differs from that of other readers of the same digest; empty for what `MAIL_*` say. */
export function messageIdsOf(digest: Digest, space: IdSpace, look: readonly string[] = []): MessageIds {
  const { topic, partition, deviceId, windowStart, idOffset } = digest;
  // Without the partition: a topic that grows moves devices, their threads stay.
  return idsOf(["mail", topic, partition, deviceId, windowStart, idOffset], ["thread", topic, deviceId], space, look);
}

/** Of several devices' windows, whatever their order. `sender`: a thread for each. */
export function fleetIdsOf(fleet: FleetDigest, space: IdSpace, sender: string, look: readonly string[]): MessageIds {
  const devices = fleet.devices
    .map(({ digest }) => JSON.stringify([digest.partition, digest.deviceId, digest.windowStart, digest.idOffset]))
    .sort();
  return idsOf(["fleet", fleet.topic, ...devices], ["fleet-thread", fleet.topic, sender], space, look);
}

function idsOf(
  own: readonly Part[],
  thread: readonly Part[],
  { domain, key }: IdSpace,
  look: readonly string[],
): MessageIds {
  const id = identifierOf(look.length === 0 ? own : [...own, "look", ...look], key);
  const threadHash = identifierOf(thread, key);
  return {
    messageId: `<${id}@${domain}>`,
    threadId: `<${threadHash}@${domain}>`,
    threadIndex: Buffer.concat([THREAD_INDEX_TIME, Buffer.from(threadHash, "hex").subarray(0, 16)]).toString("base64"),
    boundary: `=_${id}`,
    outerBoundary: `=_mixed_${id}`,
  };
}

/**
 * The first 6 of the 22 bytes ([MS-OXOMSG] section 2.2.1.3, PidTagConversationIndex): 0x01 and the upper bytes of a FILETIME, here always that of
 * 2024-01-01. The other 16 are the thread's GUID.
 */
const THREAD_INDEX_TIME = Buffer.from("01da3c457689", "hex");

/** The sender's domain, or a name reserved by RFC 2606 where it has none that can stand in an identifier. */
export function idDomain(address: string): string {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return address.includes("@") && domain.length <= 255 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(domain)
    ? domain
    : "alert-digest.invalid";
}

/**
 * When the mail says it was written (RFC 5322 section 3.6.1), in milliseconds: the window's end, the same every time. An early mail's window ends in the
 * future, which mail programs sort first and spam filters dislike: it was written with the latest alert it lists.
 */
export const dateOf = (content: MailContent): number => {
  const digests = digestsOf(content);
  if (!digests.every(({ part }) => part === "early")) return content.windowEnd;
  return digests
    .flatMap(({ listed }) => listed.map(({ eventTime }) => eventTime as number))
    .reduce((latest, time) => Math.max(latest, time), content.windowStart);
};

/** 40 hexadecimal digits. JSON keeps the parts apart and lone surrogates distinct. */
export const identifierOf = (parts: readonly Part[], key: string | undefined): string => {
  const text = JSON.stringify(parts);
  const digest = key === undefined ? hash("sha256", text, "hex") : createHmac("sha256", key).update(text).digest("hex");
  return digest.slice(0, 40);
};

// Which list a mail is of, and how to leave it.

export interface ListOptions {
  /** `MAIL_LIST_ID`, without angle brackets; absent: `alert-digest.<domain of from>`. */
  readonly listId?: string | undefined;
  /** `MAIL_UNSUBSCRIBE_URL`: https, http or mailto. `{recipient}` in it stands for the address of a mail to one person. */
  readonly unsubscribeUrl?: string | undefined;
}

/**
 * RFC 2919 and 2369. One click (RFC 8058) needs https and a URL that says who leaves, for the POST says nothing else: so a mail to one person has it, where the
 * URL names that person. A mail to several cannot name one of them. `domain`: the sender's, see `idDomain`. `recipients`: all of the mail.
 */
export function listHeaders(
  { listId, unsubscribeUrl: url }: ListOptions,
  domain: string,
  recipients: readonly string[],
): readonly string[] {
  const list = `List-Id: <${listId ?? `alert-digest.${domain}`}>`;
  if (url === undefined) return [list];
  if (!url.includes(RECIPIENT_PLACE)) return [list, `List-Unsubscribe: <${url}>`];
  const [recipient, ...others] = recipients;
  if (recipient === undefined || others.length > 0) return [list];
  const own = url.replaceAll(RECIPIENT_PLACE, encodeURIComponent(recipient));
  const oneClick = /^https:/i.test(url) ? ["List-Unsubscribe-Post: List-Unsubscribe=One-Click"] : [];
  return [list, `List-Unsubscribe: <${own}>`, ...oneClick];
}

/** `topic/partition/first-last`, as the header X-Alert-Digest-Source has it. */
export const sourceOf = (digest: Pick<Digest, "topic" | "partition" | "firstOffset" | "lastOffset">): string =>
  `${digest.topic}/${digest.partition}/${digest.firstOffset}-${digest.lastOffset}`;

/** `a/3/1-9,b/0/4-4`, or "" where they would be too many. */
export const sourcesOf = ({ devices }: FleetDigest): string =>
  devices.length > SOURCES_MAX ? "" : devices.map(({ digest }) => sourceOf(digest)).join(",");

const SOURCES_MAX = 50;
