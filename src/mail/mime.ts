/**
 * Parts put together to a message's body (RFC 2045, RFC 2046), the same bytes each time: the boundaries are the caller's. Encoded so that every line has
 * at most 76 octets, begins with neither a dot nor "From ", and has nothing a relay would rewrite.
 */

import type { Steps } from "../runtime/steps.js";
import { encodedWords } from "./header.js";
import { base64Steps, encodeText, LINE_MAX } from "./transfer-encoding.js";

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
