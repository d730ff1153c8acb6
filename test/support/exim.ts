/** Debian's Exim, unpacked and run in a root of its own: receives for `ops.test`, keeps Maildirs, sends nothing anywhere. Its limits are its defaults. */

import type { Jail } from "./debian-root.js";
import { CROWD, type Listener, MAILBOXES, type RealMailServer, startRealMailServer } from "./real-mail-server.js";

const configuration = (port: (listener: Listener) => number, limits: string): string => `
${limits}
primary_hostname = mail.test
local_interfaces = <; [127.0.0.1]:${port("clear")}
spool_directory = ${SPOOL}
log_file_path = /var/log/exim4/%slog
keep_environment =
tls_advertise_hosts =
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  defer local_parts = ^full
        message = 452 4.2.2 Mailbox full
  deny !domains = ops.test
       message = 550 5.7.1 Relaying denied
  require verify = recipient
  accept
begin routers
box:
  driver = accept
  domains = ops.test
  local_parts = lsearch;/etc/boxes
  transport = box
begin transports
box:
  driver = appendfile
  directory = /var/vmail/$local_part_data
  maildir_format
  create_directory
  user = vmail
  group = vmail
`;

const SPOOL = "/var/spool/exim4";

async function configure(jail: Jail, port: (listener: Listener) => number, limits: string): Promise<void> {
  for (const path of [SPOOL.slice(1), "var/log/exim4"]) await jail.directory(path, "Debian-exim", 0o750);
  await jail.directory("etc/exim4", "root", 0o755);
  await jail.write("etc/boxes", [...MAILBOXES, ...CROWD].map((name) => `${name}: ${name}\n`).join(""));
  await jail.write("etc/exim4/exim4.conf", configuration(port, limits));
}

/** `limits`: lines of its configuration. */
export const startExim = (limits = ""): Promise<RealMailServer> =>
  startRealMailServer({
    name: "exim",
    user: "",
    listeners: ["clear"],
    logFile: "var/log/exim4/mainlog",
    queue: { directories: [`${SPOOL.slice(1)}/input`], ofEachMail: /-H$/ },
    configure: (jail, port) => configure(jail, port, limits),
    command: ["/usr/sbin/exim4", "-bdf", "-q30m"],
  });
