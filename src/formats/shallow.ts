import { BACKSLASH, BRACE, BRACKET, CLOSING_BRACE, CLOSING_BRACKET, QUOTE } from "../core/ascii.js";
import { JsonCursor } from "./json-cursor.js";

/**
 * A JSON text in which nothing is nested deeper than `DEPTH_MAX`: what is, is an ellipsis. It would be parsed into a hundred thousand objects that nobody
 * looks at, and whatever walks it may find the end of the stack. A text that is no JSON stays as it is.
 */
export const shallow = (text: string): string => {
  if (!mayBeDeep(text) || !isJson(text)) return text;
  const parts: string[] = [];
  let [copied, from, depth] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at + 1);
    else if (code === BRACE || code === BRACKET) {
      if (depth++ === DEPTH_MAX) from = at;
    } else if ((code === CLOSING_BRACE || code === CLOSING_BRACKET) && --depth === DEPTH_MAX) {
      parts.push(text.slice(copied, from), PRUNED);
      copied = at + 1;
    }
  }
  return copied === 0 ? text : parts.join("") + text.slice(copied);
};

/** Whether there are so many braces and brackets at all: nearly never. */
const mayBeDeep = (text: string): boolean => {
  let [brace, bracket] = [text.indexOf("{"), text.indexOf("[")];
  for (let count = 0; count <= DEPTH_MAX; count++) {
    if (brace < 0 && bracket < 0) return false;
    if (bracket < 0 || (brace >= 0 && brace < bracket)) brace = text.indexOf("{", brace + 1);
    else bracket = text.indexOf("[", bracket + 1);
  }
  return true;
};

/** Of its last quote. */
const endOfString = (text: string, from: number): number => {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
};

const isJson = (text: string): boolean => {
  cursor.open(Buffer.from(text));
  cursor.next();
  return cursor.value() && cursor.isAtEnd();
};

/** One is enough: nothing of it is kept between two texts. */
const cursor = new JsonCursor();
/** Of an alert nothing lies so deep that has a name. */
const DEPTH_MAX = 64;
const PRUNED = '"…"';
