/**
 * Parts put together to a message's body (RFC 2045, RFC 2046), the same bytes each time: the boundaries are the caller's. Encoded so that every line has
 * at most 76 octets, begins with neither a dot nor "From ", and has nothing a relay would rewrite.
 */

import type { Addressing, Mailbox } from "../runtime/ports.js";
import type { Steps } from "../runtime/turns.js";

export interface MimeEntity {
  /** Header lines, folded. */
  readonly headers: readonly string[];
  /** ASCII, CRLF between lines, none at the end. */
  readonly body: string;
}

/** `type`: such as `text/plain`. */
export function textPart(type: string, content: string): MimeEntity {
  // The line end before a boundary is the boundary's (RFC 2046 section 5.1.1), and readers give it to the text: one is enough.
  const { encoding, body } = encodeText(content.replace(/\r\n$/, ""));
  return { headers: [`Content-Type: ${type}; charset=utf-8`, `Content-Transfer-Encoding: ${encoding}`], body };
}

/** A file to be saved. `type` with its parameters but `name`; the name may hold any character but controls. */
export function* filePart(type: string, filename: string, content: Buffer): Steps<MimeEntity> {
  return { headers: fileHeaders(type, filename), body: yield* base64Steps(content) };
}

export const fileHeaders = (type: string, filename: string): readonly string[] => [
  `Content-Type: ${type}${word("name", filename)}`,
  `Content-Disposition: attachment${parameter("filename", filename)}`,
  "Content-Transfer-Encoding: base64",
];

/** The boundary begins with `=_`, as no line of a part does, and must not be the beginning of another one's in the message. */
export function multipart(subtype: string, boundary: string, parts: readonly MimeEntity[]): MimeEntity {
  const lines = parts.flatMap(({ headers, body }) => [`--${boundary}`, ...headers, "", body]);
  return {
    // Folded: with a hash in it the boundary alone is half of the 78 characters that RFC 5322, 2.1.1, recommends.
    headers: [`Content-Type: multipart/${subtype};\r\n boundary="${boundary}"`],
    body: [...lines, `--${boundary}--`, ""].join("\r\n"),
  };
}

/** How many bytes of a file fit into so many octets of its part's body. */
export const contentBytesIn = (octets: number): number =>
  Math.max(0, Math.floor(octets / (LINE_MAX + 2))) * (LINE_MAX / 4) * 3;

/**
 * The same name for programs that do not know RFC 2231, of which some show "untitled": they read encoded words here. RFC 2047, section 5, does not allow
 * them in quotes; Outlook and Gmail write them so, and everybody reads that.
 */
const word = (name: string, value: string): string =>
  PLAIN.test(value) ? `;\r\n ${name}="${value}"` : `;\r\n ${name}="${encodedWords(value, name.length + 3)}"`;

const PLAIN = /^[\w.+-]{1,60}$/;

/** Quoted where it is plain ASCII, else in UTF-8, percent-encoded and in several lines where it is long (RFC 2231 sections 3 and 4). */
function parameter(name: string, value: string): string {
  if (PLAIN.test(value)) return `;\r\n ${name}="${value}"`;
  const sections: string[] = [];
  let section = "UTF-8''";
  // A character is never cut, though it may be: some readers decode section by section.
  for (const character of value) {
    const encoded = /[A-Za-z0-9._-]/.test(character) ? character : percent(character);
    if (section.length + encoded.length > SECTION_MAX) {
      sections.push(section);
      section = "";
    }
    section += encoded;
  }
  sections.push(section);
  if (sections.length === 1) return `;\r\n ${name}*=${section}`;
  return sections.map((part, index) => `;\r\n ${name}*${index}*=${part}`).join("");
}

const SECTION_MAX = 60;

const percent = (character: string): string =>
  [...Buffer.from(character, "utf8")].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

// Header lines that survive any content (RFC 5322 section 2.2, RFC 2047). Nothing that comes from a record reaches a
// mail's header but through `unstructured` or `phrase`.

/** RFC 2047 section 2: a line with encoded words has at most 76 characters. */
const HEADER_LINE_MAX = 76;
const WORD_OVERHEAD = "=?UTF-8?B??=".length;

/** `Name: value` of free text. Decodes to exactly `value`, save control characters, which become U+FFFD. */
export function unstructured(name: string, value: string): string {
  const used = name.length + 2;
  return `${name}: ${(isPlain(value) ? folded(value, used) : undefined) ?? encodedWords(value, used)}`;
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
  // The blank before the first word is in there.
  let length = used - 1;
  for (const word of text.split(" ")) {
    const fits = length + word.length + 1 <= HEADER_LINE_MAX;
    if (!fits && (lines === "" || word.length + 1 > HEADER_LINE_MAX)) return undefined;
    lines += fits ? `${lines === "" ? "" : " "}${word}` : `\r\n ${word}`;
    length = (fits ? length : 0) + word.length + 1;
  }
  return lines;
}

