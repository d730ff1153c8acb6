/** Identities of a mail, the same on every retry and every replay, on every instance. */

import { createHash } from "node:crypto";
import type { Digest } from "../runtime/ports.js";
import { parseMailbox } from "./mailbox.js";

export interface MessageIds {
  /** With angle brackets. */
  readonly messageId: string;
  /** Of a message that never existed: all mails of a device refer to it, so readers show them as one thread. */
  readonly threadId: string;
  /** A MIME boundary; cannot occur in a base64 body. */
  readonly boundary: string;
  /** Of a multipart around it: neither is the beginning of the other. */
  readonly outerBoundary: string;
}

/** `domain`: right-hand side of the identifiers (RFC 5322 section 3.6.4), see `idDomain`. */
export function messageIdsOf(digest: Digest, domain: string): MessageIds {
  const { topic, partition, deviceId, windowStart, idOffset } = digest;
  const own = hash(["mail", topic, partition, deviceId, windowStart, idOffset]);
  return {
    messageId: `<${own}@${domain}>`,
    // Without the partition: a topic that grows moves devices, their threads stay.
    threadId: `<${hash(["thread", topic, deviceId])}@${domain}>`,
    boundary: `=_${own}`,
    outerBoundary: `=_mixed_${own}`,
  };
}

/** The sender's domain, or a name reserved by RFC 2606 where it has none that can stand in an identifier. */
export function idDomain(from: string): string {
  const { address } = parseMailbox(from);
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return address.includes("@") && domain.length <= 255 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(domain)
    ? domain
    : "alert-digest.invalid";
}

/** JSON keeps the parts apart and lone surrogates distinct. */
const hash = (parts: readonly (string | number)[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
