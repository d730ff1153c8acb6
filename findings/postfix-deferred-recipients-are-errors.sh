#!/usr/bin/env bash
# Postfix 3.7 (Debian 12), its defaults but for who has a mailbox.
#
# One mail to 22 recipients: two are fine, twenty are answered 450, "mailbox full" (greylisting, a quota, a look-up that failed).
# Expected: "later" is no client's error: the mail goes to the two, and the client comes again for the others.
# Seen: Postfix counts each 450 at RCPT as an error of the client. From the tenth on each reply takes a second longer, and after
# the twentieth (`smtpd_hard_error_limit`) DATA is answered 421 and the connection ends: the two who were answered 250 get nothing.
# A client that tries the same transaction again gets there again, for ever.
#
# Output seen:
#   replies at RCPT: 2 × 250, 20 × 450
#   DATA: 421 4.7.0 mail.example.org Error: too many errors; connection closed
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "postfix=3.7.*" netbase >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$3" "$1/root/root/"
unshare --net chroot "$1/root" bash /root/serve
END
cat >"$tmp/serve" <<'END'
ip link set lo up
postconf -e 'mydestination = example.org' 'inet_interfaces = loopback-only' 'inet_protocols = ipv4' 'myhostname = mail.example.org' \
  'local_recipient_maps =' 'maillog_file = /var/log/postfix.log' \
  'smtpd_recipient_restrictions = reject_unauth_destination, $boxes, check_recipient_access static:{450 4.2.2 Mailbox full}' \
  'boxes = check_recipient_access inline:{one@example.org=OK, two@example.org=OK}'
postfix start >/root/log 2>&1
python3 /root/show.py
END
cat >"$tmp/show.py" <<'END'
import socket
import sys
import time

for _ in range(100):
    try:
        server = socket.create_connection(("127.0.0.1", 25))
        break
    except ConnectionRefusedError:
        time.sleep(0.2)
replies = server.makefile("r", encoding="ascii", newline="\r\n")


def reply():
    while True:
        line = replies.readline().strip()
        if not line or line[3] == " ":
            return line


def ask(command):
    server.sendall(f"{command}\r\n".encode())
    return reply()


reply()
ask("EHLO client.example.org")
ask("MAIL FROM:<a@example.org>")
names = ["one", "two", *(f"full{number}" for number in range(20))]
codes = [ask(f"RCPT TO:<{name}@example.org>")[:3] for name in names]
print(f"replies at RCPT: {codes.count('250')} × 250, {codes.count('450')} × 450")
refused = ask("DATA")
try:
    ended = server.recv(1) == b""
except ConnectionResetError:
    ended = True
print(f"DATA: {refused}" + ("; connection closed" if ended else ""))
same = codes == ["250"] * 2 + ["450"] * 20 and refused.startswith("421 4.7.0") and ended
sys.exit(0 if same else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/serve" "$tmp/show.py"
