/** The mailer that a configuration asks for. */

import type { Config } from "../config/shape.js";
import { createAccessTokens } from "../mail/access-token.js";
import { createDkimSigner, type DkimSigner } from "../mail/dkim.js";
import { createSmtpMailer } from "../mail/smtp-mailer.js";
import { idleMsFor, type SmtpMailerOptions } from "../mail/smtp-options.js";
import type { Mailer } from "../runtime/ports.js";
import type { ServerAddress } from "../runtime/server-trouble.js";
import { inTurns } from "../runtime/turns.js";

export const createConfiguredMailer = (
  { smtp, mail, window }: Pick<Config, "smtp" | "mail" | "window">,
  hooks: Pick<SmtpMailerOptions, "onOffersLogin"> = {},
): Mailer =>
  createSmtpMailer({
    ...hooks,
    host: smtp.host,
    port: smtp.port,
    secure: smtp.implicitTls,
    user: smtp.auth?.username ?? smtp.oauth2?.username,
    pass: smtp.auth?.password,
    accessTokens: smtp.oauth2 && createAccessTokens(smtp.oauth2.tokenFile),
    tls: smtp.tls,
    ca: smtp.ca,
    helo: smtp.helo,
    connections: smtp.connections,
    mailsPerConnection: smtp.mailsPerConnection,
    idleMs: idleMsFor(window.sizeMs),
    timeoutMs: smtp.timeoutMs,
    replyTimeoutMs: smtp.replyTimeoutMs,
    sign: mail.dkim && signerOf(createDkimSigner(mail.dkim)),
  });

const signerOf =
  (signer: DkimSigner) =>
  (raw: Buffer): Buffer | Promise<Buffer> =>
    inTurns(signer(raw));

/** For people: no secret. */
export const serverAddressOf = ({ host, port, auth, oauth2 }: Config["smtp"]): ServerAddress => ({
  host,
  port,
  login: auth ? "password" : oauth2 ? "token" : "none",
});
