#!/usr/bin/env bash
# faust-streaming 0.15.3 (PyPI), with the test context of its own agents, which needs no broker.
#
# A device sends an alert every ten seconds; somebody is called when there are five in a minute. So the counts are kept in a table with
# `hopping(60, 10)`: windows of 60 seconds, one begins every 10. Expected: the count of the current window grows to 6 and stays there.
# Seen: six overlapping windows hold the alert, and `current()`, `value()` and `now()` all read the one that has just begun. It has one
# alert, as it is one step old; it is read no more when it is older. The call for five never comes, whatever the size of the window.
# `delta(50)`, the size less the step, reads the oldest window that still holds the alert, which is full.
#
# Output seen:
#   current: 1 1 1 1 1 1 1 1 1
#   value: 1 1 1 1 1 1 1 1 1
#   now: 1 1 1 1 1 1 1 1 1
#   delta(50): 1 2 3 4 5 6 6 6 6
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install faust-streaming==0.15.3
cat >show.py <<'END'
import asyncio

import faust

app = faust.App("alerts", store="memory://", broker="kafka://127.0.0.1:1", topic_partitions=1)
counts = app.Table("counts", default=int, partitions=1).hopping(60, 10, expires=3600)
seen = {"current": [], "value": [], "now": [], "delta(50)": []}


@app.agent(app.topic("alerts", key_type=str, value_type=str))
async def count(alerts):
    async for alert in alerts:
        counts["pump-7"] += 1
        windows = counts["pump-7"]
        for read, number in zip(seen, (windows.current(), windows.value(), windows.now(), windows.delta(50))):
            seen[read].append(number)
        yield alert


async def main():
    app.finalize()
    async with count.test_context() as agent:
        for second in range(0, 90, 10):
            await agent.put("hot", key="pump-7", timestamp=1_796_083_200 + second)


asyncio.run(main())
for read, numbers in seen.items():
    print(f"{read}:", *numbers)
END
venv/bin/python show.py 2>log >seen || { cat log; exit 1; }
cat seen
cat >expected <<'END'
current: 1 1 1 1 1 1 1 1 1
value: 1 1 1 1 1 1 1 1 1
now: 1 1 1 1 1 1 1 1 1
delta(50): 1 2 3 4 5 6 6 6 6
END
cmp -s seen expected
