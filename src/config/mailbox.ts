/**
 * The only parser of mail addresses: what an operator writes into a variable, a route, the recipients database or a command becomes a `Mailbox` here, and
 * nothing parses it again.
 */

import { isIPv4, isIPv6 } from "node:net";
import type { Mailbox } from "../runtime/ports.js";
import { hostName } from "./addresses.js";
import { shown } from "./errors.js";
import { hasControlCharacter, type Parsed, parsed, type ValueParser, wrong } from "./values.js";

/** RFC 5322, 3.2.3. */
const DOT_ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
/** RFC 5321, 4.1.2. */
const QUOTED_LOCAL_PART = /^"([\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/;

/** `local@domain` → the same with its domain in ASCII; undefined when it is none. Lengths: RFC 5321, 4.5.3.1. */
const addressOf = (text: string): string | undefined => {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  if (local.length > 64 || !(DOT_ATOM.test(local) || QUOTED_LOCAL_PART.test(local))) return undefined;
  const domain = text.slice(at + 1);
  const literal = /^\[(IPv6:)?(.*)\]$/i.exec(domain);
  const valid = literal ? (literal[1] ? isIPv6 : isIPv4)(literal[2] ?? "") : true;
  const ascii = literal ? (valid ? domain : undefined) : hostName(domain);
  const address = `${local}@${ascii}`;
  return ascii === undefined || address.length > 254 ? undefined : address;
};

const notAnAddress = (text: string): Parsed<never> => {
  if (hasControlCharacter(text)) return wrong("it contains a line break or another control character");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  return /[^\x00-\x7f].*@/s.test(text)
    ? wrong(`${shown(text)}: only ASCII is taken before the @ (names in <>, international domains are fine)`)
    : wrong(`${shown(text)} is not a mail address`);
};

export const address: ValueParser<string> = {
  expected: "mail addresses without names, comma separated",
  parse(text) {
    const found = hasControlCharacter(text) ? undefined : addressOf(text);
    return found === undefined ? notAnAddress(text) : parsed(found);
  },
};

/** RFC 5322, 3.4: `local@domain`, `Name <local@domain>`, `"Name, quoted" <local@domain>`; names in any script (RFC 6532). */
export const mailbox: ValueParser<Mailbox> = {
  expected: "one mail address, with or without a name",
  parse(text) {
    if (hasControlCharacter(text)) return notAnAddress(text);
    const named = /^(.*)<([^<>]*)>$/s.exec(text);
    const found = addressOf((named ? (named[2] ?? "") : text).trim());
    if (found === undefined) return notAnAddress(text);
    const written = (named?.[1] ?? "").trim();
    const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(written)?.[1];
    if (quoted === undefined && /["<>()[\]:;@\\,]/.test(written)) {
      return wrong(`${shown(text)}: the name needs quotes, as in "Alerts, Busan" <alerts@example.com>`);
    }
    const name = quoted === undefined ? written : quoted.replace(/\\(.)/gs, "$1");
    return parsed({ name: name === "" ? undefined : name, address: found });
  },
};
