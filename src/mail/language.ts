/** In which words, in which time zone and with which numbers a mail is written. */

import type { LocalTime } from "./local-time.js";
import type { Numbers } from "./numbers.js";
import type { MailTexts } from "./texts.js";

export interface Language {
  readonly texts: MailTexts;
  readonly localTime: LocalTime;
  readonly numbers: Numbers;
}
