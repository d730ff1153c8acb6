/**
 * Subject, text and HTML from files of the user's. A part whose template fails on a mail is missing here, and the built-in one takes its place: a
 * template can make a mail less pretty, never lost.
 */

import { TEMPLATE_PARTS, type TemplatePart } from "../runtime/ports.js";
import type { MailDocument } from "./document.js";
import { frozen, Part, type TemplateFailure, type TemplateOptions } from "./template-part.js";

/** What the templates made of a mail: ready for it, and harmless. A part without a template, or whose template failed, is not there. */
export type TemplateParts = { readonly [part in TemplatePart]?: string };

export interface Templates {
  /** Throws nothing that a template does. */
  render(mail: MailDocument): TemplateParts;
}

export interface TemplatesOptions extends TemplateOptions {
  /** Told of each part that failed, with the device it failed for ("" of a fleet mail). */
  readonly onFailure: (failure: TemplateFailure, deviceId: string) => void;
}

/** Throws when a template cannot be compiled: `checkTemplates` comes first. Undefined: there is none. */
export function createTemplates(options: TemplatesOptions): Templates | undefined {
  const parts = TEMPLATE_PARTS.flatMap((name) => {
    const file = options.files[name];
    if (file === undefined) return [];
    const part = new Part(name, file, options);
    return [{ part, template: part.compiled() }];
  });
  if (parts.length === 0) return undefined;
  return {
    render(mail) {
      frozen(mail);
      const texts: { [part in TemplatePart]?: string } = {};
      for (const { part, template } of parts) {
        const result = part.finished(template.run(mail));
        if (result.kind === "text") texts[part.name] = result.text;
        else options.onFailure(part.failure(result), mail.device.id);
      }
      return texts;
    },
  };
}
