#!/usr/bin/env bash
# nullmailer 2.2 (Debian 12), called as sendmail is.
#
# An alert names forty people in To, folded as it ought to be: no line has more than 78 characters. RFC 5322, 2.1.1: none must have
# more than 998. Expected: the lines arrive as they are. Seen: To and Cc are one line each, however long, here 1342 characters, while
# Subject keeps its folds. So the number of recipients decides whether the mail is valid: with twenty nothing shows, with forty a
# server that keeps to the limit, as KumoMTA's manual says of it, refuses the mail, and nobody gets the alert.
#
# Output seen:
#   20 recipients: longest line of To written 35, arrived 662
#   40 recipients: longest line of To written 35, arrived 1342
#   40 in Cc: longest line of Cc written 35, arrived 1342
#   Subject: longest line of Subject written 39, arrived 39
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "nullmailer=1:2.2*" >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$1/root/root/"
unshare --net chroot "$1/root" bash -c 'ip link set lo up && exec python3 /root/show.py'
END
cat >"$tmp/show.py" <<'END'
import os
import pathlib
import re
import socketserver
import subprocess
import sys
import threading
import time

lines = []


class Mailbox(socketserver.StreamRequestHandler):
    """An SMTP server that takes every mail, and notes its lines."""

    def handle(self):
        self.wfile.write(b"220 box.example.org\r\n")
        for line in self.rfile:
            command = line.strip().upper()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part.rstrip(b"\r\n").decode())
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 yes\r\n")
            if command == b"QUIT":
                return


server = socketserver.ThreadingTCPServer(("127.0.0.1", 25), Mailbox)
threading.Thread(target=server.serve_forever, daemon=True).start()
pathlib.Path("/etc/nullmailer/remotes").write_text("127.0.0.1 smtp\n")
pathlib.Path("/etc/mailname").write_text("gateway.example.org\n")
log = open("/root/log", "w")
queue = ["setpriv", "--reuid=mail", "--regid=mail", "--clear-groups", "nullmailer-send"]
subprocess.Popen(queue, stdout=log, stderr=log)


def longest(name, header):
    field = re.search(rf"^{name}: .*(\n[ \t].*)*", header, re.MULTILINE)[0]
    return max(map(len, field.split("\n")))


def sent(what, name, **fields):
    lines.clear()
    header = "".join(f"{name}: {value}\n" for name, value in {"From": "alerts@plant.example.org", **fields}.items())
    subprocess.run(["sendmail", "-t"], input=f"{header}\nhot\n".encode(), stderr=log, check=True, timeout=60)
    for _ in range(300):
        if lines[-1:] == ["hot"]:
            break
        time.sleep(0.1)
    written, arrived = longest(name, header), longest(name, "\n".join(lines).partition("\n\n")[0])
    print(f"{what}: longest line of {name} written {written}, arrived {arrived}")
    return written, arrived


def people(number):
    return ",\n ".join(f"Ops {each} <ops{each}@plant.example.org>" for each in range(number))


seen = [
    sent("20 recipients", "To", To=people(20)),
    sent("40 recipients", "To", To=people(40)),
    sent("40 in Cc", "Cc", To=people(1), Cc=people(40)),
    sent("Subject", "Subject", To=people(1), Subject="\n ".join(["the boiler in the north is hot"] * 40)),
]
sys.exit(0 if seen == [(35, 662), (35, 1342), (35, 1342), (39, 39)] else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show.py"
