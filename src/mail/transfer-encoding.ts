/**
 * How a text travels (RFC 2045 section 6): as it is where nothing on the way could change it, quoted-printable where it is ASCII all the same, base64
 * where it is not. Spam filters add points for ASCII in base64: it looks like something to hide. The same bytes each time.
 */

import type { Steps } from "../runtime/steps.js";

export interface EncodedText {
  readonly encoding: "7bit" | "quoted-printable" | "base64";
  /** ASCII, CRLF between lines of at most 76 octets; no line is a boundary that begins with `=_`. */
  readonly body: string;
}

export function encodeText(content: string): EncodedText {
  // More octets than UTF-16 units: something is not ASCII.
  if (Buffer.byteLength(content) > content.length || UNUSUAL.test(content))
    return { encoding: "base64", body: base64(Buffer.from(content, "utf8")) };
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

/** A loop: with a regular expression this was a fifth of the time a mail takes. */
export function base64(content: Buffer): string {
  const text = content.toString("base64");
  let lines = text.slice(0, LINE_MAX);
  for (let at = LINE_MAX; at < text.length; at += LINE_MAX) lines += `\r\n${text.slice(at, at + LINE_MAX)}`;
  return lines;
}

/** The same of a file, which may be large. */
export function* base64Steps(content: Buffer): Steps<string> {
  const pieces: string[] = [];
  for (let at = 0; at < content.length; at += STEP_BYTES) {
    if (at > 0) yield;
    pieces.push(base64(content.subarray(at, at + STEP_BYTES)));
  }
  return pieces.join("\r\n");
}

/** Of an encoded line, without its end (RFC 2045 sections 6.7 and 6.8). */
export const LINE_MAX = 76;
/** Whole lines. */
const STEP_BYTES = (LINE_MAX / 4) * 3 * 8_192;

/** Controls that a text may not have (RFC 5322 section 2.3), and half of a line end. */
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
