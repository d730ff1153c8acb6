/** A YAML text as data, with the place of everything in it. */

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  visit,
} from "yaml";

/** Counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type DataPath = readonly (string | number)[];

export type YamlText =
  | {
      readonly ok: true;
      readonly data: unknown;
      /** Of the value; with `key`, of that key in it. What does not exist is where it would have to be. */
      positionOf(path: DataPath, key?: string): Position;
    }
  | { readonly ok: false; readonly errors: readonly (Position & { readonly problem: string })[] };

/** YAML 1.2, one document, so `no` and `on` are texts. `what`: it should hold, for errors. Never throws. */
export const readYaml = (text: string, what: string): YamlText => {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const much = tooMuch(text);
  if (much !== undefined)
    return {
      ok: false,
      errors: [{ ...positionIn(text, much.offset), problem: `not YAML of ${what}: ${much.problem}` }],
    };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const wrong = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    ...at(pos[0]),
    problem: `not YAML: ${code === "MULTIPLE_DOCS" ? "it holds more than one document" : lowerFirst(message.replaceAll(/\s+/g, " "))}`,
  }));
  // Most of many are what follows from the first ones.
  if (wrong.length > 0) return { ok: false, errors: wrong.slice(0, SYNTAX_ERRORS_MAX) };
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    // An alias without its anchor, or far too many of them.
    const problem = `not YAML: ${lowerFirst((error as Error).message)}`;
    return { ok: false, errors: [{ ...at(firstUnresolved(document)?.range?.[0] ?? 0), problem }] };
  }
  const startOf = (node: Node | null | undefined): Position => at(node?.range?.[0] ?? 0);
  const target = (node: Node | null): Node | null => (isAlias(node) ? (node.resolve(document) ?? null) : node);
  return {
    ok: true,
    data,
    positionOf(path, key) {
      let node = document.contents as Node | null;
      // What stands in the file: an alias where it is used, not where its anchor is.
      let seen = node;
      for (const step of path) {
        const child = childOf(target(node), step);
        if (child === undefined) return startOf(seen);
        seen = child ?? keyNode(target(node), step) ?? seen;
        node = child;
      }
      return startOf(key === undefined ? seen : (keyNode(target(node), key) ?? seen));
    },
  };
};

/**
 * Where it is nested too deep, or has too many aliases, and what is to be said of it. What makes nodes of it recurses: at the end of its stack, `node` itself may crash. The parser does not. And each
 * alias is looked for among all nodes before it: ten thousand take half a minute.
 */
const tooMuch = (text: string): { readonly offset: number; readonly problem: string } | undefined => {
  const parser = new Parser();
  let aliases = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > DEPTH_MAX)
      return { offset: parser.offset, problem: `nested more than ${DEPTH_MAX} deep` };
    if (lexeme.startsWith("*") && ++aliases > ALIASES_MAX)
      return { offset: parser.offset, problem: `more than ${ALIASES_MAX} aliases` };
  }
  return undefined;
};

/** Of the character at that offset. */
export const positionIn = (text: string, offset: number): Position => {
  const before = text.slice(0, offset).split(/\r\n|[\r\n]/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

const firstUnresolved = (document: Document.Parsed): Alias | undefined => {
  let found: Alias | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
};

const ALIASES_MAX = 1_000;
/** Routes need eight, mappings nine. */
const DEPTH_MAX = 50;
const SYNTAX_ERRORS_MAX = 20;

/** Undefined: there is none. Null: a key without a value. */
const childOf = (node: Node | null, step: string | number): Node | null | undefined => {
  if (isSeq(node)) return node.items[Number(step)] as Node | undefined;
  const pair = pairOf(node, step);
  return pair === undefined ? undefined : ((pair.value ?? null) as Node | null);
};

const keyNode = (node: Node | null, key: string | number): Node | undefined =>
  pairOf(node, key)?.key as Node | undefined;

const pairOf = (node: Node | null, key: string | number): Pair | undefined =>
  isMap(node) ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key)) : undefined;

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
