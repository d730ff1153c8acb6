/** The languages there are: the files of this folder. Read once, when the module is loaded. */

import { readdirSync } from "node:fs";
import type { MailTexts } from "../texts.js";

const FOLDER = new URL("./", import.meta.url);

/** `ko.js`, `pt-br.js`: a language tag in lower case; not `index.js`, which has no such name. */
const LANGUAGE_FILE = /^([a-z]{2,3}(?:-[a-z0-9]{2,8})*)\.js$/;

/** By `MAIL_LOCALE`. */
export const MAIL_TEXTS: ReadonlyMap<string, MailTexts> = new Map(
  await Promise.all(
    readdirSync(FOLDER)
      .flatMap((name) => LANGUAGE_FILE.exec(name)?.[1] ?? [])
      .sort()
      .map(async (locale): Promise<readonly [string, MailTexts]> => {
        const { texts } = (await import(new URL(`${locale}.js`, FOLDER).href)) as { readonly texts?: MailTexts };
        if (texts === undefined) throw new Error(`src/mail/texts/${locale}.ts exports no "texts"`);
        return [locale, texts];
      }),
  ),
);

export const MAIL_LOCALES: readonly string[] = [...MAIL_TEXTS.keys()];

/** Throws a RangeError for a language without a file. */
export function textsOf(locale: string): MailTexts {
  const texts = MAIL_TEXTS.get(locale);
  if (texts === undefined) throw new RangeError(`no mail texts for "${locale}"; there are ${MAIL_LOCALES.join(", ")}`);
  return texts;
}