/** A display name in front of an address; `used` is what the line has before it. */
export function phrase(name: string, used: number): string {
  const plain = /^[\x20-\x7e]*$/.test(name) && name.length + 2 + used <= HEADER_LINE_MAX;
  return plain && !name.includes("=?") ? `"${name.replace(/["\\]/g, "\\$&")}"` : encodedWords(name, used);
}

/** In lines; `used`: what the first one has before it. */
function encodedWords(text: string, used: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
  const bytes = Buffer.from(text.replace(/[\x00-\x1f\x7f-\x9f]/g, "\ufffd"), "utf8"); // lone surrogates: U+FFFD too
  const words: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const before = start === 0 ? used : 1;
    const room = Math.max(4, Math.floor((HEADER_LINE_MAX - before - WORD_OVERHEAD) / 4) * 3);
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

// How a text travels (RFC 2045 section 6): as it is where nothing on the way could change it, quoted-printable where it is ASCII all the same, base64
// where it is not. Spam filters add points for ASCII in base64: it looks like something to hide. The same bytes each time.

interface EncodedText {
  readonly encoding: "7bit" | "quoted-printable" | "base64";
  /** ASCII, CRLF between lines of at most 76 octets; no line is a boundary that begins with `=_`. */
  readonly body: string;
}

export function encodeText(content: string): EncodedText {
  if (UNUSUAL.test(content)) return { encoding: "base64", body: base64(utf8(content)) };
  if (!FRAGILE.test(content)) return { encoding: "7bit", body: content };
  return { encoding: "quoted-printable", body: content.split("\r\n").map(quoted).join("\r\n") };
}

/** `encoding`: as its header names it. */
export function decodeText(encoding: string, body: string): string {
  if (/^base64$/i.test(encoding)) return Buffer.from(body, "base64").toString("utf8");
  if (!/^quoted-printable$/i.test(encoding)) return body;
  return body
    .replaceAll("=\r\n", "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Valid until the next call. What fits into memory that is there already is written in half the time: nobody counts its octets first. */
function utf8(content: string): Buffer {
  if (content.length * UNIT_OCTETS_MAX > scratch.length) return Buffer.from(content, "utf8");
  return scratch.subarray(0, scratch.write(content, "utf8"));
}

const scratch = Buffer.allocUnsafe(64 * 1024);
/** Of a UTF-16 unit in UTF-8. */
const UNIT_OCTETS_MAX = 3;

/** A loop: with a regular expression this was a fifth of the time a mail takes. */
function base64(content: Buffer): string {
  const text = content.toString("base64");
  let lines = text.slice(0, LINE_MAX);
  for (let at = LINE_MAX; at < text.length; at += LINE_MAX) lines += `\r\n${text.slice(at, at + LINE_MAX)}`;
  return lines;
}

/** The same of a file, which may be large. */
function* base64Steps(content: Buffer): Steps<string> {
  const pieces: string[] = [];
  for (let at = 0; at < content.length; at += STEP_BYTES) {
    if (at > 0) yield;
    pieces.push(base64(content.subarray(at, at + STEP_BYTES)));
  }
  return pieces.join("\r\n");
}

/** Of an encoded line, without its end (RFC 2045 sections 6.7 and 6.8). */
const LINE_MAX = 76;
/** Whole lines. */
const STEP_BYTES = (LINE_MAX / 4) * 3 * 8_192;

/** What is not ASCII, controls that a text may not have (RFC 5322 section 2.3), and half of a line end. */
const UNUSUAL = /[^\t\r\n\x20-\x7e]|\r(?!\n)|(?<!\r)\n/;
/**
 * What somebody on the way changes, or reads as something else: a long line, blanks at the end of one, a dot at its start (RFC 5321 section 4.5.2),
 * "From " there (mailboxes in one file), and what could be a boundary.
 */
const FRAGILE = /[^\r\n]{77}|[ \t](?:\r\n|$)|(?:^|\r\n)(?:\.|From |--=_)/;

function quoted(line: string): string {
  let rest = safeStart(line.replaceAll("=", "=3D").replace(/[ \t]$/, hex));
  let lines = "";
  while (rest.length > LINE_MAX) {
    // The "=" that ends a line takes a place, and none of the escapes is cut.
    const equals = rest.lastIndexOf("=", LINE_MAX - 2);
    const end = equals > LINE_MAX - 4 ? equals : LINE_MAX - 1;
    lines += `${rest.slice(0, end)}=\r\n`;
    rest = safeStart(rest.slice(end));
  }
  return lines + rest;
}

const safeStart = (line: string): string => line.replace(/^(?:\.|F(?=rom ))/, hex);

const hex = (character: string): string => `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
