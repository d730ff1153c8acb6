#!/usr/bin/env bash
# sparkplug-payload 1.0.3 (npm), alone and beside long 5.3.2 (npm).
#
# A device counts down past zero, in a Sparkplug B metric of type Int64. The library writes it and reads it again.
# Expected: the same number, whatever else is installed. Seen: in a folder of its own it reads -4. Where the program, or any other of
# its packages, has brought long 5, it reads 18446744073709551612, and a UInt32 is an object instead of a number, so `value === 5` is
# false. Nothing in the library has changed: its Protobuf takes the `long` that npm has put on top, it compares with the class of its
# own `long` 4, and where the two differ it gives out what it has read, without the sign. Which is on top is npm's choice.
#
# Output seen:
#   alone: Int64 -4 is -4, UInt32 5 is a number
#   beside long 5.3.2: Int64 -4 is 18446744073709551612, UInt32 5 is an object
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
mkdir alone beside
for folder in alone beside; do
  cat >$folder/show.js <<'END'
const { decodePayload, encodePayload } = require("sparkplug-payload").get("spBv1.0")
const metrics = [{ name: "count", type: "Int64", value: -4 }, { name: "limit", type: "UInt32", value: 5 }]
const [count, limit] = decodePayload(encodePayload({ timestamp: 1796115600000, seq: 0, metrics })).metrics
console.log(`Int64 -4 is ${count.value}, UInt32 5 is a${typeof limit.value === "object" ? "n object" : ` ${typeof limit.value}`}`)
END
  echo '{}' >$folder/package.json
done
npm install --prefix alone --silent --no-audit --no-fund sparkplug-payload@1.0.3
npm install --prefix beside --silent --no-audit --no-fund sparkplug-payload@1.0.3 long@5.3.2
{ echo "alone: $(node alone/show.js)"; echo "beside long 5.3.2: $(node beside/show.js)"; } >seen
cat seen
cat >expected <<'END'
alone: Int64 -4 is -4, UInt32 5 is a number
beside long 5.3.2: Int64 -4 is 18446744073709551612, UInt32 5 is an object
END
cmp -s seen expected
