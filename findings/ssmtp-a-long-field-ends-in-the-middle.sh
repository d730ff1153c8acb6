#!/usr/bin/env bash
# sSMTP 2.64 (Debian 12), called as sendmail is.
#
# A digest names a hundred people in To, and in References the ninety mails before it; each field is folded, no line has more than 78
# characters. A field as a whole has no limit (RFC 5322, 2.1.1). Expected: the fields arrive as they are, or the mail is refused.
# Seen: each ends after 2046 bytes, in the middle of an address or an identifier; the status is 0. All hundred get the mail, since the
# envelope is right, so nobody misses it; but "answer all" leaves out thirty of them, a server that parses strictly finds a broken To,
# and the newest identifiers of References are gone, by which a mail program finds the conversation.
#
# Output seen:
#   To: written 2890 bytes, arrived 2046, the last is <ops70@plant.example.o
#   References: written 2879 bytes, arrived 2046, the last is <digest-63@plant.example.org
#   Subject: written 12 bytes, arrived 12, the last is hot
#   status 0, recipients 100
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "ssmtp=2.64*" >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$1/root/root/"
unshare --net chroot "$1/root" bash -c 'ip link set lo up && exec python3 /root/show.py'
END
cat >"$tmp/show.py" <<'END'
import pathlib
import re
import socketserver
import subprocess
import sys
import threading

recipients = []
lines = []


class Mailbox(socketserver.StreamRequestHandler):
    """An SMTP server that takes every mail, and notes who is to get it and the lines."""

    def handle(self):
        self.wfile.write(b"220 box.example.org\r\n")
        for line in self.rfile:
            command = line.strip().upper()
            if command.startswith(b"RCPT TO:"):
                recipients.append(line.strip()[8:].decode())
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part.rstrip(b"\r\n").decode())
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 yes\r\n")
            if command == b"QUIT":
                return


server = socketserver.ThreadingTCPServer(("127.0.0.1", 25), Mailbox)
threading.Thread(target=server.serve_forever, daemon=True).start()
pathlib.Path("/etc/ssmtp/ssmtp.conf").write_text("mailhub=127.0.0.1\nhostname=gateway.example.org\n")
fields = {
    "To": ",\n ".join(f"<ops{number}@plant.example.org>" for number in range(100)),
    "References": "\n ".join(f"<digest-{number}@plant.example.org>" for number in range(90)),
    "Subject": "hot",
}
header = "".join(f"{name}: {value}\n" for name, value in fields.items())
run = subprocess.run(["ssmtp", "-t"], input=f"From: alerts@plant.example.org\n{header}\nhot\n".encode(), timeout=60)
arrived = "\n".join(lines).partition("\n\n")[0]
seen = []
for name, value in fields.items():
    written = f"{name}: {value}".replace("\n", "\r\n")
    field = re.search(rf"^{name}: .*(\n[ \t].*)*", arrived, re.MULTILINE)[0].replace("\n", "\r\n")
    seen.append(f"{name}: written {len(written)} bytes, arrived {len(field)}, the last is {field.split()[-1]}")
seen.append(f"status {run.returncode}, recipients {len(recipients)}")
print("\n".join(seen))
sys.exit(0 if seen == [
    "To: written 2890 bytes, arrived 2046, the last is <ops70@plant.example.o",
    "References: written 2879 bytes, arrived 2046, the last is <digest-63@plant.example.org",
    "Subject: written 12 bytes, arrived 12, the last is hot",
    "status 0, recipients 100",
] else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show.py"
