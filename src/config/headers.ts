/** Parsers of what stands in a mail's header. */

import { RECIPIENT_PLACE } from "../runtime/ports.js";
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

export const idKey: ValueParser<string> = {
  expected: "16 to 1,024 characters, best random ones",
  parse: (text) =>
    text.length >= 16 && text.length <= 1_024 ? parsed(text) : wrong(`it has ${text.length} characters`),
};

export const unsubscribeUrl: ValueParser<string> = {
  expected: "an https://, http:// or mailto: URL in ASCII, {recipient} in it where it names who leaves",
  parse(text) {
    // It stands between angle brackets in a header (RFC 2369 section 2).
    if (!/^[\x21-\x7e]{1,900}$/.test(text) || /[<>,"]/.test(text)) return wrong(`${shown(text)} is not such a URL`);
    // A header's line has 998 octets, and an address in it up to 762.
    if (text.includes(RECIPIENT_PLACE) && text.length > 200)
      return wrong(`it has ${text.length} characters; with ${RECIPIENT_PLACE} at most 200`);
    // The host is the same for everybody.
    return /^(https?:\/\/[^/?{}]+([/?]|$)|mailto:[^@{}]+@.+)/i.test(text) && URL.canParse(text)
      ? parsed(text)
      : wrong(`${shown(text)} is not such a URL`);
  },
};
