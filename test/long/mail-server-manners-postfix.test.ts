/** Debian's Postfix at its defaults. */

import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { startPostfix } from "#test/support/postfix.js";
import { mannersCases, running } from "./mail-server-manners-cases.js";

const skip = whyNoDebianRoot();

mannersCases(
  running(() => startPostfix(), skip),
  { full: "deferred", slow: true },
  skip,
);
