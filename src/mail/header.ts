/**
 * Header lines that survive any content (RFC 5322 section 2.2, RFC 2047). Nothing that comes from a record reaches a
 * mail's header but through `unstructured` or `phrase`.
 */

import type { Addressing, Mailbox } from "../runtime/ports.js";

/** RFC 2047 section 2: a line with encoded words has at most 76 characters. */
const LINE_MAX = 76;
const WORD_OVERHEAD = "=?UTF-8?B??=".length;

/** `Name: value` of free text. Decodes to exactly `value`, save control characters, which become U+FFFD. */
export function unstructured(name: string, value: string): string {
  const used = name.length + 2;
  return `${name}: ${(isPlain(value) ? folded(value, used) : undefined) ?? encode(value, used)}`;
}

/** RFC 5322 section 2.1.1: 78 characters should, 998 must be enough for a line without its end. */
const LINE_LONGEST = 998;

/** As `unstructured`, for what programs read: a long word of ASCII stands as it is, where `unstructured` would encode it for its length alone. */
export function verbatim(name: string, value: string): string {
  const line = `${name}: ${value}`;
  return isPlain(value) && !value.includes(" ") && line.length <= LINE_LONGEST ? line : unstructured(name, value);
}

/** In lines, cut before blanks: spam filters add points for ASCII in encoded words. Undefined where a word is too long for a line. */
function folded(text: string, used: number): string | undefined {
  let lines = "";
  let length = used;
  for (const word of text.split(" ")) {
    const fits = length + word.length + 1 <= LINE_MAX;
    if (!fits && (lines === "" || word.length + 1 > LINE_MAX)) return undefined;
    lines += fits ? `${lines === "" ? "" : " "}${word}` : `\r\n ${word}`;
    length = (fits ? length : 0) + word.length + 1;
  }
  return lines;
}

/** A display name in front of an address; `used` is what the line has before it. */
export function phrase(name: string, used: number): string {
  const plain = /^[\x20-\x7e]*$/.test(name) && name.length + 2 + used <= LINE_MAX;
  return plain && !name.includes("=?") ? `"${name.replace(/["\\]/g, "\\$&")}"` : encode(name, used);
}

function encode(text: string, used: number): string {
  return isPlain(text) && used + text.length <= LINE_MAX ? text : encodedWords(text, used);
}

/** In lines; `used`: what the first one has before it. */
export function encodedWords(text: string, used: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
  const bytes = Buffer.from(text.replace(/[\x00-\x1f\x7f-\x9f]/g, "\ufffd"), "utf8"); // lone surrogates: U+FFFD too
  const words: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const before = start === 0 ? used : 1;
    const room = Math.max(4, Math.floor((LINE_MAX - before - WORD_OVERHEAD) / 4) * 3);
    let end = Math.min(start + room, bytes.length);
    // Never cut a character: a word must decode on its own (RFC 2047 section 5).
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    words.push(`=?UTF-8?B?${bytes.toString("base64", start, end)}?=`);
    start = end;
  }
  return words.join("\r\n ");
}

/** Printable ASCII that no reader changes: no white space at the ends or in runs, nothing that looks encoded. */
const isPlain = (text: string): boolean => /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(text) && !text.includes("=?");

/** `Name: a,\r\n b`. */
const addressList = (name: string, addresses: readonly string[]): string =>
  `${name}: ${addresses.map(headerAddress).join(",\r\n ")}`;

/** An address comes from the configuration or a database, not from a record; still nothing in it ends the line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
const headerAddress = (address: string): string => address.replace(/[\x00-\x20\x7f<>,;]/g, "");

/** `From: "Name"\r\n <address>`. */
export function mailboxLine(header: string, { name = "", address }: Mailbox): string {
  const written = headerAddress(address);
  return name === "" ? `${header}: ${written}` : `${header}: ${phrase(name, header.length + 2)}\r\n <${written}>`;
}

/**
 * RFC 5322 section 3.4: a group without members. Spam filters take the usual words, "undisclosed-recipients", for a sign of spam, and a mail that names
 * nobody as well, unless it says that it goes to many.
 */
const NOBODY = ["To: alert-digest readers:;", "Precedence: list"];

/** Who is told, as all who are told may see it: Bcc is in no header. `max`: octets of both headers; where they would be longer, nobody is named. */
export function recipientHeaders({ to, cc }: Addressing, max: number): readonly string[] {
  const lines: string[] = [];
  if (to.length > 0) lines.push(addressList("To", to));
  if (cc.length > 0) lines.push(addressList("Cc", cc));
  const octets = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 2, 0);
  return lines.length === 0 || octets > max ? NOBODY : lines;
}
