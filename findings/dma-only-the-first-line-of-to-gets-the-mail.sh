#!/usr/bin/env bash
# dma 0.13 (Debian 12), called as sendmail is: `dma -t` takes the recipients from the header.
#
# Its manual: -t parses To, Cc and Bcc. A line of a header should have at most 78 characters, so whoever writes a longer To folds it: it
# goes on in the next line, behind a space (RFC 5322, 2.1.1 and 2.2.3). Python's `email` and others do so by themselves.
# Expected: the mail goes to everybody in To. Seen: it goes to those in the first line of each field. The others get nothing, though
# each copy names them as recipients, too; dma exits with 0, and its queue is empty.
# So three people get each alert, and the fourth, who is added later, gets none. Where the first line ends between a name and its
# address, the name is the recipient: dma refuses the mail with status 65, and nobody gets it.
#
# Output seen:
#   status 0, got by <a@plant.example.org> <b@plant.example.org>; queue empty
#     To: a@plant.example.org, b@plant.example.org
#   status 0, got by <a@plant.example.org> <b@plant.example.org> <c@plant.example.org>; queue empty
#     To: a@plant.example.org, b@plant.example.org, c@plant.example.org,
#      d@plant.example.org, e@plant.example.org
#   status 65, got by nobody; queue empty
#     To: The Night Shift of the Northern Boiler House and Pump Station
#      <a@plant.example.org>
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "dma=0.13*" >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$1/root/root/"
unshare --net chroot "$1/root" bash -c 'ip link set lo up && exec python3 /root/show.py'
END
cat >"$tmp/show.py" <<'END'
import pathlib
import socketserver
import subprocess
import sys
import threading
import time
from email.headerregistry import Address
from email.message import EmailMessage

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
pathlib.Path("/etc/dma/dma.conf").write_text("SMARTHOST 127.0.0.1\nPORT 25\nMAILNAME gateway.example.org\n")


def sent(*names):
    recipients.clear()
    mail = EmailMessage()
    mail["From"] = "alerts@plant.example.org"
    mail["To"] = [Address(name, letter, "plant.example.org") for letter, name in zip("abcde", names)]
    mail["Subject"] = "hot"
    mail.set_content("hot")
    run = subprocess.run(["dma", "-t"], input=bytes(mail), capture_output=True, timeout=60)
    # It delivers in the background, to one recipient after the other. Until nothing has come for five seconds.
    quiet, known = 0, 0
    while quiet < 50:
        time.sleep(0.1)
        quiet = quiet + 1 if len(recipients) == known else 0
        known = len(recipients)
    queue = subprocess.run(["dma", "-bp"], capture_output=True, text=True, check=True).stdout
    got = " ".join(sorted(recipients)) or "nobody"
    print(f"status {run.returncode}, got by {got}; queue {'empty' if 'is empty' in queue else queue}")
    print("  To: " + bytes(mail).decode().partition("To: ")[2].partition("\nSubject")[0].replace("\n", "\n  "))
    return run.returncode, got, "is empty" in queue


two = (0, "<a@plant.example.org> <b@plant.example.org>", True)
same = [
    sent("", "") == two,
    sent("", "", "", "", "") == (0, "<a@plant.example.org> <b@plant.example.org> <c@plant.example.org>", True),
    sent("The Night Shift of the Northern Boiler House and Pump Station") == (65, "nobody", True),
]
sys.exit(0 if all(same) else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show.py"
