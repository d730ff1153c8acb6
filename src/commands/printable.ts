export { terminalSafeJson } from "../core/terminal-text.js";

/**
 * Text from outside as a terminal may have it: control characters, line separators and what turns the direction of writing would let a message rewrite
 * the screen, or a line pass for two.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    const code = character.codePointAt(0) as number;
    return known ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });

/** Bytes that need not be text: UTF-8 where it is, `\xNN` where it is not. */
export const printableBytes = (bytes: Buffer): string => {
  try {
    return printable(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return Array.from(bytes, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${hex(byte, 2)}`,
    ).join("");
  }
};

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");
