/** What is wrong with templates before the first mail. */

import { digestsOf, TEMPLATE_PARTS } from "../runtime/ports.js";
import { composeDocument } from "./compose-document.js";
import type { Language } from "./language.js";
import { createLocalTime } from "./local-time.js";
import { createNumbers } from "./numbers.js";
import { encode, Part, sandboxOf, type TemplateFailure, type TemplateFiles } from "./template-part.js";
import { templateSamples } from "./template-samples.js";
import type { TemplateSandbox } from "./template-sandbox.js";
import type { CompiledTemplate } from "./template-source.js";
import { textsOf } from "./texts/index.js";

/** Every mistake that can be found before the first mail, at most one for each template: it is compiled, then tried on a mail of each kind. */
export function checkTemplates(mail: {
  readonly templates: TemplateFiles;
  readonly locale: string;
  readonly timezone: string;
  readonly maxBytes: number;
  readonly timeoutMs?: number;
}): readonly TemplateFailure[] {
  const texts = textsOf(mail.locale);
  const language = { texts, localTime: createLocalTime(mail.timezone), numbers: createNumbers(texts.lang) };
  const options = { ...mail, files: mail.templates };
  const failures: TemplateFailure[] = [];
  for (const name of TEMPLATE_PARTS) {
    const file = options.files[name];
    if (file === undefined) continue;
    const part = new Part(name, file, options);
    if (!part.template.ok) failures.push(part.failure(part.template));
    else {
      const failure = failureOnSamples(part, part.template.template, sandboxOf(options), language);
      if (failure !== undefined) failures.push(failure);
    }
  }
  return failures;
}

function failureOnSamples(
  part: Part,
  template: CompiledTemplate,
  sandbox: TemplateSandbox,
  language: Language,
): TemplateFailure | undefined {
  for (const { name, content } of templateSamples()) {
    const subject = language.texts.subject(digestsOf(content)[0]?.deviceId ?? "", content.count);
    sandbox.load(encode(composeDocument(content, subject, language)));
    const result = part.finished(sandbox.run(template));
    if (result.kind === "failed") return part.failure({ ...result, reason: `${result.reason} (on ${name})` });
  }
  return undefined;
}
