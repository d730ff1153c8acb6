/** Who is told, as all who are told may see it. Bcc is in no header. */

import type { Addressing } from "../runtime/ports.js";
import { addressList } from "./header.js";

/**
 * RFC 5322 section 3.4: a group without members. Spam filters take the usual words, "undisclosed-recipients", for a sign of spam, and a mail that names
 * nobody as well, unless it says that it goes to many.
 */
const NOBODY = ["To: alert-digest readers:;", "Precedence: list"];

/** `max`: octets of both headers; where they would be longer, nobody is named. */
export function recipientHeaders({ to, cc }: Addressing, max: number): readonly string[] {
  const lines: string[] = [];
  if (to.length > 0) lines.push(addressList("To", to));
  if (cc.length > 0) lines.push(addressList("Cc", cc));
  const octets = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 2, 0);
  return lines.length === 0 || octets > max ? NOBODY : lines;
}
