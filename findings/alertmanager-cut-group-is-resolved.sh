#!/usr/bin/env bash
# Alertmanager 0.25.0 (Debian 12), with a webhook of `max_alerts: 1`.
#
# Two alerts of one group fire, boiler 1 and boiler 2; the message has room for one and counts the other (`truncatedAlerts`). Then
# boiler 1 is well again, and boiler 2 is as hot as before. A message has a `status` for the group, "resolved" once all of it is.
# Expected: "firing", with boiler 2, or at least with a "firing" above. Seen: the status is that of the alerts which are left after the
# cut, and the cut looks at the order of their labels alone. The whole message is "resolved", and what still burns is a number in it.
# The next message comes with the next change, or after `repeat_interval`. A receiver that closes its ticket by the status closes it.
#
# Output seen:
#   both fire: status firing, alerts 1 firing, truncated 1
#   one ends: status resolved, alerts 1 resolved, truncated 1
#   still active in Alertmanager: 2
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

told = []


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        alerts = " ".join(f"{alert['labels']['boiler']} {alert['status']}" for alert in message["alerts"])
        told.append(f"status {message['status']}, alerts {alerts}, truncated {message['truncatedAlerts']}")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hook.serve_forever, daemon=True).start()
with open("/root/alertmanager.yml", "w") as settings:
    json.dump({
        "route": {"receiver": "hook", "group_by": ["alertname"], "group_wait": "1s", "group_interval": "2s"},
        "receivers": [{"name": "hook", "webhook_configs": [{"url": f"http://127.0.0.1:{hook.server_address[1]}/", "max_alerts": 1}]}],
    }, settings)


def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"http://127.0.0.1:9093/api/v2/{path}", data, {"Content-Type": "application/json"})
    for _ in range(100):
        try:
            return urllib.request.urlopen(asked).read()
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit("Alertmanager does not answer")


def alerts(ends_in, *boilers):
    end = (datetime.now(timezone.utc) + timedelta(seconds=ends_in)).isoformat()
    call("alerts", [{"labels": {"alertname": "Hot", "boiler": boiler}, "endsAt": end} for boiler in boilers])


def wait_for(messages):
    for _ in range(150):
        if len(told) >= messages:
            return
        time.sleep(0.1)


options = ["--config.file=/root/alertmanager.yml", "--storage.path=/root/state", "--cluster.listen-address="]
running = subprocess.Popen(["prometheus-alertmanager", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    alerts(600, "1", "2")
    wait_for(1)
    alerts(0, "1")
    wait_for(2)
    # Time for a message that says otherwise.
    time.sleep(5)
    active = " ".join(alert["labels"]["boiler"] for alert in json.loads(call("alerts")))
finally:
    running.kill()
    running.wait()
for name, message in zip(("both fire", "one ends", "then", "then"), told):
    print(f"{name}: {message}")
print(f"still active in Alertmanager: {active}")
expected = ["status firing, alerts 1 firing, truncated 1", "status resolved, alerts 1 resolved, truncated 1"]
sys.exit(0 if told == expected and active == "2" else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show.py"
