#!/usr/bin/env bash
# Three transports of winston 3.19.0 for GELF: winston-gelf 1.7.0, winston-gelf-transporter 1.0.2, winston-log2gelf 2.4.1 (all npm).
#
# A service logs with the levels that winston has for syslog: `warning`, `error`, `info` and so on. GELF has the same levels as numbers,
# 0 (emergency) to 7 (debug), the lower the worse. Expected: error 3, warning 4, info 6, whoever carries it.
# Seen: no two agree. winston-gelf knows `warn` only, and makes an information of `warning`, so a rule for "4 and worse" is silent.
# winston-gelf-transporter sends it without a level, which is an alert, 1, to the specification. winston-log2gelf numbers winston's own
# levels from 0 and takes 0 for any other: an information is critical, and a warning wakes somebody up as an emergency.
#
# Output seen:
#   winston-gelf: error 3, warning 6, info 6
#   winston-gelf-transporter: error 3, warning none, info 6
#   winston-log2gelf: error 0, warning 0, info 2
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund winston@3.19.0 gelf-pro@1.4.0 winston-gelf@1.7.0 winston-gelf-transporter@1.0.2 winston-log2gelf@2.4.1
cat >show.js <<'END'
const { once } = require("node:events")
const { createServer } = require("node:net")
const winston = require("winston")
const Gelf = require("winston-gelf")
const Log2gelf = require("winston-log2gelf")
const { WinstonGelfTransporter } = require("winston-gelf-transporter")

const host = "127.0.0.1"
const transports = {
  "winston-gelf": (port) => new Gelf({ gelfPro: { adapterName: "tcp", adapterOptions: { host, port } } }),
  "winston-gelf-transporter": (port) => new WinstonGelfTransporter({ protocol: "tcp", host, port }),
  "winston-log2gelf": (port) => new Log2gelf({ protocol: "tcp", host, port }),
}
const words = ["error", "warning", "info"]

// What a server gets, by message, when a logger says each word once.
async function levels(transport) {
  const seen = new Map()
  const server = createServer((socket) => {
    let text = ""
    socket.on("data", (bytes) => {
      const messages = (text + bytes).split("\0")
      text = messages.pop()
      for (const { short_message, level } of messages.map((one) => JSON.parse(one))) seen.set(short_message, level ?? "none")
      if (seen.size === words.length) server.emit("all")
    })
  }).listen(0, host)
  await once(server, "listening")
  const logger = winston.createLogger({
    levels: winston.config.syslog.levels,
    level: "debug",
    transports: [transport(server.address().port)],
  })
  for (const word of words) logger[word](word)
  await once(server, "all")
  return words.map((word) => `${word} ${seen.get(word)}`).join(", ")
}

async function main() {
  for (const [name, transport] of Object.entries(transports)) console.log(`${name}: ${await levels(transport)}`)
  process.exit()
}
main()
END
timeout 60 node show.js >seen
cat seen
cat >expected <<'END'
winston-gelf: error 3, warning 6, info 6
winston-gelf-transporter: error 3, warning none, info 6
winston-log2gelf: error 0, warning 0, info 2
END
cmp -s seen expected
