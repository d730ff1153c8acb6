/**
 * JSON as a terminal may have it: C1 controls, line separators and what turns the direction of writing stand as escapes. `JSON.stringify` escapes the controls
 * below 0x20 only. Outside ASCII, characters stand in strings alone, so whoever parses the text gets the same values.
 */
export const terminalSafeJson = (json: string): string => json.replace(UNSAFE, escaped);

const UNSAFE = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
