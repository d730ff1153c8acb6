#!/usr/bin/env bash
# gtfs-realtime-bindings 2.2.0 (npm).
#
# A transit agency says what is out of order by GTFS-realtime. An alert "until further notice" has a start and no end, which the format calls endless;
# a bus without a counter of passengers has no occupancy, which is "unknown". Expected: undefined or null, in JavaScript. Seen: no end is the number 0, the
# year 1970, and so `start <= now && now < end` is false: the alert that lasts is over, and the one with an end is active. The bus is EMPTY, and
# a trip that tells no delay is on time. `??` does not see it, as it is a default of the class.
# `start + 60` is no sum either: times are objects of 64 bits, and the result is a text. Printed as JSON the message is right, without those fields.
# Ask `Object.hasOwn(period, "end")`.
#
# Output seen:
#   until 2027: end 1798761600, active true, its own end true, start + 60 is 179628834060
#   until further notice: end 0, active false, its own end false, start + 60 is 179628834060
#   bus: EMPTY; trip: delay 0
#   {"start":"1796288340"}
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund gtfs-realtime-bindings@2.2.0
cat >show.js <<'END'
const { transit_realtime } = require("gtfs-realtime-bindings");
const { FeedMessage, VehiclePosition } = transit_realtime;
const now = 1796288400;
const informedEntity = [{ routeId: "7" }];
const feed = {
  header: { gtfsRealtimeVersion: "2.0" },
  entity: [
    { id: "until 2027", alert: { activePeriod: [{ start: now - 60, end: 1798761600 }], informedEntity } },
    { id: "until further notice", alert: { activePeriod: [{ start: now - 60 }], informedEntity } },
    { id: "bus", vehicle: { trip: { routeId: "7" } } },
    { id: "trip", tripUpdate: { trip: { routeId: "7" } } },
  ],
};
const { entity } = FeedMessage.decode(FeedMessage.encode(feed).finish());
for (const { id, alert } of entity.slice(0, 2)) {
  const [{ start, end }] = alert.activePeriod;
  const own = Object.hasOwn(alert.activePeriod[0], "end");
  console.log(`${id}: end ${end ?? "none"}, active ${start <= now && now < end}, its own end ${own}, start + 60 is ${start + 60}`);
}
console.log(`bus: ${VehiclePosition.OccupancyStatus[entity[2].vehicle.occupancyStatus]}; trip: delay ${entity[3].tripUpdate.delay}`);
console.log(JSON.stringify(entity[1].alert.activePeriod[0]));
END
node show.js >seen
cat seen
cat >expected <<'TXT'
until 2027: end 1798761600, active true, its own end true, start + 60 is 179628834060
until further notice: end 0, active false, its own end false, start + 60 is 179628834060
bus: EMPTY; trip: delay 0
{"start":"1796288340"}
TXT
cmp -s seen expected
