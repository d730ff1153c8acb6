/** Identities of a mail, the same on every retry and every replay, on every instance. */

import { createHash } from "node:crypto";
import type { Digest, FleetDigest } from "../runtime/ports.js";

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

/**
 * `domain`: right-hand side of the identifiers (RFC 5322 section 3.6.4), see `idDomain`. `look`: in what the message differs from that of other
 * readers of the same digest; empty for what `MAIL_*` say.
 */
export function messageIdsOf(digest: Digest, domain: string, look: readonly string[] = []): MessageIds {
  const { topic, partition, deviceId, windowStart, idOffset } = digest;
  // Without the partition: a topic that grows moves devices, their threads stay.
  return idsOf(["mail", topic, partition, deviceId, windowStart, idOffset], ["thread", topic, deviceId], domain, look);
}

/** Of several devices' windows, whatever their order. `sender`: a thread for each. */
export function fleetIdsOf(fleet: FleetDigest, domain: string, sender: string, look: readonly string[]): MessageIds {
  const devices = fleet.devices
    .map(({ digest }) => JSON.stringify([digest.partition, digest.deviceId, digest.windowStart, digest.idOffset]))
    .sort();
  return idsOf(["fleet", fleet.topic, ...devices], ["fleet-thread", fleet.topic, sender], domain, look);
}

function idsOf(own: readonly Part[], thread: readonly Part[], domain: string, look: readonly string[]): MessageIds {
  const id = hash(look.length === 0 ? own : [...own, "look", ...look]);
  const threadHash = hash(thread);
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

/** JSON keeps the parts apart and lone surrogates distinct. */
const hash = (parts: readonly Part[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
