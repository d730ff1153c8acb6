/**
 * Subject, text and HTML from files of the user's. A part whose template fails on a mail is missing here, and the built-in one takes its place: a
 * template can make a mail less pretty, never lost.
 */

import type { Clock } from "../runtime/clock.js";
import { TEMPLATE_PARTS, type TemplatePart } from "../runtime/ports.js";
import type { MailDocument } from "./document.js";
import { encode, Part, RESTING, sandboxOf, type TemplateFailure, type TemplateOptions } from "./template-part.js";

/** What the templates made of a mail: ready for it, and harmless. A part without a template, or whose template failed, is not there. */
export type TemplateParts = { readonly [part in TemplatePart]?: string };

export interface Templates {
  /** Throws nothing that a template does. */
  render(mail: MailDocument): TemplateParts;
}

export interface TemplatesOptions extends TemplateOptions {
  readonly clock: Clock;
  /** Told of each part that failed, with the device it failed for ("" of a fleet mail). */
  readonly onFailure: (failure: TemplateFailure, deviceId: string) => void;
}

/** Throws when a template cannot be compiled: `checkTemplates` comes first. Undefined: there is none. */
export function createTemplates(options: TemplatesOptions): Templates | undefined {
  const parts = TEMPLATE_PARTS.flatMap((part) => {
    const file = options.files[part];
    return file === undefined ? [] : [new Part(part, file, options)];
  });
  if (parts.length === 0) return undefined;
  const sandbox = sandboxOf(options);
  const resting = new Map<TemplatePart, number>();
  return {
    render(mail) {
      sandbox.load(encode(mail));
      const texts: { [part in TemplatePart]?: string } = {};
      for (const part of parts) {
        const now = options.clock.elapsed();
        const result = now < (resting.get(part.name) ?? 0) ? RESTING : part.finished(sandbox.run(part.compiled()));
        if (result.kind === "text") texts[part.name] = result.text;
        else {
          if (result.tookTooLong && result !== RESTING) resting.set(part.name, now + REST_MS);
          options.onFailure(part.failure(result), mail.device.id);
        }
      }
      return texts;
    },
  };
}

/** A template that runs out of time on one mail may do so on all, and nothing else runs meanwhile. */
const REST_MS = 60_000;
