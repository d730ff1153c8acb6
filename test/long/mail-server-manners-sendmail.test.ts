/** Debian's Sendmail at its defaults. */

import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { startSendmail } from "#test/support/sendmail.js";
import { mannersCases, running } from "./mail-server-manners-cases.js";

const skip = whyNoDebianRoot();

mannersCases(
  running(() => startSendmail(), skip),
  { full: "deferred", slow: true },
  skip,
);
