#!/usr/bin/env bash
# @signalk/nmea0183-signalk 3.20.1 (npm).
#
# A marine radio hands over its digital calls as NMEA 0183's sentence DSC. A ship in distress sends one itself (format 12), and its fourth field is the
# nature of the distress: 00 is fire, 10 a man overboard, 12 a distress beacon. A coast station acknowledges it, or relays it to all ships (16). Then that
# field is the telecommand, 10 for an acknowledgement and 12 for a relay, and the ship and the nature are in fields eight and nine.
# Expected: a fire of that ship, acknowledged. Seen: the parser reads a nature in every call. The acknowledgement of a fire is
# the notification "mob", and its relay "epirb"; the vessel with it, at the place of the fire, is the coast station.
# A ship without a position sends 9999999999, and that is latitude 100.65, longitude 1000.65.
# Look at the first field of the sentence: only 12 is the call of the ship itself.
#
# Output seen:
#   fire, by the ship: notifications.fire of 440123456 at 35.17 128.87
#   fire, acknowledged: notifications.mob of 004401234 at 35.17 128.87
#   fire, relayed: notifications.epirb of 004401234 at 35.17 128.87
#   fire, without a position: notifications.fire of 440123456 at 100.65 1000.65
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund --ignore-scripts @signalk/nmea0183-signalk@3.20.1
cat >show.js <<'END'
const Parser = require("@signalk/nmea0183-signalk");
const calls = {
  "fire, by the ship": "CDDSC,12,4401234560,12,00,00,0351012852,0912,,,S,",
  "fire, acknowledged": "CDDSC,16,0044012340,12,10,00,0351012852,0912,4401234560,00,S,",
  "fire, relayed": "CDDSC,16,0044012340,12,12,00,0351012852,0912,4401234560,00,S,",
  "fire, without a position": "CDDSC,12,4401234560,12,00,00,9999999999,8888,,,S,",
};
for (const [name, call] of Object.entries(calls)) {
  const sum = [...call].reduce((so, one) => so ^ one.charCodeAt(0), 0);
  const delta = new Parser().parse(`$${call}*${sum.toString(16).toUpperCase().padStart(2, "0")}`);
  const [position, notification] = delta.updates[0].values;
  const place = [position.value.latitude, position.value.longitude].map((degrees) => degrees.toFixed(2)).join(" ");
  console.log(`${name}: ${notification.path} of ${delta.context.split(":").at(-1)} at ${place}`);
}
END
node show.js >seen
cat seen
cat >expected <<'TXT'
fire, by the ship: notifications.fire of 440123456 at 35.17 128.87
fire, acknowledged: notifications.mob of 004401234 at 35.17 128.87
fire, relayed: notifications.epirb of 004401234 at 35.17 128.87
fire, without a position: notifications.fire of 440123456 at 100.65 1000.65
TXT
cmp -s seen expected
