/** Debian's chasquid, unpacked and run in a root of its own: receives for `ops.test`, keeps Maildirs, sends nothing anywhere. Its limits are fixed. */

import type { Jail } from "./debian-root.js";
import { CROWD, type Listener, MAILBOXES, type RealMailServer, startRealMailServer } from "./real-mail-server.js";
import { TEST_CERTIFICATE } from "./test-certificate.js";

async function configure(jail: Jail, port: (listener: Listener) => number): Promise<void> {
  await jail.directory("var/lib/chasquid", "chasquid", 0o755);
  for (const path of ["certs/mail.test", "domains/ops.test"])
    await jail.directory(`etc/chasquid/${path}`, "root", 0o755);
  await jail.write(
    "etc/chasquid/chasquid.conf",
    `hostname: "mail.test"\nsmtp_address: "127.0.0.1:${port("clear")}"\ndata_dir: "/var/lib/chasquid"\nmail_log_path: "<stderr>"\n`,
  );
  // Debian's hook runs filters that are not here.
  await jail.remove("etc/chasquid/hooks/post-data");
  await jail.write("etc/chasquid/certs/mail.test/privkey.pem", `${TEST_CERTIFICATE.key}\n`);
  await jail.write("etc/chasquid/certs/mail.test/fullchain.pem", `${TEST_CERTIFICATE.cert}\n`);
  await jail.write("etc/store.rc", "USER=$1\n:0\n/var/vmail/$USER/\n");
  const aliases = [...MAILBOXES, ...CROWD].map((name) => `${name}: | /usr/bin/procmail -m /etc/store.rc ${name}\n`);
  await jail.write("etc/chasquid/domains/ops.test/aliases", aliases.join(""));
}

export const startChasquid = (): Promise<RealMailServer> =>
  startRealMailServer({
    name: "chasquid",
    user: "",
    listeners: ["clear"],
    logFile: undefined,
    queue: { directories: ["var/lib/chasquid/queue"], ofEachMail: /^m:/ },
    configure,
    command: ["/usr/bin/chasquid"],
  });
