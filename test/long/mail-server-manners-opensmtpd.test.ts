/** Debian's OpenSMTPD at its defaults. */

import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { startOpenSmtpd } from "#test/support/opensmtpd.js";
import { devicesCase, mannersCases, running } from "./mail-server-manners-cases.js";

const skip = whyNoDebianRoot();

const under = running(() => startOpenSmtpd(), skip);

mannersCases(under, { full: "deferred" }, skip);
// It defers the 101st.
devicesCase(
  under,
  "200 devices at once over one connection, without a limit of ours",
  { SMTP_CONNECTIONS: "1", SMTP_MAILS_PER_CONNECTION: "1000" },
  skip,
);
