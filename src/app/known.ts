/** What is right in a configuration depends on these: the languages that mails can be written in, and who can tell what is wrong with a template. */

import type { Environment, Known } from "../config.js";
import { MAIL_LOCALES } from "../mail/texts/index.js";
import { TEMPLATE_PARTS } from "../runtime/ports.js";

/** Loads what tries templates only where there is one. */
export const knownFor = async (env: Environment): Promise<Known> => {
  const locales = MAIL_LOCALES;
  if (!TEMPLATE_PARTS.some((part) => env[`MAIL_${part.toUpperCase()}_TEMPLATE`])) return { locales };
  const { checkTemplates } = await import("../mail/template-check.js");
  return { locales, checkTemplates };
};
