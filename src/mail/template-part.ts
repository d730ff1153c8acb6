/** A template on its own: compiled, and what it returns made fit for a mail. */

import type { TemplateFile, TemplatePart } from "../runtime/ports.js";
import { cleanLine } from "./clean.js";
import { type CompiledTemplate, compileTemplate, type RunResult } from "./template-source.js";

export type TemplateFiles = { readonly [part in TemplatePart]: TemplateFile | undefined };

export interface TemplateFailure {
  readonly part: TemplatePart;
  readonly path: string;
  /** Of the file, from 1; 0 when nobody knows. */
  readonly line: number;
  /** One line. */
  readonly reason: string;
}

export interface TemplateOptions {
  readonly files: TemplateFiles;
  /** `MAIL_MAX_SIZE`: text and HTML may take half of it each. */
  readonly maxBytes: number;
}

/** One of the three templates: its function, and what may become of what it returns. */
export class Part {
  readonly name: TemplatePart;
  readonly template: ReturnType<typeof compileTemplate>;
  readonly #path: string;
  readonly #maxBytes: number;

  constructor(name: TemplatePart, { path, text }: TemplateFile, { maxBytes }: TemplateOptions) {
    this.name = name;
    this.#path = path;
    this.#maxBytes = partMaxBytes(maxBytes);
    this.template = compileTemplate(text, name === "html");
  }

  compiled(): CompiledTemplate {
    if (this.template.ok) return this.template.template;
    throw new Error(`${this.#path}, line ${this.template.line}: ${this.template.reason}`);
  }

  failure({ line, reason }: { readonly line: number; readonly reason: string }): TemplateFailure {
    return { part: this.name, path: this.#path, line, reason: cleanLine(reason, REASON_MAX) };
  }

  /** What of it may go into a mail. */
  finished(result: RunResult): RunResult {
    if (result.kind === "failed") return result;
    const text = this.name === "subject" ? subjectOf(result.text) : bodyOf(result.text);
    if (text === "") return failed(`it returns an empty ${this.name === "subject" ? "subject" : "text"}`);
    const bytes = encodedBytes(this.name === "subject" ? result.text : text);
    return bytes > this.#maxBytes
      ? failed(
          `it returns ${bytes} bytes as they are in a mail, at most ${this.#maxBytes} are allowed (half of MAIL_MAX_SIZE)`,
        )
      : { kind: "text", text };
  }
}

const failed = (reason: string): RunResult => ({ kind: "failed", line: 0, reason });

const REASON_MAX = 500;
const SUBJECT_MAX = 250;
const HEADERS_BYTES = 16 * 1024;

const partMaxBytes = (maxBytes: number): number => Math.floor((maxBytes - HEADERS_BYTES) / 2);

/** Through and through: what one template does to it must not reach the next, nor the built-in parts. */
export function frozen<Data>(data: Data): Data {
  if (typeof data !== "object" || data === null || Object.isFrozen(data)) return data;
  Object.freeze(data);
  for (const value of Object.values(data)) frozen(value);
  return data;
}

/** One line, whatever it was. */
const subjectOf = (text: string): string => cleanLine(text.toWellFormed().replace(/\s+/g, " "), SUBJECT_MAX);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g;

/** Lines that end as a mail's do; "" where nothing is to be seen. */
function bodyOf(text: string): string {
  const body = text
    .toWellFormed()
    .replace(CONTROLS, " ")
    .replace(/\r\n?|\n/g, "\r\n")
    .trimEnd();
  return body === "" ? "" : `${body}\r\n`;
}

/** As base64 in lines of 76 characters. */
const encodedBytes = (text: string): number => Math.ceil(Math.ceil(Buffer.byteLength(text) / 3) * 4 * (78 / 76));
