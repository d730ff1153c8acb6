/** Debian's Postfix, unpacked and run in a root of its own: receives for `ops.test`, keeps Maildirs, sends nothing anywhere. */

import { type Jail, MAILBOX_OWNER } from "./debian-root.js";
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

const LISTENERS = ["clear", "starttls", "tls", "expired", "expired-tls", "login", "unannounced"] as const;
const REALM = "mail.test";

const MAIN = `
compatibility_level = 3.6
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
virtual_mailbox_domains = ops.test
virtual_mailbox_base = /var/vmail
virtual_mailbox_maps = inline:{${[...MAILBOXES, ...CROWD].map((name) => `${name}@ops.test=${name}/`).join(", ")}}
virtual_uid_maps = static:${MAILBOX_OWNER}
virtual_gid_maps = static:${MAILBOX_OWNER}
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access regexp:{ { /^full[0-9]+@/ 452 4.2.2 Mailbox full } }
smtpd_peername_lookup = no
maillog_file = /var/log/postfix.log
message_size_limit = ${SIZE_LIMIT}
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = ${REALM}
cyrus_sasl_config_path = /etc/postfix/sasl
smtpd_tls_chain_files = /etc/postfix/valid.pem
smtpd_tls_received_header = no
`;

const LOGIN_ONLY = "-o smtpd_sasl_auth_enable=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject";
const STARTTLS = `-o smtpd_tls_security_level=may -o smtpd_tls_auth_only=yes ${LOGIN_ONLY}`;
const TLS = `-o smtpd_tls_wrappermode=yes ${LOGIN_ONLY}`;
const EXPIRED = "-o smtpd_tls_chain_files=/etc/postfix/expired.pem";
const OPTIONS: Readonly<Record<(typeof LISTENERS)[number], string>> = {
  clear: "",
  starttls: STARTTLS,
  tls: TLS,
  expired: `${STARTTLS} ${EXPIRED}`,
  "expired-tls": `${TLS} ${EXPIRED}`,
  login: `${STARTTLS} -o smtpd_sasl_mechanism_filter=login`,
  unannounced: "-o smtpd_discard_ehlo_keywords=size",
};

const SERVICES = `
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;

const QUEUE = "var/spool/postfix";
const QUEUES = [
  "active",
  "bounce",
  "corrupt",
  "defer",
  "deferred",
  "flush",
  "hold",
  "incoming",
  "private",
  "saved",
  "trace",
];

async function configure(jail: Jail, port: (listener: Listener) => number, limits: string): Promise<void> {
  for (const name of QUEUES) await jail.directory(`${QUEUE}/${name}`, "postfix", 0o700);
  await jail.directory(`${QUEUE}/pid`, "root", 0o755);
  await jail.directory(`${QUEUE}/public`, "postfix", 0o710);
  await jail.directory(`${QUEUE}/maildrop`, "postfix", 0o730);
  await jail.directory("var/lib/postfix", "postfix", 0o755);
  await jail.directory("etc/postfix/sasl", "root", 0o755);
  await jail.write("etc/postfix/valid.pem", `${TEST_CERTIFICATE.key}\n${TEST_CERTIFICATE.cert}\n`, 0o600);
  await jail.write("etc/postfix/expired.pem", `${EXPIRED_CERTIFICATE.key}\n${EXPIRED_CERTIFICATE.cert}\n`, 0o600);
  await jail.write("etc/postfix/main.cf", `${MAIN}${limits}\n`);
  const listeners = LISTENERS.map((name) => `127.0.0.1:${port(name)} inet n - n - - smtpd ${OPTIONS[name]}`);
  await jail.write("etc/postfix/master.cf", `${listeners.join("\n")}${SERVICES}`);
  await jail.write(
    "etc/postfix/sasl/smtpd.conf",
    "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n",
  );
  await jail.write("tmp/password", LOGIN.pass, 0o600);
  const store = `/usr/sbin/saslpasswd2 -c -p -u ${REALM} ${LOGIN.user} < /tmp/password`;
  await jail.run("/bin/sh", "-c", store);
  await jail.owner("etc/sasldb2", "postfix");
}

const postfix = (limits: string): ServerProgram => ({
  name: "postfix",
  user: `${LOGIN.user}@${REALM}`,
  listeners: LISTENERS,
  logFile: "var/log/postfix.log",
  queue: {
    directories: ["incoming", "active", "deferred"].map((name) => `${QUEUE}/${name}`),
    ofEachMail: /^[0-9A-F]{6,}$/,
  },
  configure: (jail, port) => configure(jail, port, limits),
  command: ["/usr/lib/postfix/sbin/master", "-c", "/etc/postfix"],
});

/** `limits`: lines of main.cf. */
export const startPostfix = (limits = ""): Promise<RealMailServer> => startRealMailServer(postfix(limits));
