/**
 * The mailer and the whole product against Debian's OpenSMTPD. It always offers PLAIN beside LOGIN, and PLAIN is what the mailer takes
 * then; LOGIN is tried against Postfix.
 */

import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { startOpenSmtpd } from "#test/support/opensmtpd.js";
import { commonCases, serverUnderTest } from "./real-mail-servers-cases.js";
import { productCases } from "./real-mail-servers-product.js";

const skip = whyNoDebianRoot();
const under = serverUnderTest(() => startOpenSmtpd(), skip);

commonCases(under, skip);
productCases(under, skip);
