#!/usr/bin/env bash
# Three transports of winston 3.19.0 for GELF: winston-gelf 1.7.0, winston-gelf-transporter 1.0.2, winston-log2gelf 2.4.1 (all npm).
#
# A service logs which device it could not read, and why: `logger.error("not read", { device: "pump-7", error: new Error("no power") })`.
# GELF has a place for fields of one's own, with "_" before their name. Expected: the device and the error's message arrive.
# Seen: with none of the three do both. In winston-gelf the error is put in place of all fields: one field that holds an Error takes
# all others away. winston-gelf-transporter writes JSON for a message, where the error is {}. winston-log2gelf passes over a field with
# the name "error", whatever is in it. Without an error the device arrives in all three, so a search for pump-7 shows the quiet days.
#
# Output seen:
#   winston-gelf: message "not read", fields {"error_message":"no power"}
#   winston-gelf-transporter: message "{\"message\":\"not read\",\"device\":\"pump-7\",\"error\":{}}", fields {}
#   winston-log2gelf: message "not read", fields {"device":"pump-7"}
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
// What a transport adds on its own, and where the error was made.
const beside = ["_service", "_environment", "_error_stack"]

async function main() {
  for (const [name, transport] of Object.entries(transports)) {
    const server = createServer((socket) => {
      let text = ""
      socket.on("data", (bytes) => {
        text += bytes
        if (text.endsWith("\0")) server.emit("message", JSON.parse(text.slice(0, -1)))
      })
    }).listen(0, host)
    await once(server, "listening")
    const logger = winston.createLogger({ transports: [transport(server.address().port)] })
    logger.error("not read", { device: "pump-7", error: new Error("no power") })
    const [message] = await once(server, "message")
    const own = Object.entries(message).filter(([key]) => key.startsWith("_") && !beside.includes(key))
    const fields = Object.fromEntries(own.map(([key, value]) => [key.slice(1), value]))
    console.log(`${name}: message ${JSON.stringify(message.short_message)}, fields ${JSON.stringify(fields)}`)
  }
  process.exit()
}
main()
END
timeout 60 node show.js >seen
cat seen
cat >expected <<'END'
winston-gelf: message "not read", fields {"error_message":"no power"}
winston-gelf-transporter: message "{\"message\":\"not read\",\"device\":\"pump-7\",\"error\":{}}", fields {}
winston-log2gelf: message "not read", fields {"device":"pump-7"}
END
cmp -s seen expected
