/**
 * Debian's Sendmail, unpacked and run in a root of its own: receives for `ops.test`, keeps Maildirs, sends nothing anywhere. Configured as Debian
 * configures it, but for what needs a name server and for what depends on how busy the machine is.
 */

import { readFile } from "node:fs/promises";
import { type Jail, MAILBOX_OWNER } from "./debian-root.js";
import { CROWD, type Listener, MAILBOXES, type RealMailServer, startRealMailServer } from "./real-mail-server.js";

export interface SendmailOptions {
  /** Debian gives 10 connections in 10 minutes to everybody but this machine; 0, as to this machine: no limit. */
  readonly clientRate?: number;
  /** Lines of sendmail.mc. */
  readonly limits?: string;
}

const DEBIAN_MC = "usr/share/sendmail/cf/debian/sendmail.mc";
const QUEUE = "var/spool/mqueue";

/** Debian's own file: one port instead of two, no name server, Maildirs, and full mailboxes. */
const configuration = (debian: string, port: number, limits: string): string =>
  debian
    .replace(
      /^DAEMON_OPTIONS\(.*MTA-v4.*$/m,
      `DAEMON_OPTIONS(\`Family=inet, Name=MTA-v4, Port=${port}, Addr=127.0.0.1')dnl`,
    )
    .replace(/^DAEMON_OPTIONS\(.*MSP-v4.*$/m, "dnl")
    .replace(/^MAILER\(`local'\)dnl$/m, `${OWN}${limits}MAILER(\`local')dnl`) + FULL_MAILBOXES;

const OWN = `FEATURE(\`nocanonify')dnl
FEATURE(\`accept_unresolvable_domains')dnl
FEATURE(\`local_procmail', \`/usr/bin/procmail', \`procmail -m /etc/mail/store.rc $u')dnl
define(\`confDOMAIN_NAME', \`mail.test')dnl
define(\`confQUEUE_LA', \`1000')dnl
define(\`confREFUSE_LA', \`1000')dnl
`;

const FULL_MAILBOXES = `
LOCAL_CONFIG
Kfull regex -a@FULL ^full[0-9]+
LOCAL_RULESETS
SLocal_check_rcpt
R$*\t\t\t$: $>canonify $1
R$+ < @ $* > $*\t$: $(full $1 $)
R$* @FULL\t$#error $@ 4.2.2 $: "452 Mailbox full"
`;

const configureWith =
  ({ clientRate = 0, limits = "" }: SendmailOptions) =>
  async (jail: Jail, port: (listener: Listener) => number): Promise<void> => {
    const boxes = [...MAILBOXES, ...CROWD];
    for (const path of ["etc/mail/m4", "var/lib/sendmail/host_status", "run/sendmail/mta"])
      await jail.directory(path, "root", 0o755);
    await jail.directory(QUEUE, "smmta", 0o700);
    for (const empty of ["m4/dialup.m4", "m4/provider.m4", "aliases", "trusted-users"])
      await jail.write(`etc/mail/${empty}`, "");
    await jail.write("etc/mail/local-host-names", "ops.test\n");
    await jail.write("etc/mail/store.rc", "UMASK=022\nUSER=$1\n:0\n/var/vmail/$USER/\n");
    const rates = { GreetPause: 0, ClientConn: 0, ClientRate: clientRate };
    const access = Object.entries(rates).map(([name, limit]) => `${name}:127.0.0.1\t${limit}\n`);
    await jail.write("etc/mail/access", access.join(""));
    const user = (name: string) => `${name}:x:${MAILBOX_OWNER}:${MAILBOX_OWNER}::/var/vmail:/bin/sh\n`;
    const passwd = await readFile(jail.path("etc/passwd"), "utf8");
    await jail.write("etc/passwd", passwd + boxes.map(user).join(""));
    await jail.write(
      "etc/mail/sendmail.mc",
      configuration(await readFile(jail.path(DEBIAN_MC), "utf8"), port("clear"), limits),
    );
    // It complains that it cannot say who made the file, where and when: the programs for that are not here.
    await jail.run(
      "/bin/sh",
      "-c",
      "m4 /etc/mail/sendmail.mc > /etc/mail/sendmail.cf 2> /dev/null; [ -s /etc/mail/sendmail.cf ]",
    );
    await jail.run("/bin/sh", "-c", "/usr/libexec/sendmail/makemap hash /etc/mail/access < /etc/mail/access");
    await jail.run("/usr/libexec/sendmail/newaliases");
  };

export const startSendmail = (options: SendmailOptions = {}): Promise<RealMailServer> =>
  startRealMailServer({
    name: "sendmail",
    user: "",
    listeners: ["clear"],
    logFile: undefined,
    queue: { directories: [QUEUE], ofEachMail: /^qf/ },
    configure: configureWith(options),
    command: ["/usr/libexec/sendmail/sendmail", "-bD", "-q10m"],
  });
