#!/usr/bin/env bash
# notepack.io 3.0.1, what-the-pack 2.0.3 and @ygoe/msgpack 1.0.3, beside @msgpack/msgpack 3.1.3 (all npm), Node 20 or newer.
#
# MessagePack has whole numbers of up to 64 bits, and numbers with a point, which hold larger ones. A meter says 9.9E37 for "overload"
# (SCPI's own number for it), and counters of particles reach 1e20. Expected: what is too large for 64 bits is written with a point.
# Seen: notepack.io and what-the-pack write every number without a fraction as a whole one, and only the lowest 64 bits of it. The
# overload is 0, 1e20 is another number, and below -2^63 the sign may turn. @ygoe/msgpack writes the greatest whole number instead.
# Nothing is refused. No double above 2^53 has a fraction, and from 2^117 on the lowest 64 bits are 0: the worse the overload, the
# surer it is 0.
#
# Output seen:
#   @msgpack/msgpack: 9.9e+37 is 9.9e+37, 1e+20 is 100000000000000000000, -1e+19 is -10000000000000000000
#   notepack.io: 9.9e+37 is 0, 1e+20 is 7766279631452242000, -1e+19 is 8446744073709552000
#   what-the-pack: 9.9e+37 is 0, 1e+20 is 7766279631452242000, -1e+19 is 8446744073709552000
#   @ygoe/msgpack: 9.9e+37 is 18446744073709552000, 1e+20 is 18446744073709552000, -1e+19 is -9223372036854776000
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund @msgpack/msgpack@3.1.3 notepack.io@3.0.1 what-the-pack@2.0.3 @ygoe/msgpack@1.0.3
cat >show.mjs <<'END'
import { decode, encode } from "@msgpack/msgpack"
import ygoe from "@ygoe/msgpack"
import notepack from "notepack.io"
import whatThePack from "what-the-pack"

const what = whatThePack.initialize(1024)
const libraries = {
  "@msgpack/msgpack": encode,
  "notepack.io": notepack.encode,
  "what-the-pack": what.encode,
  "@ygoe/msgpack": ygoe.serialize,
}
for (const [name, write] of Object.entries(libraries)) {
  const read = [9.9e37, 1e20, -1e19].map((value) => `${value.toExponential()} is ${decode(write(value))}`)
  console.log(`${name}: ${read.join(", ")}`)
}
END
node show.mjs >seen
cat seen
cat >expected <<'END'
@msgpack/msgpack: 9.9e+37 is 9.9e+37, 1e+20 is 100000000000000000000, -1e+19 is -10000000000000000000
notepack.io: 9.9e+37 is 0, 1e+20 is 7766279631452242000, -1e+19 is 8446744073709552000
what-the-pack: 9.9e+37 is 0, 1e+20 is 7766279631452242000, -1e+19 is 8446744073709552000
@ygoe/msgpack: 9.9e+37 is 18446744073709552000, 1e+20 is 18446744073709552000, -1e+19 is -9223372036854776000
END
cmp -s seen expected
