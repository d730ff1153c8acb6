/**
 * The links of a mail (`MAIL_LINKS`). What a producer wrote stands percent-encoded behind a host that the configuration fixes; only where a link is a whole
 * label does the producer say where it leads, and then its host is shown. Any other text of a producer stays text.
 */

import type { Digest, LinkField, ListedAlert, MailLink } from "../runtime/ports.js";
import type { DocumentLink } from "./document.js";

export const NO_LINKS: SectionLinks = { shared: [], own: [] };

interface SectionLinks {
  /** The same for all listed alerts. */
  readonly shared: readonly DocumentLink[];
  /** Of each listed alert, beside it: of several with the same one, beside the first. */
  readonly own: readonly (readonly DocumentLink[])[];
}

export function sectionLinks(
  links: readonly MailLink[],
  digest: Digest,
  listed: readonly Pick<ListedAlert, "alert">[],
): SectionLinks {
  const shared: DocumentLink[] = [];
  const own: DocumentLink[][] = listed.map(() => []);
  let left = OWN_MAX;
  for (const link of links) {
    const found = link.fields.every((field) => OF_DEVICE.has(field))
      ? [linkOf(link, digest, undefined)]
      : listed.map(({ alert }) => linkOf(link, digest, alert));
    const [first] = found;
    if (first !== undefined && found.every((one) => one?.url === first.url)) {
      shared.push(first);
      continue;
    }
    const shown = new Set<string>();
    found.forEach((one, index) => {
      if (one === undefined || shown.has(one.url) || one.url.length > left) return;
      shown.add(one.url);
      left -= one.url.length;
      own[index]?.push(one);
    });
  }
  return { shared, own };
}

const OF_DEVICE: ReadonlySet<LinkField> = new Set<LinkField>(["deviceId", "deviceName", "windowStart", "windowEnd"]);

type Valued = ListedAlert["alert"] | undefined;

/** Undefined: a value is missing, or makes something else of it than is meant. */
function linkOf({ name, texts, fields }: MailLink, digest: Digest, alert: Valued): DocumentLink | undefined {
  const [whole = "", ...rest] = texts;
  if (whole === "") {
    const url = urlOf(fieldValue(fields[0] as LinkField, digest, alert));
    return url && { name, url: url.href, host: url.host };
  }
  let url = whole;
  for (const [index, field] of fields.entries()) {
    const value = encoded(fieldValue(field, digest, alert));
    if (value === undefined) return undefined;
    url += value + (rest[index] ?? "");
  }
  const [path = ""] = url.split(/[?#]/, 1);
  return url.length > URL_MAX || GOES_UP.test(path) ? undefined : { name, url, host: "" };
}

/** A browser would take the part before away: the values make it one, for the configuration's own are gone. */
const GOES_UP = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

function fieldValue(field: LinkField, digest: Digest, alert: Valued): string {
  switch (field) {
    case "deviceId":
    case "deviceName":
      return digest[field]?.trim() ?? "";
    case "windowStart":
    case "windowEnd":
      return String(digest[field] as number);
    case "type":
    case "severity":
    case "alertId":
      return alert?.[field]?.trim() ?? "";
    default: {
      const label = field.slice("labels.".length);
      const { labels } = alert ?? {};
      return (labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined)?.trim() ?? "";
    }
  }
}

/** RFC 3986 section 2.1: all but unreserved characters. Undefined: nothing, or half a character. */
const encoded = (value: string): string | undefined =>
  value === "" || value.length > URL_MAX || /\p{Surrogate}/u.test(value)
    ? undefined
    : encodeURIComponent(value).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** A text that is an https URL, and nothing but that. */
function urlOf(text: string): URL | undefined {
  // A space, a control character, a mark that reorders the text: it would be another one than it looks like.
  if (text.length > URL_MAX || !/^https:\/\/[^\s\p{C}\\]+$/iu.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.username === "" && url.password === "" && url.href.length <= URL_MAX ? url : undefined;
}

const URL_MAX = 2_000;
/** Characters of all links beside alerts. */
const OWN_MAX = 12_000;
