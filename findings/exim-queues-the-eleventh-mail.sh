#!/usr/bin/env bash
# Exim 4.96 (Debian 12), its defaults.
#
# Twelve mails over one connection, to one local mailbox; each is answered 250, all alike. Expected: each is delivered at once.
# Seen: ten are; the eleventh and every later one stays in the queue until the next queue run, on Debian up to 30 minutes later.
# Exim holds a connection with more than `smtp_accept_queue_per_connection` (10) mails for a crowd that may wait. The reply does not
# tell, so a client that keeps its connection open for speed, as pools do, makes its own mails late. Only the log says why.
#
# Output seen:
#   answered 250: 12; delivered: 10; still queued: 2
#   log: no immediate delivery: more than 10 messages received in one connection
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
import glob
import smtplib
import subprocess
import sys
import time

for _ in range(100):
    try:
        client = smtplib.SMTP("127.0.0.1", 25)
        break
    except ConnectionRefusedError:
        time.sleep(0.2)
client.ehlo()
accepted = 0
for number in range(12):
    client.mail("a@example.org")
    client.rcpt("box@example.org")
    accepted += client.data(f"Subject: {number}\n\nx\n")[0] == 250
client.quit()


def state():
    queued = int(subprocess.run(["exim4", "-bpc"], capture_output=True, text=True).stdout)
    return len(glob.glob("/var/mail/box/new/*")), queued


# Until nothing has moved for ten seconds.
still, since = state(), time.time()
while time.time() - since < 10:
    time.sleep(0.5)
    if (now := state()) != still:
        still, since = now, time.time()
print(f"answered 250: {accepted}; delivered: {still[0]}; still queued: {still[1]}")
reasons = {line.split(" no ", 1)[-1].strip() for line in open("/var/log/exim4/mainlog") if "no immediate delivery" in line}
for reason in reasons:
    print(f"log: no {reason}")
sys.exit(0 if accepted == 12 and still == (10, 2) and len(reasons) == 1 else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/serve" "$tmp/show.py"
