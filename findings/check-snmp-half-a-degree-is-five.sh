#!/usr/bin/env bash
# monitoring-plugins 2.3.3 (`check_snmp`) with snmp 5.9.3 (`snmpget`), both of Debian 12.
#
# A device sends its temperature in tenths, 15 for 1.5 degrees, and its MIB says so with DISPLAY-HINT "d-1" (RFC 2579, 3.1). check_snmp has snmpget fetch it
# with that MIB (-m), and compares it with a limit. Expected: 0.5 degrees are 0.5, as 1.5 are 1.5. Seen: 0.5 are 5, and 0.95 bar (DISPLAY-HINT "d-2")
# are 95. snmpget writes no nought before the point, ".5", and check_snmp reads from the first digit or minus on. So a pressure that falls
# from 1.05 to 0.95 rises to 95: a limit from below stays silent, one from above rings. The performance data has the 95, too.
# From one on all is right, and below nought as well ("-.95"). Without a limit check_snmp shows the text as it is, ".95", so a first look finds nothing.
# Name the object by its numbers and without -m: then there are whole hundredths, 95, and the limits are hundredths.
#
# Output seen:
#   0.5 degrees: as text .5, at least 1 ok (performance data 5), at most 2 critical
#   1.5 degrees: as text 1.5, at least 1 ok (performance data 2), at most 2 ok
#   -0.5 degrees: as text -.5, at least 1 critical (performance data -0), at most 2 ok
#   0.95 bar: as text .95, at least 1 ok (performance data 95), at most 2 critical
#   1.05 bar: as text 1.05, at least 1 ok (performance data 1), at most 2 ok
#   0.95 bar by number: as text 95, at least 100 critical (performance data 95), at most 200 ok
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
chroot "$1/root" apt-get -qq install -y --no-install-recommends "monitoring-plugins-standard=2.3.3*" "snmp=5.9.3*" "snmpd=5.9.3*" >"$1/log" 2>&1 ||
  { cat "$1/log"; exit 1; }
mkdir "$1/root/root/show"
cp "$2"/* "$1/root/root/show/"
unshare --net chroot "$1/root" bash -c 'ip link set lo up && cd /root/show && exec python3 show.py'
END
mkdir "$tmp/show"
cat >"$tmp/show/PLANT-MIB.txt" <<'TXT'
PLANT-MIB DEFINITIONS ::= BEGIN
plant OBJECT IDENTIFIER ::= { iso 3 6 1 4 1 99999 }
Tenths ::= TEXTUAL-CONVENTION
    DISPLAY-HINT "d-1"
    STATUS current
    DESCRIPTION "Tenths of a unit."
    SYNTAX INTEGER
Hundredths ::= TEXTUAL-CONVENTION
    DISPLAY-HINT "d-2"
    STATUS current
    DESCRIPTION "Hundredths of a unit."
    SYNTAX INTEGER
temperature OBJECT-TYPE
    SYNTAX Tenths
    MAX-ACCESS read-only
    STATUS current
    DESCRIPTION "In tenths of a degree Celsius."
    ::= { plant 1 }
pressure OBJECT-TYPE
    SYNTAX Hundredths
    MAX-ACCESS read-only
    STATUS current
    DESCRIPTION "In hundredths of a bar."
    ::= { plant 2 }
END
TXT
cat >"$tmp/show/snmpd.conf" <<'END'
rocommunity public 127.0.0.1
agentaddress udp:127.0.0.1:16161
override .1.3.6.1.4.1.99999.1.1 integer 5
override .1.3.6.1.4.1.99999.1.2 integer 15
override .1.3.6.1.4.1.99999.1.3 integer -5
override .1.3.6.1.4.1.99999.2.1 integer 95
override .1.3.6.1.4.1.99999.2.2 integer 105
END
cat >"$tmp/show/show.py" <<'END'
import os
import re
import subprocess
import sys
import time

os.environ["MIBDIRS"] = os.getcwd()
STATUS = {0: "ok", 1: "warning", 2: "critical", 3: "unknown"}


def check(*options):
    program = ["/usr/lib/nagios/plugins/check_snmp", "-H", "127.0.0.1", "-p", "16161", "-P", "2c", "-C", "public", *options]
    return subprocess.run(program, capture_output=True, text=True, timeout=60)


def seen(what, target, least, most):
    text, low, high = check(*target), check(*target, "-c", f"{least}:"), check(*target, "-c", f"~:{most}")
    shown = re.search(r"SNMP OK - (\S+)", text.stdout)[1]
    data = re.search(r"\|.*?=([^;\s]*)", low.stdout)[1]
    return f"{what}: as text {shown}, at least {least} {STATUS[low.returncode]} (performance data {data}), at most {most} {STATUS[high.returncode]}"


def named(name):
    return "-m", "PLANT-MIB", "-o", f"PLANT-MIB::{name}"


agent = subprocess.Popen(["snmpd", "-f", "-C", "-c", "snmpd.conf", "-Lf", "log"])
try:
    while check("-o", ".1.3.6.1.4.1.99999.1.1").returncode and agent.poll() is None:
        time.sleep(0.1)
    lines = [
        seen("0.5 degrees", named("temperature.1"), 1, 2),
        seen("1.5 degrees", named("temperature.2"), 1, 2),
        seen("-0.5 degrees", named("temperature.3"), 1, 2),
        seen("0.95 bar", named("pressure.1"), 1, 2),
        seen("1.05 bar", named("pressure.2"), 1, 2),
        seen("0.95 bar by number", ("-o", ".1.3.6.1.4.1.99999.2.1"), 100, 200),
    ]
finally:
    agent.terminate()
print(*lines, sep="\n")
sys.exit(0 if lines == [
    "0.5 degrees: as text .5, at least 1 ok (performance data 5), at most 2 critical",
    "1.5 degrees: as text 1.5, at least 1 ok (performance data 2), at most 2 ok",
    "-0.5 degrees: as text -.5, at least 1 critical (performance data -0), at most 2 ok",
    "0.95 bar: as text .95, at least 1 ok (performance data 95), at most 2 critical",
    "1.05 bar: as text 1.05, at least 1 ok (performance data 1), at most 2 ok",
    "0.95 bar by number: as text 95, at least 100 critical (performance data 95), at most 200 ok",
] else 1)
END
unshare --mount --pid --fork --kill-child bash "$tmp/inside" "$tmp/layer" "$tmp/show"
