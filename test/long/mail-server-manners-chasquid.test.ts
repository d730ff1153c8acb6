/** Debian's Chasquid at its defaults. */

import { startChasquid } from "#test/support/chasquid.js";
import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { mannersCases, running } from "./mail-server-manners-cases.js";

const skip = whyNoDebianRoot();

mannersCases(running(startChasquid, skip), { full: "refused" }, skip);
