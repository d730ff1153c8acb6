/**
 * From a template to a function that knows its lines. Eta parses. The function's code is written here, so that each line of it is known to come from a
 * line of the template: Eta itself knows at best the line on which a tag begins. A template is code of the operator's, trusted as the configuration is,
 * and runs as any other code of the process.
 */

import { types } from "node:util";
import { Script } from "node:vm";
import { Eta } from "eta/core";
import { escapeHtml } from "./clean.js";
import type { MailDocument } from "./document.js";

/** A mistake and where it is; `line` is 0 when nobody knows. */
export interface TemplateMistake {
  readonly line: number;
  /** One line. */
  readonly reason: string;
}

export type RunResult =
  | { readonly kind: "text"; readonly text: string }
  | ({ readonly kind: "failed" } & TemplateMistake);

export interface CompiledTemplate {
  /** Throws nothing that the template does. */
  run(it: MailDocument): RunResult;
  /** Where it is, or was last: the line of the last text or value. */
  readonly line: number;
}

export type CompileResult =
  | { readonly ok: true; readonly template: CompiledTemplate }
  | ({ readonly ok: false } & TemplateMistake);

type TemplateFunction = (
  it: MailDocument,
  at: { line: number },
  print: (value: unknown) => string,
  escaped: (value: unknown) => string,
) => unknown;

/** `escaping`: what `<%= %>` prints is escaped for HTML. */
export function compileTemplate(written: string, escaping: boolean): CompileResult {
  const text = written.replace(/^\ufeff/, "");
  // What a file's bytes became where they were no UTF-8.
  const unreadable = text.indexOf("\ufffd");
  if (unreadable >= 0)
    return {
      ok: false,
      line: text.slice(0, unreadable).split("\n").length,
      reason: "a character is not UTF-8: save the file as UTF-8",
    };
  let items: Items;
  try {
    items = new Eta({ autoTrim: false }).parse(text);
  } catch (error) {
    // "unclosed tag at line 3 col 5:", and then the line itself.
    const [, reason = "it cannot be parsed", line = "0"] =
      /^(.*?) at line (\d+) col/.exec((error as Error).message) ?? [];
    return { ok: false, line: Number(line), reason };
  }
  const body = new Body(text, items, escaping);
  try {
    const script = new Script(`${BEFORE}\n${body.code}${AFTER}`, { filename: SCRIPT_NAME });
    return { ok: true, template: runnable(script.runInThisContext() as TemplateFunction, body) };
  } catch (error) {
    return { ok: false, ...syntaxMistake(error as SyntaxError, body) };
  }
}

/** On one line, so that the template's code begins on the second. An argument: of a `}` too many V8 says then that a `)` is missing. */
const BEFORE =
  '((template) => template)(function (it, __at, __print, __escape) { "use strict"; let __out = "";' +
  " function output(text) { __out += text; }" +
  ' function capture(print) { const before = __out; __out = ""; try { print(); return __out; } finally { __out = before; } }';
const AFTER = "return __out;\n})";
const BODY_LINE = 2;
/** Scripts are known by this name in stack traces. */
const SCRIPT_NAME = "alert-digest-template";
const FRAME = new RegExp(`^ +at .*${SCRIPT_NAME}:(\\d+):\\d+`, "gm");

function runnable(template: TemplateFunction, body: Body): CompiledTemplate {
  const at = { line: 0 };
  const failed = (line: number, reason: string): RunResult => ({ kind: "failed", line, reason });
  return {
    get line() {
      return at.line;
    },
    run(it) {
      at.line = 0;
      try {
        const text = template(it, at, print, (value) => escapeHtml(print(value)));
        return typeof text === "string"
          ? { kind: "text", text }
          : failed(at.line, `it returns ${kindOf(text)}, not a string`);
      } catch (error) {
        if (!types.isNativeError(error))
          return failed(at.line, `it threw ${typeof error === "string" ? JSON.stringify(error) : kindOf(error)}`);
        // The innermost call that is of the template: below it may be what it called.
        const frames = [...String(error.stack).matchAll(FRAME)].map(([, line]) =>
          body.lineAt(Number(line) - BODY_LINE),
        );
        return failed(frames.find((line) => line !== undefined) ?? at.line, `${error.name}: ${error.message}`);
      }
    },
  };
}

