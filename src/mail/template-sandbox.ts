/**
 * Where templates run: a realm of their own (`node:vm`), so that a loop without an end can be cut off and nothing of the process is in reach by accident.
 * That is no wall: a template is code of the operator's, trusted like the configuration it comes with. Costs 0.06 ms a run.
 */

import { type Context, createContext, runInContext, Script } from "node:vm";
import { type CompiledTemplate, SCRIPT_NAME, type TemplateMistake } from "./template-source.js";

export type RunResult =
  | { readonly kind: "text"; readonly text: string }
  | ({ readonly kind: "failed"; readonly tookTooLong: boolean } & TemplateMistake);

export interface SandboxLimits {
  /** Of one run, wall clock. */
  readonly timeoutMs: number;
  /** UTF-16 units of what a run returns. */
  readonly maxLength: number;
}

export class TemplateSandbox {
  readonly #context: Context;
  readonly #limits: SandboxLimits;

  constructor(limits: SandboxLimits) {
    this.#limits = limits;
    this.#context = createContext(
      { __json: "" },
      { microtaskMode: "afterEvaluate", codeGeneration: { strings: false, wasm: false } },
    );
    runInContext(bootstrap(limits.maxLength), this.#context);
  }

  /** What the next runs get as `it`: JSON with `devices`; `it.alerts` are those of all devices. Frozen through and through. */
  load(json: string): void {
    this.#context["__json"] = json;
    LOAD.runInContext(this.#context);
  }

  /** Throws nothing. */
  run({ script, lineOf }: CompiledTemplate): RunResult {
    let result: unknown;
    try {
      result = script.runInContext(this.#context, { timeout: this.#limits.timeoutMs });
    } catch (error) {
      const tookTooLong = (error as { code?: unknown } | undefined)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
      const reason = tookTooLong
        ? `it did not end within ${this.#limits.timeoutMs} ms`
        : "it threw something that cannot be shown";
      return { kind: "failed", tookTooLong, line: Number(LINE.runInContext(this.#context)), reason };
    }
    // `__run` says with the first character what it is.
    const answer = typeof result === "string" ? result : "";
    if (answer.startsWith("+")) return { kind: "text", text: answer.slice(1) };
    try {
      const { reason, stack, line } = JSON.parse(answer) as { reason: string; stack: string; line: number };
      // The innermost call that is of the template: below it may be what it called.
      const frames = [...stack.matchAll(FRAME)].map(([, at]) => lineOf(Number(at)));
      return { kind: "failed", tookTooLong: false, line: frames.find((at) => at !== undefined) ?? line, reason };
    } catch {
      return {
        kind: "failed",
        tookTooLong: false,
        line: 0,
        reason: "it is more than a template: it leaves its function",
      };
    }
  }
}

const LOAD = new Script("__load()");
const LINE = new Script("__at.line");
const FRAME = new RegExp(`^ +at .*${SCRIPT_NAME}:(\\d+):\\d+`, "gm");

/**
 * Runs inside. What a template threw is put into words here, under the same timeout: its `message` may be anything, also code without an end.
 * A value that is undefined is a mistake, most of all a misspelt name; null prints as nothing.
 */
const bootstrap = (maxLength: number): string => `"use strict";
for (const name of ["Promise", "WebAssembly", "Atomics", "FinalizationRegistry"]) delete globalThis[name];
delete Array.fromAsync;
const __at = { line: 0 };
const { __load, __run, __limit } = (() => {
  const { parse, stringify } = JSON;
  const { freeze, values, defineProperty } = Object;
  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
  const oneFile = () => { throw new Error("include and layout are not available: a template is one file"); };
  const runtime = {
    config: {
      filterFunction(value) {
        if (value === undefined) throw new TypeError("the value is undefined: is the name right? (write ?? \\"\\" where it may be missing)");
        return value === null ? "" : \`\${value}\`;
      },
      escapeFunction: (text) => text.replace(/[&<>"']/g, (character) => ESCAPES[character]),
    },
    render: oneFile,
    renderAsync: oneFile,
  };
  const frozen = (value) => {
    if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
      freeze(value);
      for (const one of values(value)) frozen(one);
    }
    return value;
  };
  let it;
  return {
    __load() {
      const data = parse(__json);
      data.alerts = data.devices.flatMap(({ alerts }) => alerts);
      it = frozen(data);
    },
    __limit(eta) {
      let text = "";
      defineProperty(eta, "res", {
        get: () => text,
        set(longer) {
          if (longer.length > ${maxLength}) throw new RangeError("the text grows beyond ${maxLength} characters");
          text = longer;
        },
      });
    },
    __run(template) {
      __at.line = 0;
      try {
        const text = template.call(runtime, it, {});
        if (typeof text === "string" && text.length <= ${maxLength}) return "+" + text;
        const what = typeof text === "string" ? "a text of " + text.length + " characters" : text === null ? "null" : typeof text;
        return stringify({ reason: "it returns " + what + (typeof text === "string" ? ", at most ${maxLength} are allowed" : ", not a string"), stack: "", line: __at.line });
      } catch (error) {
        const isError = error instanceof Error;
        const reason = isError ? \`\${error.name}: \${error.message}\` : \`it threw \${typeof error === "string" ? stringify(error) : error === null ? "null" : typeof error}\`;
        return stringify({ reason: reason.slice(0, 500), stack: isError ? \`\${error.stack}\` : "", line: __at.line });
      }
    },
  };
})();`;
