#!/usr/bin/env bash
# Sendmail 8.17 (Debian 12), as Debian configures it; MAIL and thirteen RCPT sent in one go (PIPELINING, which it offers).
#
# Expected: each reply comes when its command is done. Debian's `BadRcptThrottle` of 3 makes each RCPT take a second after three unknown
# recipients, so ten seconds for the thirteen, the first replies at once.
# Seen: nothing at all for as long, not even the reply to MAIL, which waits for nothing; then all fourteen together.
# Sendmail keeps replies back while commands wait. A client that allows each reply a few seconds gives up on a server that is well and
# had already taken the good recipients; one that sends a command at a time sees the first replies at once.
#
# Output seen (seconds are rounded down):
#   pipelined: reply to MAIL after 10 s, last reply after 10 s
#   one at a time: reply to MAIL after 0 s, last reply after 10 s
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "sendmail-bin=8.17.*" sendmail-cf m4 procmail netbase >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$3" "$1/root/root/"
unshare --net chroot "$1/root" bash /root/serve
END
cat >"$tmp/serve" <<'END'
set -e
ip link set lo up
echo "127.0.0.1 mail.example.org localhost $(hostname)" >/etc/hosts
: >/etc/resolv.conf
# No name server here, and a busy machine is no reason to refuse; all else as Debian has it.
cd /etc/mail
cat >own <<'MC'
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
define(`confDOMAIN_NAME', `mail.example.org')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
MC
{ sed '/^MAILER(/,$d' sendmail.mc; cat own; sed -n '/^MAILER(/,$p' sendmail.mc; } >all
m4 all >sendmail.cf 2>/root/log
grep -q '^O BadRcptThrottle=3' sendmail.cf
/usr/sbin/sendmail-mta -bd
python3 /root/show.py
END
cat >"$tmp/show.py" <<'END'
import socket
import sys
import time


def connect():
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

    reply()
    server.sendall(b"EHLO client.example.org\r\n")
    reply()
    return server, reply


commands = ["MAIL FROM:<a@localhost>", *(f"RCPT TO:<nobody-{number}@localhost>" for number in range(13))]
lines = [f"{command}\r\n".encode() for command in commands]
server, reply = connect()
start = time.monotonic()
server.sendall(b"".join(lines))
pipelined = []
for _ in lines:
    reply()
    pipelined.append(time.monotonic() - start)
server, reply = connect()
start = time.monotonic()
single = []
for line in lines:
    server.sendall(line)
    reply()
    single.append(time.monotonic() - start)
for name, times in (("pipelined", pipelined), ("one at a time", single)):
    print(f"{name}: reply to MAIL after {int(times[0])} s, last reply after {int(times[-1])} s")
sys.exit(0 if pipelined[0] > 5 > single[0] and single[-1] > 5 else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/serve" "$tmp/show.py"
