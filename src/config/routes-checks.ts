/** What `ROUTES_FILE` may hold, checked as the variables are: the file's reader knows neither addresses nor languages. */

import { mailLinks } from "./links.js";
import { mailbox } from "./mailbox.js";
import { fileProblem } from "./reader.js";
import { nearest } from "./unknown-names.js";
import { timezone } from "./values.js";

/** `locales`: those that mails can be written in. */
export const createRoutesChecks = (locales: readonly string[]) => ({
  locales,
  mailbox,
  timezone,
  links: mailLinks,
  nearest: (name: string, known: readonly string[]): string => nearest(name, known).name,
  fileProblem,
});
