/**
 * From a template to a script that knows its lines. Eta parses; the script is its own text but for the body, which is written here so that every line of
 * it can be told from which line of the template it comes: Eta itself knows at best the line on which a tag begins.
 */

import { Script } from "node:vm";
import { Eta } from "eta/core";

export interface CompiledTemplate {
  readonly script: Script;
  /** The template's line for a line of the script, both from 1; undefined: it is none of the template's. */
  lineOf(scriptLine: number): number | undefined;
}

/** A mistake and where it is; `line` is 0 when nobody knows. */
export interface TemplateMistake {
  readonly line: number;
  /** One line. */
  readonly reason: string;
}

export type CompileResult =
  | { readonly ok: true; readonly template: CompiledTemplate }
  | ({ readonly ok: false } & TemplateMistake);

/** Scripts are known by this name in stack traces. */
export const SCRIPT_NAME = "alert-digest-template";

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
  const first = compile(text, escaping, true);
  // A mark may stand where no statement can: between `switch {` and `case`.
  if (first.ok || first.reason.startsWith(NOT_SYNTAX)) return first;
  return compile(text, escaping, false);
}

const NOT_SYNTAX = "unclosed";

function compile(text: string, escaping: boolean, marked: boolean): CompileResult {
  const eta = new Eta({
    autoEscape: escaping,
    autoFilter: true,
    autoTrim: false,
    plugins: [{ processFnString: limited }],
  });
  const body = new Body(text, marked);
  eta.compileBody = (items) => body.write(items, escaping);
  let source: string;
  try {
    source = eta.compileToString(text);
  } catch (error) {
    // "unclosed tag at line 3 col 5:", and then the line itself.
    const [, reason = "it cannot be parsed", line = "0"] =
      /^(.*?) at line (\d+) col/.exec((error as Error).message) ?? [];
    return { ok: false, line: Number(line), reason };
  }
  if (body.later !== undefined) return { ok: false, ...body.later };
  const code = `__run(function (it, options) { "use strict";\n${source}\n})`;
  const before = code.slice(0, code.indexOf(body.code)).split("\n").length;
  const lineOf = (scriptLine: number): number | undefined => body.lineAt(scriptLine - before);
  try {
    return { ok: true, template: { script: new Script(code, { filename: SCRIPT_NAME }), lineOf } };
  } catch (error) {
    return { ok: false, ...syntaxMistake(error as SyntaxError, before, body) };
  }
}

/** The text so far is watched for its length: see `template-sandbox.ts`. */
const limited = (source: string): string => source.replace("\nfunction layout(", "\n__limit(__eta);\nfunction layout(");

/** V8 says where: `name:12`, the line, and a mark under the column. */
function syntaxMistake(error: SyntaxError, before: number, body: Body): TemplateMistake {
  const [head = "", code = "", marks = ""] = (error.stack ?? "").split("\n");
  const at = Number(/:(\d+)$/.exec(head)?.[1] ?? 0) - before;
  const reason = `SyntaxError: ${error.message}`;
  if (at >= body.length) return { line: body.lastLine, reason: `${reason}: a { or ( of a tag is never closed` };
  // One that closes the whole function: what follows is taken for its argument.
  const isBrace = error.message.startsWith("missing ) after argument list") && code[marks.indexOf("^")] === "}";
  return { line: body.lineAt(at) ?? 0, reason: isBrace ? "SyntaxError: a } too many" : reason };
}

type Items = ReturnType<Eta["parse"]>;
type Tag = Exclude<Items[number], string>;

/**
 * A promise's callbacks run when nobody waits any more: one without an end would hang the process, one cut off in the middle can end it (Node's own
 * books of asynchronous calls are broken then), one that rejects ends it too. Without these and `Promise` there are none.
 */
const LATER = /\basync(?=\s*(function\b|\*|\[|\(|[\w$]+\s*(=>|\()))|\bimport\s*\(/u;

class Body {
  code = "";
  /** Something that would go on after the template has ended. */
  later: TemplateMistake | undefined;
  readonly #text: string;
  readonly #marked: boolean;
  /** The template's line of each line of the code. */
  readonly #lines: number[] = [];

  constructor(text: string, marked: boolean) {
    this.#text = text;
    this.#marked = marked;
  }

  get length(): number {
    return this.#lines.length;
  }

  write(items: Items, escaping: boolean): string {
    let position = 0;
    let line = 1;
    const moveTo = (next: number): void => {
      for (; position < next; position++) if (this.#text.charCodeAt(position) === NEWLINE) line++;
    };
    let previous = ";";
    for (const item of withoutTagLines(items)) {
      if (typeof item === "string") {
        if (item !== "") this.#add(`__eta.res+='${item}';`, line);
        previous = ";";
        continue;
      }
      // The first one after what was read last: what lies between is text, which cannot hold another.
      const tag = this.#text.indexOf("<%", position);
      moveTo(Math.max(position, this.#text.indexOf(item.val, tag + 2)));
      const later = LATER.exec(item.val);
      if (later !== null) {
        const at = line + item.val.slice(0, later.index).split("\n").length - 1;
        this.later ??= {
          line: at,
          reason: `${later[0]} is not available: a template has its data and waits for nothing`,
        };
      }
      this.#add(this.#codeOf(item, line, escaping, previous), line);
      previous = item.t === "e" ? item.val.trimEnd() : ";";
      moveTo(position + item.val.length);
      moveTo(Math.max(position, this.#text.indexOf("%>", position) + 2));
    }
    return this.code;
  }

  /** `index`: line of the body, from 0. */
  lineAt(index: number): number | undefined {
    return this.#lines[index];
  }

  get lastLine(): number {
    return this.#text.trimEnd().split("\n").length;
  }

  #codeOf({ t, val }: Tag, line: number, escaping: boolean, previous: string): string {
    // One statement, whatever stands before it: `if (x)` without braces.
    if (t === "r") return `__at.line=${line},__eta.res+=__eta.f(${val});`;
    if (t === "i") return `__at.line=${line},__eta.res+=${escaping ? `__eta.e(__eta.f(${val}))` : `__eta.f(${val})`};`;
    const free = /[;{]$/.test(previous) && !/^(\}|\)|\]|,|\.|case\b|default\b|else\b|catch\b|finally\b)/.test(val);
    return this.#marked && free ? `__at.line=${line};${val}` : val;
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
