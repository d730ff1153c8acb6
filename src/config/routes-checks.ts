/** What `ROUTES_FILE` may hold, checked as the variables are: the file's reader knows neither addresses nor languages. */

import { mailbox } from "./addresses.js";
import { fileProblem } from "./reader.js";
import { MAIL_LOCALES } from "./shape.js";
import { nearest } from "./unknown-names.js";
import { timezone } from "./values.js";

export const routesChecks = {
  locales: MAIL_LOCALES,
  mailbox,
  timezone,
  nearest: (name: string, known: readonly string[]): string => nearest(name, known).name,
  fileProblem,
};
