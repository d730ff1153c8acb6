/** Where and how to connect: `SMTP_*`, already parsed. */

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
  /** What EHLO says; undefined: this host's name or address. */
  readonly helo?: string | undefined;
  /** Deadline of each step before the end of the message; longer for many recipients and a long message (`step-deadline.ts`). */
  readonly timeoutMs: number;
  /** Deadline of the reply to the end of the message. */
  readonly replyTimeoutMs: number;
}

export interface SmtpMailerOptions extends SmtpTarget {
  /** Most sockets at any time: connecting, busy, idle and closing ones. */
  readonly connections: number;
  /** Whole message → what is sent instead, the same each time: `createDkimSigner`. */
  readonly sign?: ((raw: Buffer) => Buffer | Promise<Buffer>) | undefined;
  /** An idle connection is closed after this. */
  readonly idleMs: number;
  /** A connection is closed after this many mails. */
  readonly mailsPerConnection: number;
  /** Told once: the server takes logins, and there is none for it. */
  readonly onOffersLogin?: (() => void) | undefined;
}

/**
 * From one window's end to the next, and a little: servers count connections, also those that they refuse. They drop an idle client after five
 * minutes (RFC 5321 section 4.5.3.2.7), and should not come first.
 */
export const idleMsFor = (windowSizeMs: number): number => Math.min(windowSizeMs + BETWEEN_WINDOWS_MS, SERVERS_WAIT_MS);

const BETWEEN_WINDOWS_MS = 30_000;
const SERVERS_WAIT_MS = 270_000;
