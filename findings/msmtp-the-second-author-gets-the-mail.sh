#!/usr/bin/env bash
# msmtp 1.8.23 (Debian 12), called as sendmail is: `msmtp -t` takes the recipients from the header.
#
# Its manual: -t reads the recipients from To, Cc and Bcc. A mail may have two authors in From (RFC 5322, 3.6.2, with a Sender then),
# say the plant and the service that watches it. Expected: the mail goes to those in To. Seen: it goes to the second author, too, and
# to nobody else where To is "undisclosed-recipients:;", which has no address: it should be refused there as with one author.
# The first author gets nothing. And a recipient with a quoted name before the @ loses that name: the mail goes to "@example.org".
#
# Output seen:
#   one author: <ops@example.org>
#   two authors: <service@example.org> <ops@example.org>
#   three authors: <service@example.org> <maker@example.org> <ops@example.org>
#   one author, undisclosed recipients: refused
#   two authors, undisclosed recipients: <service@example.org>
#   recipient "boiler 7": <@example.org>
set -euo pipefail
tmp=$(mktemp -d)
mkdir "$tmp/layer"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

# The packages go into a layer over this machine's files that only these processes see and that goes with them, with a network of its
# own. Needs root, on Debian 12.
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "msmtp=1.8.23*" >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$1/root/root/"
unshare --net chroot "$1/root" bash -c 'ip link set lo up && exec python3 /root/show.py'
END
cat >"$tmp/show.py" <<'END'
import socketserver
import subprocess
import sys
import threading

recipients = []


class Mailbox(socketserver.StreamRequestHandler):
    """An SMTP server that takes every mail, and notes who is to get it."""

    def handle(self):
        self.wfile.write(b"220 box.example.org\r\n")
        for line in self.rfile:
            command = line.strip().upper()
            if command.startswith(b"RCPT TO:"):
                recipients.append(line.strip()[8:].decode())
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 yes\r\n")
            if command == b"QUIT":
                return


server = socketserver.ThreadingTCPServer(("127.0.0.1", 25), Mailbox)
threading.Thread(target=server.serve_forever, daemon=True).start()


def sent(authors, to):
    recipients.clear()
    mail = f"From: {authors}\nSender: plant@example.org\nTo: {to}\nSubject: hot\n\nhot\n"
    program = ["msmtp", "--host=127.0.0.1", "--port=25", "--from=bounces@example.org", "-t"]
    run = subprocess.run(program, input=mail.encode(), capture_output=True, timeout=60)
    return "refused" if run.returncode else " ".join(recipients)


one = "plant@example.org"
two = f"{one}, service@example.org"
nobody = "undisclosed-recipients:;"
seen = {
    "one author": sent(one, "ops@example.org"),
    "two authors": sent(two, "ops@example.org"),
    "three authors": sent(f"{two}, maker@example.org", "ops@example.org"),
    "one author, undisclosed recipients": sent(one, nobody),
    "two authors, undisclosed recipients": sent(two, nobody),
    'recipient "boiler 7"': sent(one, '"boiler 7"@example.org'),
}
for what, who in seen.items():
    print(f"{what}: {who}")
sys.exit(0 if list(seen.values()) == [
    "<ops@example.org>",
    "<service@example.org> <ops@example.org>",
    "<service@example.org> <maker@example.org> <ops@example.org>",
    "refused",
    "<service@example.org>",
    "<@example.org>",
] else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show.py"
