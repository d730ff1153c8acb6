/** What a record says, and what a device is called, made harmless for a line of text. HTML needs `escapeHtml` on top. */

import { atMost } from "../core/at-most.js";
import type { Digest } from "../runtime/ports.js";

/**
 * Control characters (C0, C1) and line separators would forge lines, and U+FFFE and U+FFFF are no characters, which HTML counts as a mistake and XML
 * refuses; they become spaces.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/g;
/** Marks, embeddings, overrides and isolates that reorder the text around them (UAX #9); they are dropped. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** These, and what Latin, Hangul and Kana are composed of where they are decomposed: macOS writes names so. */
const TO_BE_CLEANED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: see above
  /[\u0300-\u036f\u1100-\u11ff\u3099\u309a\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/;

/**
 * One harmless line of at most `max` UTF-16 units, in NFC: a decomposed syllable takes three times as long, and a search does not find it. Where it had to
 * be cut, `mark(original length)` follows.
 */
export function cleanLine(text: string, max: number, mark: (length: number) => string = () => "…"): string {
  let line = atMost(text, max);
  let isCut = line.length < text.length;
  if (TO_BE_CLEANED.test(line)) {
    // A character is hardly ever of more than four: what is kept comes from here.
    const enough = atMost(text, 4 * max);
    const clean = enough.replace(CONTROLS, " ").replace(BIDI, "").normalize("NFC");
    line = atMost(clean, max);
    isCut = line.length < clean.length || enough.length < text.length;
  }
  line = line.trim();
  return isCut ? line + mark(text.length) : line;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A clean line that a number follows: a left-to-right mark keeps the number behind it where the line ends from right to left (UAX #9). */
export const beforeNumber = (line: string): string => (RIGHT_TO_LEFT.test(line) ? `${line}\u200e` : line);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

/** For element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "") : text;
}

export const NAME_MAX = 256;
export const TYPE_MAX = 100;

/** The name a mail calls the device by: one line, with something to be seen in it. */
export function deviceNameOf({ deviceId, deviceName = "" }: Pick<Digest, "deviceId" | "deviceName">): string {
  return [deviceName, deviceId].map((name) => cleanLine(name, NAME_MAX)).find((name) => VISIBLE.test(name)) ?? "?";
}

/** More than zero-width characters, fillers and tags, of which an empty name can be made just as well as of spaces. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cf}]/u;
