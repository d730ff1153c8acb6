/** The short form of `npm run abuse`: every abuse alone and all at once, with one set of books. It says nothing of times: other tests run beside it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions } from "#test/abuse/options.js";
import { runAbuse } from "#test/abuse/run.js";
import { missedGoals } from "#test/abuse/table.js";
import { createCleanup } from "#test/demo/cleanup.js";

test("heavy producers, greedy HTTP clients, a slow mail server and invented instances, alone and together, lose no alert and fill no memory", async (t) => {
  const seed = String(process.env["SEED"] ?? Math.floor(Math.random() * 1e6));
  t.diagnostic(`SEED=${seed}`);
  const parsed = parseOptions([
    ...["--seconds", "75", "--window", "3", "--seed", seed],
    // Bounds of time that no busy machine comes to.
    ...["--p99", "600", "--delay", "600", "--livez", "600"],
  ]);
  assert.ok(parsed.kind === "run");
  const stop = new AbortController();
  t.signal.addEventListener("abort", () => stop.abort());
  const cleanup = createCleanup();
  t.after(async () => assert.deepEqual(await cleanup.run(), []));
  const say = (line: string): void => t.diagnostic(line);
  const result = await runAbuse(parsed.options, { signal: stop.signal, cleanup, say });
  assert.deepEqual(missedGoals(result, parsed.options.bounds), []);
  assert.equal(result.phases.length, parsed.options.abuses.length + 2);
  assert.ok(result.counted.written > 1_000 && result.tooLarge > 0, "there was somebody to suffer from");
});
