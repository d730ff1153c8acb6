#!/usr/bin/env bash
# faust-streaming 0.15.3 (PyPI), with the test context of its own agents, which needs no broker.
#
# Alerts are counted in windows of two and a half seconds, `tumbling(timedelta(seconds=2.5))`; a window may be given as a timedelta or
# a float. The manual calls tumbling windows "fixed-size, non-overlapping, gap-less". One alert comes every half second.
# Expected: each window counts to 5. Seen: writing rounds the begin of a window down to a whole second, reading does not. What is
# written for every second window nobody reads: its count is 0 for `current()` and `value()`, with every alert, and no limit is ever
# reached. With a whole number of seconds all is right.
#
# Output seen:
#   windows of 2.5 seconds: 1 2 3 4 5 / 0 0 0 0 0 / 1 2 3 4 5 / 0 0 0 0 0
#   windows of 3 seconds: 1 2 3 4 5 6 / 1 2 3 4 5 6 / 1 2 3 4 5 6 / 1 2
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install faust-streaming==0.15.3
cat >show.py <<'END'
import asyncio
import sys
from datetime import timedelta

import faust

size = float(sys.argv[1])
app = faust.App("alerts", store="memory://", broker="kafka://127.0.0.1:1", topic_partitions=1)
counts = app.Table("counts", default=int, partitions=1).tumbling(timedelta(seconds=size), expires=timedelta(hours=1))
seen = {}


@app.agent(app.topic("alerts", key_type=str, value_type=float))
async def count(alerts):
    async for second in alerts:
        counts["pump-7"] += 1
        seen.setdefault(second // size, []).append(counts["pump-7"].current())
        yield second


async def main():
    app.finalize()
    async with count.test_context() as agent:
        # A number of seconds since 1970 that both sizes divide: 2026-11-30T23:59:45Z.
        for half in range(20):
            await agent.put(half / 2, key="pump-7", timestamp=1_796_083_185 + half / 2)


asyncio.run(main())
print(f"windows of {size:g} seconds:", " / ".join(" ".join(map(str, numbers)) for numbers in seen.values()))
END
for size in 2.5 3; do venv/bin/python show.py "$size" 2>log || { cat log; exit 1; }; done >seen
cat seen
cat >expected <<'END'
windows of 2.5 seconds: 1 2 3 4 5 / 0 0 0 0 0 / 1 2 3 4 5 / 0 0 0 0 0
windows of 3 seconds: 1 2 3 4 5 6 / 1 2 3 4 5 6 / 1 2 3 4 5 6 / 1 2
END
cmp -s seen expected
