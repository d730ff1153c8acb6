/** Where and how to connect: `SMTP_URL`, `SMTP_TLS`, `SMTP_CONNECTIONS`, `SMTP_TIMEOUT`, already parsed. */

import type { AccessTokens } from "./access-token.js";

export interface SmtpTarget {
  readonly host: string;
  readonly port: number;
  /** `smtps:` TLS from the first byte. */
  readonly secure: boolean;
  /** Percent-decoded; without it there is no login. */
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  /** Instead of a password: AUTH XOAUTH2. */
  readonly accessTokens?: AccessTokens | undefined;
  /**
   * `require`: TLS with a certificate that verifies, or nothing is sent. `opportunistic`: STARTTLS when it is offered, any
   * certificate, in clear when it fails (then without a login). `off`: no STARTTLS. With `secure`, `opportunistic` takes
   * any certificate and the other two verify it.
   */
  readonly tls: "require" | "opportunistic" | "off";
  /** PEM of certificate authorities to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
}

export interface SmtpMailerOptions extends SmtpTarget {
  /** Most sockets at any time: connecting, busy, idle and closing ones. */
  readonly connections: number;
  /** Deadline of one attempt, from connecting to the final reply. */
  readonly timeoutMs: number;
  /** Whole message → what is sent instead, the same each time: `createDkimSigner`. */
  readonly sign?: ((raw: Buffer) => Buffer) | undefined;
  /** An idle connection is closed after this. Default 5 s: servers drop idle clients, usually later. */
  readonly idleMs?: number | undefined;
  /** A connection is closed after this many mails. Default 100: many servers set such a limit. */
  readonly mailsPerConnection?: number | undefined;
  /** Told once: the server takes logins, and there is none for it. */
  readonly onOffersLogin?: (() => void) | undefined;
}
