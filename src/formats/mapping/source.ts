/** Where a value stands: a pointer, the key, a header, a text with them, or the first of several. */

import type { DataPath } from "../../yaml-file/yaml-text.js";
import { type Faults, isObject, nameOf, scalarText, shown, whatIs } from "./faults.js";
import { follow, parsePointer } from "./pointer.js";
import { isThere, type Scope, type Source, textOf } from "./scope.js";
import { withShape } from "./source-shape.js";

/** A source of the file, for those who ask what was found. */
export interface NamedSource {
  readonly field: string;
  /** As the file has it. */
  readonly text: string;
}

/** Compiles the sources of one field. */
export class Sources {
  readonly #field: string;
  readonly #faults: Faults;
  readonly #named: NamedSource[];

  constructor(field: string, faults: Faults, named: NamedSource[]) {
    this.#field = field;
    this.#faults = faults;
    this.#named = named;
  }

  /** One, or a list whose first that is there counts. `inner`: compiles an entry that is a mapping. */
  oneOrMany(value: unknown, path: DataPath, inner?: (value: unknown, path: DataPath) => Source): Source {
    if (!Array.isArray(value)) return this.#entry(value, path, inner);
    if (value.length === 0 || value.length > LIST_MAX) {
      const problem = value.length === 0 ? "is an empty list" : `has ${value.length} entries, more than ${LIST_MAX}`;
      return this.#wrong(path, `${nameOf(path)} ${problem}`);
    }
    const sources = value.map((one, index) => this.#entry(one, [...path, index], inner));
    return withShape({ kind: "first", sources }, (scope) => {
      for (const source of sources) {
        const found = source(scope);
        if (isThere(found)) return found;
      }
      return undefined;
    });
  }

  #entry(value: unknown, path: DataPath, inner?: (value: unknown, path: DataPath) => Source): Source {
    if (inner !== undefined && isObject(value)) return inner(value, path);
    if (typeof value !== "string") return this.#wrong(path, `${nameOf(path)} ${whatIs(value)}`);
    return this.text(value, path);
  }

  /** `whole`: "" is the item itself. */
  text(text: string, path: DataPath, whole = false): Source {
    if (text === "" && !whole) return this.#wrong(path, `${nameOf(path)} is empty`);
    if (text === "" || text.startsWith("/") || text === "key" || isRooted(text) || text.startsWith("header:"))
      return this.#place(text, path);
    if (/[{}]/.test(text)) return this.#template(text, path);
    return this.#wrong(
      path,
      `${shown(text)} is no pointer: it would be ${shown(`/${text}`)}; a fixed text is { always: ${shown(text)} }`,
    );
  }

  #place(text: string, path: DataPath): Source {
    const read = placeOf(text);
    if (typeof read === "string") return this.#wrong(path, `${shown(text)}: ${read}`);
    const number = this.#named.push({ field: this.#field, text }) - 1;
    return withShape({ kind: "place", text }, (scope) => {
      const found = read(scope);
      const there = isThere(found);
      if (scope.seen !== undefined) scope.seen[number] = Math.max(scope.seen[number] ?? 0, there ? 2 : 1);
      return there ? found : undefined;
    });
  }

  #template(text: string, path: DataPath): Source {
    const parts = partsOf(text);
    if (typeof parts === "string") return this.#wrong(path, `${shown(text)}: ${parts}`);
    const compiled = parts.map(({ fixed, place }) => ({
      fixed,
      source: place === undefined ? undefined : this.#place(place, path),
    }));
    return withShape({ kind: "template", parts: compiled }, (scope) => {
      let made = "";
      let found = false;
      for (const { fixed, source } of compiled) {
        made += fixed;
        if (source === undefined) continue;
        const part = textOf(source(scope), scope);
        found ||= part !== undefined;
        made += part ?? MISSING;
      }
      return found ? made : undefined;
    });
  }

  #wrong(path: DataPath, problem: string): Source {
    this.#faults.add(path, problem, "field");
    return () => undefined;
  }
}

/** A text: why it is none. Also what `only` looks at. */
export const placeOf = (text: string): Source | string => {
  if (text === "key") return (scope) => scope.key;
  if (text.startsWith("header:")) {
    const name = text.slice("header:".length);
    return name === "" ? "the name of the header is missing" : (scope: Scope) => scope.header(name);
  }
  const pointer = parsePointer(isRooted(text) ? text.slice(1) : text);
  if (typeof pointer === "string") return pointer;
  return isRooted(text) ? ({ whole }) => follow(pointer, whole) : ({ item }) => follow(pointer, item);
};

/** It points into the whole record, or looks at what every item of it has. */
export const isOfRecord = (text: string): boolean => text === "key" || text.startsWith("header:") || isRooted(text);

const isRooted = (text: string): boolean => text === "#" || text.startsWith("#/");

interface Part {
  readonly fixed: string;
  readonly place?: string;
}

/** `{{` and `}}` are braces of the text. A text: what is wrong. */
const partsOf = (text: string): readonly Part[] | string => {
  if (text.length > TEMPLATE_MAX) return `it has ${text.length} characters, more than ${TEMPLATE_MAX}`;
  const parts: Part[] = [];
  let fixed = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character !== "{" && character !== "}") fixed += character;
    else if (text[at + 1] === character) {
      fixed += character;
      at++;
    } else if (character === "}") return "a } without its {; a brace of the text is written twice";
    else {
      const end = text.indexOf("}", at);
      if (end < 0) return "a { without its }; a brace of the text is written twice";
      const place = text.slice(at + 1, end);
      if (!place.startsWith("/") && !isOfRecord(place))
        return `in braces stands a pointer, key or header:NAME, not ${scalarText(place)}`;
      parts.push({ fixed, place });
      fixed = "";
      at = end;
    }
  }
  if (parts.length === 0) return "nothing of the record is in it; a fixed text is { always: ... }";
  if (parts.length > PARTS_MAX) return `it has ${parts.length} parts in braces, more than ${PARTS_MAX}`;
  return [...parts, { fixed }];
};

/** In a text, for a part of it that is not there. */
const MISSING = "-";
const LIST_MAX = 20;
const TEMPLATE_MAX = 2_000;
const PARTS_MAX = 50;
