/**
 * DKIM signatures (RFC 6376; Ed25519: RFC 8463), relaxed/relaxed. The same message gives the same bytes each time: both
 * algorithms are deterministic (RSA with PKCS#1 v1.5), and no time stands in the signature.
 *
 * Canonical forms are nodemailer's. Its own header line is not used: that one names no field twice, and so cannot keep
 * somebody from putting a second From on top of the signed one (RFC 6376 section 8.15), and it knows RSA only.
 */

import { createHash, createPrivateKey, type KeyObject, sign } from "node:crypto";
import MessageParser from "nodemailer/lib/dkim/message-parser.js";
import RelaxedBody from "nodemailer/lib/dkim/relaxed-body.js";
import dkimSign from "nodemailer/lib/dkim/sign.js";
import type { Steps } from "../runtime/turns.js";

export interface DkimOptions {
  /** In ASCII. */
  readonly domain: string;
  readonly selector: string;
  /** PEM, without a passphrase: RSA or Ed25519. */
  readonly privateKey: string;
}

/** A whole message with CRLF line ends → the same with a `DKIM-Signature` on top. */
export type DkimSigner = (raw: Buffer) => Steps<Buffer>;

/** What a reader sees or a mail client acts on; those a message has are signed. Relays add others, and may. */
const SIGNED = [
  "From",
  "Sender",
  "Reply-To",
  "To",
  "Cc",
  "Subject",
  "Date",
  "Message-ID",
  "In-Reply-To",
  "References",
  "MIME-Version",
  "Content-Type",
  "Content-Transfer-Encoding",
  "List-Id",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
  "List-Help",
  "Auto-Submitted",
].join(":");

/** Throws when the key cannot be used; the configuration has tried it before (`config/dkim-key.ts`). */
export function createDkimSigner({ domain, selector, privateKey }: DkimOptions): DkimSigner {
  const key = createPrivateKey(privateKey);
  const algorithm = key.asymmetricKeyType === "ed25519" ? "ed25519-sha256" : "rsa-sha256";
  return function* (raw) {
    const bodyAt = raw.indexOf("\r\n\r\n") + 4;
    const parser = new MessageParser();
    parser.rawHeaders = raw.subarray(0, bodyAt);
    const { headers, fieldNames } = dkimSign.relaxedHeaders(parser.parseHeaders(), SIGNED);
    const hash = yield* bodyHash(raw.subarray(bodyAt));
    const unsigned = [
      `v=1; a=${algorithm}; c=relaxed/relaxed;`,
      ` d=${domain};`,
      ` s=${selector};`,
      // One From more than there is: a second one would break the signature (section 5.4.2).
      ...folded(`h=from:${fieldNames};`),
      ` bh=${hash};`,
      " b=",
    ].join("\r\n");
    const signature = signed(key, `${headers}dkim-signature:${relaxed(unsigned)}`);
    const lines = signature.match(/.{1,72}/g) ?? [];
    return Buffer.concat([Buffer.from(`DKIM-Signature: ${unsigned}${lines.join("\r\n ")}\r\n`, "latin1"), raw]);
  };
}

/** Section 3.7. `data`: one character per byte. */
function signed(key: KeyObject, data: string): string {
  const bytes = Buffer.from(data, "latin1");
  // RFC 8463 section 3: Ed25519 signs the hash.
  return key.asymmetricKeyType === "ed25519"
    ? sign(null, createHash("sha256").update(bytes).digest(), key).toString("base64")
    : sign("sha256", bytes, key).toString("base64");
}

/** Section 3.4.4, and 3.4.3 for a body that does not end its last line. */
function* bodyHash(body: Buffer): Steps<string> {
  const canonical = new RelaxedBody();
  for (let at = 0; at < body.length; at += STEP_BYTES) {
    if (at > 0) yield;
    canonical.updateHash(body.subarray(at, at + STEP_BYTES), at + STEP_BYTES >= body.length);
  }
  if (body.length > 0 && !body.subarray(-2).equals(CRLF)) canonical.updateHash(CRLF);
  return canonical.bodyHash.digest("base64");
}

const STEP_BYTES = 512 * 1024;
const CRLF = Buffer.from("\r\n");

/** Section 3.4.2, of what we wrote ourselves. */
const relaxed = (value: string): string => value.replace(/\r\n/g, "").replace(/ +/g, " ").trim();

/** A list at its colons, as continuation lines. */
const folded = (list: string): readonly string[] => (list.match(/.{1,70}(:|;|$)/g) ?? []).map((line) => ` ${line}`);
