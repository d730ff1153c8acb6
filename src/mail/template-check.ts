/** What is wrong with templates before the first mail. */

import { runInNewContext } from "node:vm";
import { digestsOf, TEMPLATE_PARTS } from "../runtime/ports.js";
import { composeDocument } from "./compose-document.js";
import { createLocalTime, createNumbers, type Language } from "./language.js";
import { frozen, Part, type TemplateFailure, type TemplateFiles } from "./template-part.js";
import { templateSamples } from "./template-samples.js";
import type { CompiledTemplate, RunResult } from "./template-source.js";
import { textsOf } from "./texts/index.js";

/** Every mistake that can be found before the first mail, at most one for each template: it is compiled, then tried on a mail of each kind. */
export function checkTemplates(mail: {
  readonly templates: TemplateFiles;
  readonly locale: string;
  readonly timezone: string;
  readonly maxBytes: number;
  /** Of one template on one mail. */
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
      const failure = failureOnSamples(part, part.template.template, language, mail.timeoutMs ?? TIMEOUT_MS);
      if (failure !== undefined) failures.push(failure);
    }
  }
  return failures;
}

function failureOnSamples(
  part: Part,
  template: CompiledTemplate,
  language: Language,
  timeoutMs: number,
): TemplateFailure | undefined {
  for (const { name, content } of templateSamples()) {
    const { texts } = language;
    const subject = texts.subject(texts.tags.alert, digestsOf(content)[0]?.deviceId ?? "", content.count);
    const mail = frozen(composeDocument(content, () => subject, language));
    const result = part.finished(withDeadline(template, () => template.run(mail), timeoutMs));
    if (result.kind === "failed") return part.failure({ ...result, reason: `${result.reason} (on ${name})` });
  }
  return undefined;
}

/** V8 ends what takes longer, whatever it does: `node:vm` can, and nothing else. While mails are made there is no such deadline: it costs a thread each. */
function withDeadline(template: CompiledTemplate, run: () => RunResult, timeoutMs: number): RunResult {
  try {
    return runInNewContext("run()", { run }, { timeout: timeoutMs }) as RunResult;
  } catch {
    return { kind: "failed", line: template.line, reason: `it did not end within ${timeoutMs} ms` };
  }
}

const TIMEOUT_MS = 1_000;
