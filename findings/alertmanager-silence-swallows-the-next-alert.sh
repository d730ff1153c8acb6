#!/usr/bin/env bash
# Alertmanager 0.25.0 (Debian 12), with a webhook that wants to hear of ends, too (`send_resolved`, its default).
#
# An alert fires, and the webhook is told. Somebody silences it, as he is at work on it; it ends meanwhile, and the silence runs out.
# Minutes later the same alert fires anew. Expected: the webhook is told of the end, at the latest once nothing is silent any more,
# and of the new alert at once. Seen: neither. The end is forgotten with the silence. So Alertmanager still holds that it has told of
# the alert, and takes the new one for that: it waits for `repeat_interval`, four hours by default. For the webhook one alert
# is open all the time. Where the alert ends after its silence, all is told: only a silence that was long enough does this.
#
# Output seen:
#   ends in the silence, fires anew: told firing
#   ends after the silence, fires anew: told firing resolved firing
set -euo pipefail
tmp=$(mktemp -d)
mkdir "$tmp/layer"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

# The package goes into a layer over this machine's files that only these processes see and that goes with them; the program gets a
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "prometheus-alertmanager=0.25.0*" >"$1/log" 2>&1 ||
  { cat "$1/log"; exit 1; }
cp "$2" "$1/root/root/"
unshare --net chroot "$1/root" bash -c 'ip link set lo up && exec python3 /root/show.py'
END
cat >"$tmp/show.py" <<'END'
import http.server
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

told = {}


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for alert in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"]:
            told.setdefault(alert["labels"]["alertname"], []).append(alert["status"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hook.serve_forever, daemon=True).start()
with open("/root/alertmanager.yml", "w") as settings:
    json.dump({
        "route": {"receiver": "hook", "group_by": ["alertname"], "group_wait": "0s", "group_interval": "1s"},
        "receivers": [{"name": "hook", "webhook_configs": [{"url": f"http://127.0.0.1:{hook.server_address[1]}/"}]}],
    }, settings)


def call(path, body):
    asked = urllib.request.Request(f"http://127.0.0.1:9093/api/v2/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    for _ in range(100):
        try:
            return urllib.request.urlopen(asked)
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit("Alertmanager does not answer")


def after(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def alert(name, ends_in):
    call("alerts", [{"labels": {"alertname": name}, "endsAt": after(ends_in)}])


def silence(name, seconds):
    matcher = {"name": "alertname", "value": name, "isRegex": False, "isEqual": True}
    call("silences", {"matchers": [matcher], "startsAt": after(0), "endsAt": after(seconds), "createdBy": "me", "comment": "at work"})


def wait_for(name, status, times=1):
    for _ in range(150):
        if told.get(name, []).count(status) >= times:
            return
        time.sleep(0.1)


options = ["--config.file=/root/alertmanager.yml", "--storage.path=/root/state", "--cluster.listen-address="]
running = subprocess.Popen(["prometheus-alertmanager", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for name in ("long", "short"):
        alert(name, 600)
        wait_for(name, "firing")
    silence("long", 6)
    silence("short", 2)
    time.sleep(1)
    alert("long", 0)
    time.sleep(4)
    alert("short", 0)
    wait_for("short", "resolved")
    # Both silences are over, and both alerts have ended for some time.
    time.sleep(5)
    for name in ("long", "short"):
        alert(name, 600)
    wait_for("short", "firing", times=2)
    time.sleep(4)
finally:
    running.kill()
    running.wait()
print(f"ends in the silence, fires anew: told {' '.join(told['long'])}")
print(f"ends after the silence, fires anew: told {' '.join(told['short'])}")
sys.exit(0 if told == {"long": ["firing"], "short": ["firing", "resolved", "firing"]} else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show.py"
