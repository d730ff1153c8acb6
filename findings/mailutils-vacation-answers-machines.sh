#!/usr/bin/env bash
# GNU Mailutils 3.15 (Debian 12), its `sieve` with the extension "vacation".
#
# Somebody is away, and an alert comes that says in its header that a machine wrote it (Auto-Submitted, RFC 3834), or that it came
# through a list (List-Id). RFC 5230 forbids an answer to a list's mail and advises against one to a machine's.
# Expected: no answer, as to a mail with "Precedence: bulk". Seen: an answer to each of them, to another machine's own answer too. It
# has no Auto-Submitted itself, so whoever gets it takes it for a person's: a ticket system opens a ticket and answers. What helps a
# sender of alerts here is the old "Precedence: bulk", or a sender's name that Mailutils knows, like owner-alerts; it does not know
# "noreply".
#
# Output seen:
#   plain: answered
#   Auto-Submitted: auto-generated: answered
#   Auto-Submitted: auto-replied: answered
#   List-Id: <alerts.example.org>: answered
#   Precedence: bulk: no answer
#   from noreply@: answered
#   from owner-alerts@: no answer
#   answers with Auto-Submitted: 0
set -euo pipefail
tmp=$(mktemp -d)
mkdir "$tmp/layer"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

# The packages go into a layer over this machine's files that only these processes see and that goes with them, without a network.
# Needs root, on Debian 12.
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "mailutils=1:3.15*" >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$1/root/root/"
unshare --net chroot "$1/root" python3 /root/show.py
END
cat >"$tmp/show.py" <<'END'
import os
import subprocess
import sys

# What Mailutils sends goes into a file.
with open("/usr/sbin/sendmail", "w") as program:
    program.write('#!/bin/sh\n{ echo "to $*"; cat; } >>/root/sent\n')
os.chmod("/usr/sbin/sendmail", 0o755)

mails = {
    "plain": ("a1", ""),
    "Auto-Submitted: auto-generated": ("a2", "Auto-Submitted: auto-generated\n"),
    "Auto-Submitted: auto-replied": ("a3", "Auto-Submitted: auto-replied\n"),
    "List-Id: <alerts.example.org>": ("a4", "List-Id: <alerts.example.org>\n"),
    "Precedence: bulk": ("a5", "Precedence: bulk\n"),
    "from noreply@": ("noreply", ""),
    "from owner-alerts@": ("owner-alerts", ""),
}
with open("/root/box", "w") as box:
    for name, header in mails.values():
        box.write(
            f"From {name}@example.org Tue Dec  1 06:00:00 2026\nFrom: {name}@example.org\nTo: me@box.example.org\nSubject: hot\n"
            f"Date: Tue, 01 Dec 2026 06:00:00 +0000\nMessage-ID: <{name}@example.org>\n{header}\nhot\n\n"
        )
with open("/root/away.sieve", "w") as script:
    script.write('require ["vacation"];\nvacation "I am away.";\n')
subprocess.run(["sieve", "--email", "me@box.example.org", "--mbox-url", "/root/box", "/root/away.sieve"], check=True, cwd="/root")
sent = open("/root/sent").read()
seen = {case: f"To: {name}@example.org\n" in sent for case, (name, _) in mails.items()}
for case, answered in seen.items():
    print(f"{case}: {'answered' if answered else 'no answer'}")
marked = sent.lower().count("auto-submitted:")
print(f"answers with Auto-Submitted: {marked}")
sys.exit(0 if list(seen.values()) == [True, True, True, True, False, True, False] and marked == 0 else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show.py"
