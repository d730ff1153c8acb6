/** Addresses as people write them in a configuration (RFC 5322 section 3.4, one mailbox, no comments). */

import { domainToASCII } from "node:url";

export interface Mailbox {
  /** Display name, or "". */
  readonly name: string;
  /** `local@domain`, the domain in lower case and in its ASCII form (RFC 5891). The configuration takes ASCII before the @ only: nothing needs SMTPUTF8. */
  readonly address: string;
}

/** `a@b`, `<a@b>` or `Name <a@b>`; what is not an address at all comes back unchanged as `address`. */
export function parseMailbox(text: string): Mailbox {
  const match = /^\s*(.*?)\s*<([^<>]*)>\s*$/s.exec(text);
  const quoted = /^"(.*)"$/s.exec(match?.[1] ?? "");
  const name = quoted ? (quoted[1] ?? "").replace(/\\(.)/g, "$1") : (match?.[1] ?? "");
  const written = (match?.[2] ?? text).trim();
  const at = written.lastIndexOf("@");
  const domain = written.slice(at + 1);
  const ascii = at < 1 || domain.startsWith("[") ? domain : domainToASCII(domain) || domain;
  return { name, address: written.slice(0, at + 1) + ascii };
}
