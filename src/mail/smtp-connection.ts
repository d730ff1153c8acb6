/** What nodemailer is told of a connection. */

import type { ConnectionOptions } from "node:tls";
import type { SMTPConnectionAuth, SMTPConnectionOptions } from "nodemailer/lib/smtp-connection";
import XOAuth2 from "nodemailer/lib/xoauth2";
import type { SmtpTarget } from "./smtp-options.js";
import type { TlsTickets } from "./tls-tickets.js";

/** A server that does not answer QUIT is left after this. */
export const QUIT_MS = 1_000;

/** Longest reply: more than any server has to say. */
export const REPLY_MAX_BYTES = 128 * 1024;

/** The longest that a timer takes. */
const NEVER_MS = 2 ** 31 - 1;

/** Deadlines are the session's own. */
export const connectionOptions = (target: SmtpTarget, tickets: TlsTickets): SMTPConnectionOptions => ({
  host: target.host,
  port: target.port,
  secure: target.secure,
  requireTLS: target.tls === "require" && !target.secure,
  ignoreTLS: target.tls === "off",
  opportunisticTLS: target.tls === "opportunistic",
  tls: target.tls === "off" && !target.secure ? {} : tlsOptions(target, tickets),
  connectionTimeout: NEVER_MS,
  greetingTimeout: NEVER_MS,
  socketTimeout: NEVER_MS,
  // A lookup that nobody waits for any more must not keep the process.
  dnsTimeout: Math.min(target.timeoutMs + 1_000, NEVER_MS),
  socketCloseTimeout: QUIT_MS,
  maxResponseSize: REPLY_MAX_BYTES,
  transactionLog: true,
});

const tlsOptions = ({ tls }: SmtpTarget, { context, last }: TlsTickets): ConnectionOptions => ({
  rejectUnauthorized: tls !== "opportunistic",
  secureContext: context,
  ...(last === undefined ? {} : { session: last }),
});

export const credentialsOf = (user: string, { pass, accessTokens }: SmtpTarget): SMTPConnectionAuth => {
  if (accessTokens === undefined) return { user, pass: pass ?? "" };
  return {
    user,
    oauth2: new XOAuth2({
      user,
      // Asked once more when the server takes the first one for expired: it may have been renewed meanwhile.
      provisionCallback: (_user, _renew, done) =>
        void accessTokens.read().then(
          (token) => done(null, token),
          (error: Error) => done(error),
        ),
    }),
  };
};
