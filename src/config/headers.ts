/** Parsers of what stands in a mail's header. */

import { shown } from "./errors.js";
import { parsed, type ValueParser, wrong } from "./values.js";

const LABELS = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

export const domainName: ValueParser<string> = {
  expected: "a domain name in ASCII",
  parse: (text) =>
    LABELS.test(text) && text.length <= 253 ? parsed(text.toLowerCase()) : wrong(`${shown(text)} is not a domain name`),
};

/** RFC 6376 section 3.1. */
export const dkimSelector: ValueParser<string> = {
  expected: "letters, digits, - and _, in parts divided by dots",
  parse: (text) => (LABELS.test(text) ? parsed(text) : wrong(`${shown(text)} is not a selector`)),
};

/** RFC 2919 section 2: a name like a domain's, of at most 255 characters. */
export const listId: ValueParser<string> = {
  expected: "a list identifier like a domain name, without angle brackets",
  parse: (text) =>
    LABELS.test(text) && text.length <= 255 && text.includes(".")
      ? parsed(text)
      : wrong(`${shown(text)} is not a list identifier`),
};

export const unsubscribeUrl: ValueParser<string> = {
  expected: "an https://, http:// or mailto: URL in ASCII",
  parse(text) {
    // It stands between angle brackets in a header (RFC 2369 section 2).
    if (!/^[\x21-\x7e]{1,900}$/.test(text) || /[<>,"]/.test(text)) return wrong(`${shown(text)} is not such a URL`);
    return /^(https?:\/\/[^/]+|mailto:[^@]+@.+)/i.test(text) && URL.canParse(text)
      ? parsed(text)
      : wrong(`${shown(text)} is not such a URL`);
  },
};
