/** `MAIL_LINKS`, and `links` of a route: `Name=https://host/path/{deviceId};Runbook={labels.runbook}`. */

import { LINK_FIELDS, type LinkField, type MailLink } from "../runtime/ports.js";
import { shown } from "./errors.js";
import { hasControlCharacter, type Parsed, parsed, type ValueParser, wrong } from "./values.js";

const FIELDS_SAID = `{${LINK_FIELDS.join("}, {")}}, {labels.NAME}`;

export const mailLinks: ValueParser<readonly MailLink[]> = {
  expected: `Name=https://host/path, divided by semicolons; behind the host any of ${FIELDS_SAID}; or Name={labels.NAME}, where the label is a whole https:// URL`,
  parse(text) {
    const links: MailLink[] = [];
    for (const [index, entry] of text.split(";").entries()) {
      const link = linkOf(entry);
      if (!link.ok) return wrong(`link ${index + 1}: ${link.problem}`);
      if (links.some(({ name }) => name === link.value.name))
        return wrong(`link ${index + 1}: ${shown(link.value.name)} is there twice`);
      links.push(link.value);
    }
    return links.length > LINKS_MAX ? wrong(`it has ${links.length} links, at most ${LINKS_MAX}`) : parsed(links);
  },
};

/** As a browser asks for it. */
export const publicUrl: ValueParser<string> = {
  expected: "an http:// or https:// URL without a login, ? or #",
  parse(text) {
    if (hasControlCharacter(text) || /\s/.test(text)) return wrong("it contains a space or a control character");
    if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return wrong("it is no such URL");
    const { username, password, search, hash, href } = new URL(text);
    if (username !== "" || password !== "") return wrong("it has a login in it");
    if (search !== "" || hash !== "") return wrong("it has a ? or # in it");
    return href.length > URL_MAX ? wrong(`it has ${href.length} characters`) : parsed(href.replace(/\/?$/, "/"));
  },
};

const linkOf = (entry: string): Parsed<MailLink> => {
  if (hasControlCharacter(entry)) return wrong("it contains a line break or another control character");
  if (entry.trim() === "") return wrong("it is empty");
  const equals = entry.indexOf("=");
  const [name, url] = [entry.slice(0, Math.max(equals, 0)).trim(), entry.slice(equals + 1).trim()];
  if (name === "") return wrong("it has no name before a =");
  if (name.length > NAME_MAX) return wrong(`its name has ${name.length} characters, at most ${NAME_MAX}`);
  if (url.length > URL_MAX) return wrong(`it has ${url.length} characters, at most ${URL_MAX}`);
  const [, label] = /^\{labels\.([^{}]+)\}$/.exec(url) ?? [];
  if (label !== undefined) return parsed({ name, texts: ["", ""], fields: [`labels.${label}`] });
  return templateOf(url, name);
};

const templateOf = (url: string, name: string): Parsed<MailLink> => {
  // A scheme that runs something, a login, a space: no more is said of it than that.
  if (!/^https:\/\//i.test(url)) return wrong(`${shown(name)} does not begin with https://`);
  const [host = ""] = url.slice("https://".length).split(/[/?#\\]/);
  // A browser passes over more slashes, and takes what follows for the host.
  if (host === "") return wrong(`${shown(name)} has no host`);
  if (host.includes("@")) return wrong(`${shown(name)} has a login in it`);
  if (/[{}]/.test(host)) return wrong(`the host of ${shown(name)} is not fixed: fields may stand behind it only`);
  const pieces = url.split(/\{([^{}]*)\}/);
  const fields = pieces.filter((_, index) => index % 2 === 1);
  const texts = pieces.filter((_, index) => index % 2 === 0);
  if (texts.some((text) => /[{}]/.test(text)))
    return wrong(`${shown(name)} has a brace that belongs to no field; write %7B or %7D`);
  const unknown = fields.find((field) => !isField(field));
  if (unknown !== undefined) return wrong(`{${shown(unknown).slice(1, -1)}} is no field: ${FIELDS_SAID} are`);
  const written = normalised(texts);
  if (written !== undefined && written.length !== texts.length)
    return wrong(`${shown(name)} has .. behind a field, which takes the field away`);
  return /\s/.test(url) || written === undefined
    ? wrong(`${shown(name)} has no URL`)
    : parsed({ name, texts: written, fields: fields as LinkField[] });
};

const isField = (text: string): text is LinkField =>
  (LINK_FIELDS as readonly string[]).includes(text) || /^labels\../.test(text);

/** As a browser would ask for it: international names and other characters outside ASCII encoded. Undefined: it is no URL. */
const normalised = (texts: readonly string[]): readonly string[] | undefined => {
  let mark = "zq";
  while (texts.some((text) => text.toLowerCase().includes(mark))) mark += "q";
  if (!URL.canParse(texts.join(mark))) return undefined;
  // The host's A-label may have the mark where the host itself has not.
  while (new URL(texts[0] ?? "").host.includes(mark)) mark += "q";
  return new URL(texts.join(mark)).href.split(mark);
};

const LINKS_MAX = 20;
const NAME_MAX = 60;
const URL_MAX = 1_000;