/** A value that is undefined is a mistake, most of all a misspelt name; null prints as nothing. */
function print(value: unknown): string {
  if (value === undefined)
    throw new TypeError('the value is undefined: is the name right? (write ?? "" where it may be missing)');
  return value === null ? "" : `${value}`;
}

const kindOf = (value: unknown): string => (value === null ? "null" : typeof value);

/** V8 says where: `name:12`, the line, and a mark under the column. */
function syntaxMistake(error: SyntaxError, body: Body): TemplateMistake {
  const [head = "", code = "", marks = ""] = (error.stack ?? "").split("\n");
  const at = Number(/:(\d+)$/.exec(head)?.[1] ?? 0) - BODY_LINE;
  const reason = `SyntaxError: ${error.message}`;
  if (at >= body.length) return { line: body.lastLine, reason: `${reason}: a { or ( of a tag is never closed` };
  // One that closes the whole function: what follows is taken for its argument.
  const isBrace = error.message.startsWith("missing ) after argument list") && code[marks.indexOf("^")] === "}";
  return { line: body.lineAt(at) ?? 0, reason: isBrace ? "SyntaxError: a } too many" : reason };
}

type Items = ReturnType<Eta["parse"]>;

/** The template's own part of the code. What follows a tag begins on a line of its own: the tag may end with a comment, or without a semicolon. */
class Body {
  code = "";
  readonly #text: string;
  /** The template's line of each line of the code. */
  readonly #lines: number[] = [];

  constructor(text: string, items: Items, escaping: boolean) {
    this.#text = text;
    let position = 0;
    let line = 1;
    const moveTo = (next: number): void => {
      for (; position < next; position++) if (text.charCodeAt(position) === NEWLINE) line++;
    };
    for (const item of withoutTagLines(items)) {
      // The first tag after what was read last: what lies between is text, which cannot hold another.
      const tag = text.indexOf("<%", position);
      if (typeof item === "string") {
        moveTo(tag < 0 ? text.length : tag);
        // One statement, whatever stands before it: `if (x)` without braces. The line is that of the tag that follows.
        if (item !== "") this.#add(`__at.line=${line},__out+='${item}';`, line);
        continue;
      }
      const { t, val } = item;
      moveTo(Math.max(position, text.indexOf(val, tag + 2)));
      if (t === "e") this.#add(val, line);
      else this.#add(`__at.line=${line},__out+=${t === "i" && escaping ? "__escape" : "__print"}(${val});`, line);
      moveTo(position + val.length);
      moveTo(Math.max(position, text.indexOf("%>", position) + 2));
    }
  }

  get length(): number {
    return this.#lines.length;
  }

  /** `index`: line of the body, from 0. */
  lineAt(index: number): number | undefined {
    return this.#lines[index];
  }

  get lastLine(): number {
    return this.#text.trimEnd().split("\n").length;
  }

  #add(code: string, line: number): void {
    this.code += `${code}\n`;
    code.split("\n").forEach((_, index) => {
      this.#lines.push(line + index);
    });
  }
}

/**
 * A tag that prints nothing and has a line to itself leaves no line behind. Eta's own way takes every line break after a tag, also that of a line which
 * ends with a value. Line breaks are `\\n` in its texts, a backslash is two.
 */
function withoutTagLines(items: Items): Items {
  const result = [...items];
  items.forEach((item, index) => {
    if (typeof item === "string" || item.t !== "e") return;
    const [before, after] = [items[index - 1], items[index + 1]];
    const begins =
      before === undefined ||
      (typeof before === "string" && (LINE_BEGINS.test(before) || (index === 1 && BLANK.test(before))));
    const ends = after === undefined || (typeof after === "string" && LINE_ENDS.test(after));
    if (!begins || !ends) return;
    if (before !== undefined) result[index - 1] = String(result[index - 1]).replace(/[ \t]+$/, "");
    if (after !== undefined) result[index + 1] = String(result[index + 1]).replace(LINE_ENDS, "");
  });
  return result;
}

const BLANK = /^[ \t]*$/;
const LINE_BEGINS = /(?:^|[^\\])(?:\\\\)*\\n[ \t]*$/;
const LINE_ENDS = /^[ \t]*\\n/;
const NEWLINE = 10;
