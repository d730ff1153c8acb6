#!/usr/bin/env bash
# winston-syslog 2.7.1 with winston 3.19.0 (npm), which writes its lines with glossy 0.1.7.
#
# A service in Seoul sends its alerts as syslog. With the type "RFC5424" a line carries its time with the zone, so that a reader anywhere
# knows the moment. Expected: the moment of the call, written in any zone.
# Seen: the hours are those of UTC, and behind them stands the offset of the machine's zone. So a line from Seoul is nine hours old when
# it arrives, and one from Bogota comes from five hours ahead. A rule for "the last five minutes" never sees either, and the order of two
# services in two zones is wrong. And a fraction below 100 ms lacks its zero, in each zone: 50 ms are half a second, and stand behind 100.
# In UTC, where containers run, and with the type "BSD", the zone is no matter. Start such a service with TZ=UTC.
#
# Output seen (the minutes between the call and the time in the line):
#   UTC: type 5424 ends with Z, off by 0 minutes
#   Asia/Seoul: type 5424 ends with +09:00, off by -540 minutes
#   America/Bogota: type 5424 ends with -05:00, off by 300 minutes
#   Asia/Kolkata: type 5424 ends with +05:30, off by -330 minutes
#   fractions of 5, 50 and 100 ms: .05 .50 .100
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund winston@3.19.0 winston-syslog@2.7.1 glossy@0.1.7
cat >show.js <<'END'
const { createSocket } = require("node:dgram")
const { once } = require("node:events")
const winston = require("winston")
const { Syslog } = require("winston-syslog")

async function main() {
  const server = createSocket("udp4").bind(0, "127.0.0.1")
  await once(server, "listening")
  const transport = new Syslog({ host: "127.0.0.1", port: server.address().port, protocol: "udp4", type: "5424" })
  const logger = winston.createLogger({ levels: winston.config.syslog.levels, transports: [transport] })
  const called = Date.now()
  logger.error("hot")
  const [line] = await once(server, "message")
  const time = String(line).split(" ")[1]
  const zone = /(Z|[+-]\d\d:?\d\d)$/.exec(time)?.[0]
  const minutes = Math.round((Date.parse(time) - called) / 60_000)
  console.log(`${process.env.TZ}: type 5424 ends with ${zone}, off by ${minutes} minutes`)
  process.exit()
}
main()
END
cat >fractions.js <<'END'
const { Produce } = require("glossy")
const producer = new Produce({ type: "5424" })
const written = [5, 50, 100].map((milliseconds) => {
  const date = new Date(Date.UTC(2026, 11, 1, 6, 0, 0, milliseconds))
  const line = producer.produce({ severity: "error", facility: "local0", host: "box", appName: "service", pid: 1, date, message: "hot" })
  return /\.\d+/.exec(line)[0]
})
console.log(`fractions of 5, 50 and 100 ms: ${written.join(" ")}`)
END
{ for zone in UTC Asia/Seoul America/Bogota Asia/Kolkata; do TZ=$zone timeout 30 node show.js; done; node fractions.js; } >seen
cat seen
cat >expected <<'END'
UTC: type 5424 ends with Z, off by 0 minutes
Asia/Seoul: type 5424 ends with +09:00, off by -540 minutes
America/Bogota: type 5424 ends with -05:00, off by 300 minutes
Asia/Kolkata: type 5424 ends with +05:30, off by -330 minutes
fractions of 5, 50 and 100 ms: .05 .50 .100
END
cmp -s seen expected
