/**
 * What an address and a time zone look like, as regular expressions that every JSON Schema validator knows (no lookaround, no Unicode
 * classes). They take whatever the product takes, and refuse most of what it refuses: lengths and names of zones are beyond them.
 */

/** C0, C1 and DEL, and the separators that JavaScript takes for line ends. */
const CONTROLS = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029";
const SPACES = `[^\\S${CONTROLS}]*`;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LOCAL_PART = `(?:${ATOM}(?:\\.${ATOM})*|"(?:[ !#-\\[\\]-~]|\\\\[ -~])*")`;
const DOMAIN = `(?:\\[[0-9A-Za-z:.]+\\]|[^${CONTROLS} -,/:-@\\[-^\`{-~]+)`;
const ADDRESS = `${SPACES}${LOCAL_PART}@${DOMAIN}${SPACES}`;
/** Spaces are part of a name without quotes, so that there is one way only to read them. */
const NAME = `(?:${SPACES}"(?:[^"\\\\${CONTROLS}]|\\\\[^${CONTROLS}])*"${SPACES}|[^"<>()\\[\\]:;@\\\\,${CONTROLS}]*)`;

/** RFC 5322, 3.4: `local@domain`, `Name <local@domain>`, `"Name, quoted" <local@domain>`. */
export const MAILBOX_PATTERN = `^(?:${ADDRESS}|${NAME}<${ADDRESS}>)$`;

/** As the time zone database names them, or an offset: Node 22 and later take those, too. */
export const TIMEZONE_PATTERN = "^(?:[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*|[+-][0-9]{2}(?::?[0-9]{2})?)$";

/** ISO 8601 with its offset from UTC; that there is such a day is beyond it. */
export const INSTANT_PATTERN =
  "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]{1,3})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})$";

/** Of a day: `24:00` is its end. */
export const CLOCK_PATTERN = "^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$";
