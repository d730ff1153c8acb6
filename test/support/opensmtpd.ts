/** Debian's OpenSMTPD, unpacked and run in a root of its own: receives for `ops.test`, keeps Maildirs, sends nothing anywhere. */

import type { Jail } from "./debian-root.js";
import {
  CROWD,
  type Listener,
  LOGIN,
  MAILBOXES,
  type RealMailServer,
  type ServerProgram,
  SIZE_LIMIT,
  startRealMailServer,
} from "./real-mail-server.js";
import { EXPIRED_CERTIFICATE, TEST_CERTIFICATE } from "./test-certificate.js";

const LISTENERS = ["clear", "starttls", "tls", "expired", "expired-tls"] as const;
/** Of `LOGIN.pass`, by `openssl passwd -6`. */
const PASSWORD_HASH =
  "$6$alertdigest$WMY7IZ8KJ7s/L4q9MltNPxXcwAEmyEg.bPw3FKuXSnuOZqfKn3X1yp62qcTdRtMiFia7ZFgthf3DIgZ9982q0/";

const SPOOL = "var/spool/smtpd";

const configuration = (port: (listener: Listener) => number, limits: string): string => `
pki valid cert "/etc/valid.crt"
pki valid key "/etc/valid.key"
pki expired cert "/etc/expired.crt"
pki expired key "/etc/expired.key"
table credentials { "${LOGIN.user}" = "${PASSWORD_HASH}" }
table boxes { ${[...MAILBOXES, ...CROWD].map((name) => `"${name}@ops.test" = "vmail"`).join(", ")} }
table full { "^full[0-9]+@" }
filter "full" phase rcpt-to match rcpt-to regex <full> reject "452 4.2.2 Mailbox full"
smtp max-message-size ${SIZE_LIMIT}
${limits}
listen on 127.0.0.1 port ${port("clear")} hostname mail.test filter "full"
listen on 127.0.0.1 port ${port("starttls")} hostname mail.test tls-require pki valid auth <credentials>
listen on 127.0.0.1 port ${port("tls")} hostname mail.test smtps pki valid auth <credentials>
listen on 127.0.0.1 port ${port("expired")} hostname mail.test tls-require pki expired auth <credentials>
listen on 127.0.0.1 port ${port("expired-tls")} hostname mail.test smtps pki expired auth <credentials>
action "store" maildir "/var/vmail/%{rcpt.user}" virtual <boxes>
match from any for domain "ops.test" action "store"
match from auth for domain "ops.test" action "store"
`;

async function configure(jail: Jail, port: (listener: Listener) => number, limits: string): Promise<void> {
  await jail.directory(SPOOL, "root", 0o711);
  await jail.directory("var/lib/opensmtpd/empty", "root", 0o755);
  for (const [name, { key, cert }] of Object.entries({ valid: TEST_CERTIFICATE, expired: EXPIRED_CERTIFICATE })) {
    await jail.write(`etc/${name}.key`, `${key}\n`, 0o600);
    await jail.write(`etc/${name}.crt`, `${cert}\n`);
  }
  // It wants authorities even where it connects to nobody.
  await jail.directory("etc/ssl/certs", "root", 0o755);
  await jail.write("etc/ssl/certs/ca-certificates.crt", `${TEST_CERTIFICATE.cert}\n`);
  await jail.write("etc/smtpd.conf", configuration(port, limits), 0o600);
}

const opensmtpd = (limits: string): ServerProgram => ({
  name: "opensmtpd",
  user: LOGIN.user,
  listeners: LISTENERS,
  logFile: undefined,
  queue: { directories: [`${SPOOL}/queue`], ofEachMail: /^[0-9a-f]{16}$/ },
  configure: (jail, port) => configure(jail, port, limits),
  command: ["/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"],
});

/** `limits`: lines of smtpd.conf. */
export const startOpenSmtpd = (limits = ""): Promise<RealMailServer> => startRealMailServer(opensmtpd(limits));
