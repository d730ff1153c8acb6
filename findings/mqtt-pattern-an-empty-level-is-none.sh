#!/usr/bin/env bash
# mqtt-pattern 2.1.1 (npm), beside mqtt-match 3.0.0 (npm) and paho-mqtt 2.2.0 (PyPI).
#
# A program takes the device out of an MQTT topic: `exec("site/+device/alarm", topic)`. A level of a topic may be empty. MQTT 5.0 (4.7.1.3) has it as
# an example: "/finance" matches "+/+" and "/+", but not "+". Expected: what the broker delivers for a filter matches that filter.
# Seen: "+" does not match an empty level, and `exec` gives null. So the messages of devices that begin a topic with "/", as many do, or have an empty
# part in it, come from the broker and are dropped: with "+/alarm" all of "/alarm".
# "#" takes empty levels, and the filter "/+" works. There is no error, and the README does not speak of empty levels. Look whether it is null, and
# match "#" by hand where topics may have empty levels.
#
# Output seen:
#   +/+ for /finance: mqtt-pattern false, mqtt-match true, paho true
#   /+ for /finance: mqtt-pattern true, mqtt-match true, paho true
#   site/+/alarm for site//alarm: mqtt-pattern false, mqtt-match true, paho true
#   site/+ for site/: mqtt-pattern false, mqtt-match true, paho true
#   site/+/alarm for site/7/alarm: mqtt-pattern true, mqtt-match true, paho true
#   site/# for site//alarm: mqtt-pattern true, mqtt-match true, paho true
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mqtt-pattern@2.1.1 mqtt-match@3.0.0
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install paho-mqtt==2.2.0
cat >show.py <<'PY'
import sys

from paho.mqtt.client import topic_matches_sub

print(topic_matches_sub(sys.argv[1], sys.argv[2]))
PY
cat >show.js <<'END'
const pattern = require("mqtt-pattern");
const match = require("mqtt-match");
const [, , filter, topic, paho] = process.argv;
console.log(`${filter} for ${topic}: mqtt-pattern ${pattern.matches(filter, topic)}, mqtt-match ${(match.default ?? match)(filter, topic)}, paho ${paho.toLowerCase()}`);
END
while read -r filter topic; do
  node show.js "$filter" "$topic" "$(venv/bin/python show.py "$filter" "$topic")"
done <<'TXT' | tee seen
+/+ /finance
/+ /finance
site/+/alarm site//alarm
site/+ site/
site/+/alarm site/7/alarm
site/# site//alarm
TXT
cat >expected <<'TXT'
+/+ for /finance: mqtt-pattern false, mqtt-match true, paho true
/+ for /finance: mqtt-pattern true, mqtt-match true, paho true
site/+/alarm for site//alarm: mqtt-pattern false, mqtt-match true, paho true
site/+ for site/: mqtt-pattern false, mqtt-match true, paho true
site/+/alarm for site/7/alarm: mqtt-pattern true, mqtt-match true, paho true
site/# for site//alarm: mqtt-pattern true, mqtt-match true, paho true
TXT
cmp -s seen expected
