/** Debian's Exim at its defaults. */

import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { startExim } from "#test/support/exim.js";
import { mannersCases, running } from "./mail-server-manners-cases.js";

const skip = whyNoDebianRoot();

mannersCases(
  running(() => startExim(), skip),
  { full: "deferred" },
  skip,
);
