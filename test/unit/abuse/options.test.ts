import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions, USAGE } from "#test/abuse/options.js";
import { ABUSES } from "#test/abuse/plan.js";

const optionsOf = (...argv: string[]) => {
  const parsed = parseOptions(argv);
  assert.equal(parsed.kind, "run");
  return parsed.kind === "run" ? parsed.options : assert.fail();
};

test("without options it is an hour of every abuse, with windows as they are by default", () => {
  const { seconds, windowMs, abuses, bounds, out, write } = optionsOf();
  assert.deepEqual([seconds, windowMs, out, write], [3_600, 30_000, undefined, false]);
  assert.deepEqual(abuses, Object.keys(ABUSES));
  assert.deepEqual(bounds, { delayP99Ms: 10_000, delayMostMs: 30_000, livezMs: 1_000, rssBytes: 2 ** 30 });
});

test("bounds are written in seconds and megabytes", () => {
  const { bounds } = optionsOf("--p99", "1.5", "--delay", "7", "--livez", "0.25", "--rss", "300");
  assert.deepEqual(bounds, { delayP99Ms: 1_500, delayMostMs: 7_000, livezMs: 250, rssBytes: 300 * 2 ** 20 });
});

test("some abuses may be chosen; what is unknown, and a run too short for its phases, is wrong usage", () => {
  assert.deepEqual(optionsOf("--only", "crowd,mail").abuses, ["crowd", "mail"]);
  const wrong = (...argv: string[]): string => {
    const parsed = parseOptions(argv);
    return parsed.kind === "wrong" ? parsed.message : assert.fail(JSON.stringify(parsed));
  };
  assert.match(wrong("--only", "crowd,nobody"), /--only "crowd,nobody": expected names of abuses/);
  assert.match(wrong("--seconds", "29"), /--seconds 29: 15 phases need 30/);
  assert.equal(optionsOf("--seconds", "4", "--only", "crowd").seconds, 4);
});

test("the help names every abuse", () => {
  for (const [name, title] of Object.entries(ABUSES)) assert.ok(USAGE.includes(`  ${name.padEnd(10)}${title}`), name);
});
