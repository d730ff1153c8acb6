#!/usr/bin/env bash
# rspamd 3.4 (Debian 12), as Debian configures it, without network.
#
# One short English text, mailed in four ways; each is valid, and the text is the same. Expected: how a program writes its mail down
# matters little beside what the mail says. Seen: three of the forms cost a good part of what a mail may have (at 4.0 rspamd wants it
# greylisted, at 6.0 marked): a text in base64 although 7 bits would do, as libraries write it that encode everything; recipients
# in Cc, without To; and `To: undisclosed-recipients:;`, the form by which mail programs and servers say that they name nobody.
#
# Output seen:
#   as usual: -0.10
#   base64: 1.00, MIME_BASE64_TEXT_BOGUS (1.00)
#   Cc without To: 1.90, MISSING_TO (2.00)
#   undisclosed-recipients: 2.90, R_UNDISC_RCPT (3.00)
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "rspamd=3.4*" netbase >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$3" "$1/root/root/"
unshare --net chroot "$1/root" bash /root/serve
END
cat >"$tmp/serve" <<'END'
ip link set lo up
install -d -o _rspamd -g _rspamd /run/rspamd /var/lib/rspamd /var/log/rspamd
rspamd -u _rspamd -g _rspamd >/root/log 2>&1
python3 /root/show.py
END
cat >"$tmp/show.py" <<'END'
import base64
import json
import subprocess
import sys
import time

text = "The temperature of boiler 7 was 85 degrees at 06:00, which is above its limit of 80 degrees.\r\n"
encoded = base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")


def score(recipients, encoding="7bit", body=text):
    mail = "\r\n".join([
        "From: Alerts <alerts@example.org>",
        recipients,
        "Subject: temperature of boiler 7",
        "Date: Tue, 01 Dec 2026 06:00:00 +0000",
        "Message-ID: <1@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Transfer-Encoding: {encoding}",
        "",
        body,
    ])
    asked = ["rspamc", "--json", "--ip", "127.0.0.1", "symbols"]
    answer = json.loads(subprocess.run(asked, input=mail, capture_output=True, text=True, check=True).stdout)
    worst = max(answer["symbols"].values(), key=lambda symbol: symbol["score"])
    shown = f"{answer['score']:.2f}"
    return shown + (f", {worst['name']} ({worst['score']:.2f})" if worst["score"] > 0 else "")


for _ in range(100):
    if subprocess.run(["rspamc", "stat"], capture_output=True).returncode == 0:
        break
    time.sleep(0.3)
seen = {
    "as usual": score("To: ops@example.org"),
    "base64": score("To: ops@example.org", "base64", encoded),
    "Cc without To": score("Cc: ops@example.org"),
    "undisclosed-recipients": score("To: undisclosed-recipients:;"),
}
for form, points in seen.items():
    print(f"{form}: {points}")
expected = ["-0.10", "1.00, MIME_BASE64_TEXT_BOGUS (1.00)", "1.90, MISSING_TO (2.00)", "2.90, R_UNDISC_RCPT (3.00)"]
sys.exit(0 if list(seen.values()) == expected else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/serve" "$tmp/show.py"
