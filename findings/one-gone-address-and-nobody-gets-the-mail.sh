#!/usr/bin/env bash
# Four programs that send an alert by mail, all of Debian 12: Alertmanager 0.25.0, msmtp 1.8.23, s-nail 14.9.24, nullmailer 2.2.
#
# A mail goes to two addresses; a colleague has left, and the server answers 550 to that RCPT and 250 to the other. SMTP is made so
# that the mail then goes to the one who is there (Postfix, Exim, nodemailer and Python's smtplib do that).
# Seen: with each of the four nobody gets it. They give up at the first refusal; msmtp and s-nail say so by their exit code,
# nullmailer puts the whole mail aside and says in a bounce that it failed, and Alertmanager takes the 550 for a passing trouble:
# it tries all of it again within a second, and again, for as long as the alert lasts. The alert reaches nobody until somebody
# looks into a log or mends the list.
#
# Output seen:
#   both are there: Alertmanager good, msmtp good, s-nail good, nullmailer good
#   one is gone: Alertmanager nobody, msmtp nobody, s-nail nobody, nullmailer nobody
#   Alertmanager asked for the gone address several times in 10 s
set -euo pipefail
tmp=$(mktemp -d)
mkdir "$tmp/layer"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

# The packages go into a layer over this machine's files that only these processes see and that goes with them; the programs get a
# network of their own. Needs root, on Debian 12.
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "prometheus-alertmanager=0.25.0*" "msmtp=1.8.23*" "s-nail=14.9.24*" \
  "nullmailer=1:2.2*" >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$1/root/root/"
unshare --net chroot "$1/root" bash -c 'ip link set lo up && exec python3 /root/show.py'
END
cat >"$tmp/show.py" <<'END'
import json
import socketserver
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

asked, delivered = [], []


class Server(socketserver.StreamRequestHandler):
    def say(self, reply):
        self.wfile.write(f"{reply}\r\n".encode())

    def handle(self):
        recipients = []
        self.say("220 mail.example.org")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper().split(":")[0]
            if verb == "RCPT TO":
                asked.append(line)
                gone = "gone@" in line
                if not gone:
                    recipients.append(line)
                self.say("550 5.1.1 no such user" if gone else "250 ok")
            elif verb == "DATA" and recipients:
                self.say("354 go on")
                while (part := self.rfile.readline()) != b".\r\n":
                    if not part:
                        return
                delivered.extend(recipients)
                recipients = []
                self.say("250 ok")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True


server = Threads(("127.0.0.1", 0), Server)
port = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
sender = "alerts@example.org"
text = "Subject: boiler 7\n\nThe boiler is hot.\n"


def run_for(seconds, command, then=None, **options):
    running = subprocess.Popen(command, **quiet, **options)
    if then:
        then()
    time.sleep(seconds)
    running.kill()
    running.wait()


def msmtp(recipients):
    command = ["msmtp", "--host=127.0.0.1", f"--port={port}", f"--from={sender}", *recipients]
    subprocess.run(command, input=text, text=True, **quiet)


def s_nail(recipients):
    variables = ["-Sv15-compat", f"-Smta=smtp://127.0.0.1:{port}", "-Ssmtp-auth=none", "-Ssendwait"]
    command = ["s-nail", "-:/", *variables, "-r", sender, "-s", "boiler 7", *recipients]
    subprocess.run(command, input="The boiler is hot.\n", text=True, **quiet)


def nullmailer(recipients):
    with open("/etc/nullmailer/remotes", "w") as remotes:
        remotes.write(f"127.0.0.1 smtp --port={port}\n")
    subprocess.run(["nullmailer-inject", "-f", sender, *recipients], input=text, text=True, check=True, **quiet)
    run_for(10, ["nullmailer-send"], user="mail")


def alertmanager(recipients):
    with open("/root/alertmanager.yml", "w") as settings:
        json.dump({
            "global": {"smtp_smarthost": f"127.0.0.1:{port}", "smtp_from": sender, "smtp_require_tls": False},
            "route": {"receiver": "ops", "group_wait": "1s", "group_interval": "5s"},
            "receivers": [{"name": "ops", "email_configs": [{"to": ", ".join(recipients)}]}],
        }, settings)
    body = json.dumps([{"labels": {"alertname": "Hot"}}]).encode()

    def fire():
        alert = urllib.request.Request("http://127.0.0.1:9093/api/v2/alerts", body, {"Content-Type": "application/json"})
        for _ in range(100):
            try:
                urllib.request.urlopen(alert)
                return
            except urllib.error.URLError:
                time.sleep(0.2)

    options = [f"--storage.path=/root/state-{len(delivered)}-{time.time()}", "--cluster.listen-address="]
    run_for(11, ["prometheus-alertmanager", "--config.file=/root/alertmanager.yml", *options], fire)


def reach(send, recipients):
    asked.clear()
    delivered.clear()
    send(recipients)
    # A bounce goes to the sender alone.
    return "good" if any("good@" in line for line in delivered) else "nobody"


senders = {"Alertmanager": alertmanager, "msmtp": msmtp, "s-nail": s_nail, "nullmailer": nullmailer}
attempts = 0
seen = []
for state, other in (("both are there", "too@example.org"), ("one is gone", "gone@example.org")):
    reached = {}
    for name, send in senders.items():
        reached[name] = reach(send, ["good@example.org", other])
        if name == "Alertmanager":
            attempts = sum("gone@" in line for line in asked)
    seen.append(f"{state}: {', '.join(f'{name} {who}' for name, who in reached.items())}")
seen.append("Alertmanager asked for the gone address " + ("several times in 10 s" if attempts > 2 else f"{attempts} times"))
print("\n".join(seen))
sys.exit(0 if seen == [
    "both are there: Alertmanager good, msmtp good, s-nail good, nullmailer good",
    "one is gone: Alertmanager nobody, msmtp nobody, s-nail nobody, nullmailer nobody",
    "Alertmanager asked for the gone address several times in 10 s",
] else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show.py"
