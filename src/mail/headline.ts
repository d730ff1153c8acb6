/** What a mail's first line says is wrong, in text, in HTML and in the list of mails. */

import { beforeNumber } from "./clean.js";
import type { DocumentSection, DocumentSummary, MailDocument } from "./document.js";
import type { MailTexts } from "./texts.js";

/** What the first line is made of. */
type Headline = Pick<DocumentSection, "status" | "what" | "quote" | "measurement"> & {
  readonly summary: Pick<DocumentSummary, "alsoFiring">;
};

/** `status: quote (what, measurement) and 2 other types`: what is wrong in the producer's words, for people, its type beside it, for searches. */
export function sentenceOf(headline: Headline, texts: MailTexts): string {
  const { status, measurement } = headline;
  const [wrong, type] = wrongOf(headline);
  const beside = [type, measurement].filter((text) => text !== "").join(", ");
  const said = wrong === "" || beside === "" ? wrong || beside : `${beforeNumber(wrong)} (${beside})`;
  const others = othersOf(headline, texts);
  const rest = said === "" || others === "" ? said : `${said} ${others}`;
  return rest === "" ? status : `${status}: ${rest}`;
}

/** What is wrong, as a headline, and the type where that says something else; each may be "". */
export function wrongOf({ what, quote }: Pick<Headline, "what" | "quote">): readonly [wrong: string, type: string] {
  return quote === "" || quote === what ? [what, ""] : [headlineOf(quote), what];
}

/** "and 2 other types", or "". */
export const othersOf = ({ summary: { alsoFiring } }: Pick<Headline, "summary">, texts: MailTexts): string =>
  alsoFiring === 0 ? "" : texts.others(alsoFiring);

/** As much of it as a telephone shows at once. From Hangul on characters are twice as wide, but for a few. */
function headlineOf(text: string): string {
  let columns = 0;
  let end = 0;
  for (const character of text) {
    columns += character < "\u1100" ? 1 : 2;
    if (columns > HEADLINE_COLUMNS) return `${text.slice(0, end).replace(BEGUN_WORD, "").trimEnd()}…`;
    end += character.length;
  }
  return text;
}

/** Whether the mail is about one alert: its first line says it all, and nothing is summed up. */
export const isSingle = ({ kind, count, alerts }: MailDocument): boolean =>
  kind === "device" && count === 1 && alerts.length === 1;

/** What of a single alert the first line has said already, whole. */
export function saidOf(mail: MailDocument): { readonly message: boolean; readonly measurement: boolean } {
  const [alert] = mail.alerts;
  if (!isSingle(mail) || alert === undefined) return { message: false, measurement: false };
  return { message: alert.message === wrongOf(mail)[0], measurement: mail.measurement !== "" };
}

/** A word that is cut, unless it is so long that little would be left without it. */
const BEGUN_WORD = /(?<=\s)\S{1,20}$/u;
/** 60 syllables. */
const HEADLINE_COLUMNS = 120;
