import { readJsonText } from "./plain-json.js";

/** JSON that was put into a text, as it stands or as base64: a list or an object. Undefined: it is none. A number or a text stays the text it was. */
export const opened = (text: string): object | undefined => structureIn(text) ?? base64Of(text);

/** The same, and only as it stands. */
export const structureIn = (text: string): object | undefined => {
  const json = mayBeStructure(text) ? readJsonText(text) : undefined;
  return json?.ok && typeof json.value === "object" && json.value !== null ? json.value : undefined;
};

/** What does not begin so is no list and no object; the parser's exception costs more than the look. */
const mayBeStructure = (text: string): boolean => /^\s*[{[]/.test(text);

const base64Of = (text: string): object | undefined =>
  /^[A-Za-z0-9+/_-]+={0,2}\s*$/.test(text) ? structureIn(Buffer.from(text, "base64").toString("utf8")) : undefined;
