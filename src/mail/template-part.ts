/** A template on its own: compiled, and what it returns made fit for a mail. */

import type { TemplateFile, TemplatePart } from "../runtime/ports.js";
import { cleanLine } from "./clean.js";
import type { MailDocument } from "./document.js";
import { type RunResult, TemplateSandbox } from "./template-sandbox.js";
import { type CompiledTemplate, compileTemplate } from "./template-source.js";

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
  /** Of one template on one mail, while which nothing else runs. Default 1 s. */
  readonly timeoutMs?: number;
}

/** One of the three templates: its script, and what may become of what it returns. */
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
    const bytes = this.name === "subject" ? 0 : encodedBytes(text);
    return bytes > this.#maxBytes
      ? failed(
          `it returns ${bytes} bytes as they are in a mail, at most ${this.#maxBytes} are allowed (half of MAIL_MAX_SIZE)`,
        )
      : { kind: "text", text };
  }
}

const failed = (reason: string): RunResult & { kind: "failed" } => ({
  kind: "failed",
  tookTooLong: false,
  line: 0,
  reason,
});

export const RESTING = { ...failed("it is not tried again for a minute after it took too long"), tookTooLong: true };
const TIMEOUT_MS = 1_000;
const REASON_MAX = 500;
const SUBJECT_MAX = 250;
const HEADERS_BYTES = 16 * 1024;

const partMaxBytes = (maxBytes: number): number => Math.floor((maxBytes - HEADERS_BYTES) / 2);

export const sandboxOf = ({ maxBytes, timeoutMs = TIMEOUT_MS }: TemplateOptions): TemplateSandbox =>
  new TemplateSandbox({ timeoutMs, maxLength: partMaxBytes(maxBytes) });

/** For the sandbox. `alerts` are those of all devices: they need not travel twice. */
export const encode = (data: MailDocument): string => JSON.stringify({ ...data, alerts: undefined });

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
