#!/usr/bin/env bash
# Exim 4.96 (Debian 12), `smtp_accept_max_per_connection` at 2 instead of 1,000.
#
# A client keeps its connection for many mails, as pools do. Once the limit is reached, MAIL is answered 421, which RFC 5321 calls
# "service not available, closing transmission channel". Expected: the server closes.
# Seen: it stays: NOOP, RSET and EHLO are answered 250, and each MAIL 421 again. A client that waits for the close, or that tries
# "later" on the same connection since NOOP says that all is well, never gets a mail through; a new connection takes it at once.
#
# Output seen:
#   mails 1 and 2: 250 250; third MAIL: 421 too many messages in this connection
#   same connection, afterwards: NOOP 250, RSET 250, EHLO 250, MAIL 421
#   new connection: MAIL 250
set -euo pipefail
tmp=$(mktemp -d)
mkdir "$tmp/layer"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

# The packages go into a layer over this machine's files that only these processes see and that goes with them; the server gets a
# network of its own. Needs root, on Debian 12.
cat >"$tmp/inside" <<'END'
set -euo pipefail
mount -t tmpfs none "$1"
mkdir "$1/new" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/new,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
printf '#!/bin/sh\nexit 101\n' >"$1/root/usr/sbin/policy-rc.d"
chmod +x "$1/root/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive
chroot "$1/root" apt-get -qq update >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
chroot "$1/root" apt-get -qq install -y --no-install-recommends "exim4-daemon-light=4.96*" netbase >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$3" "$1/root/root/"
unshare --net chroot "$1/root" bash /root/serve
END
cat >"$tmp/serve" <<'END'
ip link set lo up
cat >/etc/exim4/exim4.conf <<'CONF'
primary_hostname = mail.example.org
log_file_path = /var/log/exim4/%slog
keep_environment =
tls_advertise_hosts =
smtp_accept_max_per_connection = 2
acl_smtp_rcpt = accept
begin acl
begin routers
box:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = /var/mail/box
  maildir_format
  create_directory
  user = mail
  group = mail
CONF
exim4 -bd -q30m
python3 /root/show.py
END
cat >"$tmp/show.py" <<'END'
import socket
import sys
import time


class Client:
    def __init__(self):
        self.server = socket.create_connection(("127.0.0.1", 25), timeout=60)
        self.replies = self.server.makefile("r", encoding="ascii", newline="\r\n")
        self.reply()
        self.ask("EHLO client.example.org")

    def reply(self):
        while True:
            line = self.replies.readline().strip()
            if not line or line[3] == " ":
                return line or "closed"

    def ask(self, command):
        self.server.sendall(f"{command}\r\n".encode())
        return self.reply()

    def mail(self):
        self.ask("MAIL FROM:<a@example.org>")
        self.ask("RCPT TO:<box@example.org>")
        self.ask("DATA")
        return self.ask("Subject: x\r\n\r\nx\r\n.")[:3]


for _ in range(100):
    try:
        first = Client()
        break
    except ConnectionRefusedError:
        time.sleep(0.2)
taken = [first.mail(), first.mail()]
refused = first.ask("MAIL FROM:<a@example.org>")
print(f"mails 1 and 2: {' '.join(taken)}; third MAIL: {refused}")
commands = ["NOOP", "RSET", "EHLO client.example.org", "MAIL FROM:<a@example.org>"]
after = [f"{command[:4]} {first.ask(command)[:3]}" for command in commands]
print(f"same connection, afterwards: {', '.join(after)}")
fresh = Client().ask("MAIL FROM:<a@example.org>")[:3]
print(f"new connection: MAIL {fresh}")
same = (
    taken == ["250", "250"]
    and refused.startswith("421 ")
    and after == ["NOOP 250", "RSET 250", "EHLO 250", "MAIL 421"]
    and fresh == "250"
)
sys.exit(0 if same else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/serve" "$tmp/show.py"
