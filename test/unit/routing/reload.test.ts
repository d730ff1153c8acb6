import assert from "node:assert/strict";
import { test } from "node:test";
import { ReloadedRoutes } from "#src/routing/reload.js";
import { loadRoutes } from "#src/routing/routes-file.js";
import { createRecipientView } from "#src/runtime/recipient-view.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";
import { CHECKS } from "./digests.js";

const ONE = "version: 1\nroutes: [{ to: one@x.test }]\n";
const TWO = "version: 1\nroutes: [{ to: two@x.test }]\n";
const BROKEN = "version: 1\nroutes:\n  - { to: two@x.test, local: en }\n  - { cc: nobody@x.test here }\n";

/** A file that the test writes, the lines that are logged, and what is counted. */
const world = (text = ONE) => {
  const file = { text: text as string | undefined, reads: 0 };
  const read = (): string => {
    file.reads++;
    if (file.text === undefined) throw Object.assign(new Error("gone"), { code: "ENOENT" });
    return file.text;
  };
  const lines: { level: string; fields: Readonly<Record<string, unknown>>; message: string }[] = [];
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    lines.push({ level, fields, message });
  const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const outcomes: string[] = [];
  const clock = new VirtualClock();
  const result = loadRoutes("r.yaml", read, CHECKS);
  assert.ok(result.ok);
  const routes = new ReloadedRoutes({
    loaded: result.loaded,
    read: async () => read(),
    checks: CHECKS,
    clock,
    log,
    clean: createRecipientView("masked").text,
    metrics: { routesReloaded: (outcome) => outcomes.push(outcome) },
  });
  routes.start();
  const told = () => routes.current.flatMap(({ recipients }) => recipients.map(({ address }) => address)).join();
  return { file, lines, outcomes, clock, routes, told };
};

test("a file that stays the same is read again and again, and nothing is said of it", async () => {
  const { clock, file, lines, outcomes, told } = world();
  await clock.advance(60_000);
  assert.ok(file.reads > 20, String(file.reads));
  assert.deepEqual([lines, outcomes, told()], [[], [], "one@x.test"]);
});

test("a changed file is in force within three seconds, and the log says so once", async () => {
  const { clock, file, lines, outcomes, told } = world();
  await clock.advance(10_000);
  file.text = TWO;
  await clock.advance(3_000);
  assert.equal(told(), "two@x.test");
  await clock.advance(60_000);
  assert.deepEqual(outcomes, ["reloaded"]);
  assert.deepEqual(lines, [{ level: "info", fields: { file: "r.yaml", routes: 1 }, message: "routes reloaded" }]);
});

test("a change between the start and the first look is seen", async () => {
  const { clock, file, told } = world();
  file.text = TWO;
  await clock.advance(3_000);
  assert.equal(told(), "two@x.test");
});

test("a broken file leaves the routes as they were; each broken version is said once, with all its errors", async () => {
  const { clock, file, lines, outcomes, told } = world();
  file.text = BROKEN;
  await clock.advance(60_000);
  assert.equal(told(), "one@x.test");
  assert.deepEqual(outcomes, ["failed"]);
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.level, "error");
  assert.match(lines[0]?.message ?? "", /those from before stay in force/);
  const errors = lines[0]?.fields["errors"] as string[];
  assert.deepEqual(
    errors.map((error) => error.split(":").slice(0, 3).join(":")),
    ["r.yaml:3:23", "r.yaml:4:11"],
  );
  assert.match(errors[0] ?? "", /unknown key "local"; the nearest known is locale; expected: name, match, /);
  assert.match(
    errors[1] ?? "",
    /"n\*\*\*@x\.test here" is not a mail address/,
    "addresses as LOG_RECIPIENTS wants them",
  );
  file.text = `${BROKEN}\n`;
  await clock.advance(60_000);
  file.text = TWO;
  await clock.advance(60_000);
  assert.deepEqual(outcomes, ["failed", "failed", "reloaded"]);
  assert.equal(told(), "two@x.test");
});

test("a file that is gone leaves the routes as they were, and is taken again when it is back", async () => {
  const { clock, file, lines, outcomes, told } = world();
  file.text = undefined;
  await clock.advance(60_000);
  assert.equal(told(), "one@x.test");
  assert.match(String(lines[0]?.fields["errors"]), /^r.yaml: it does not exist/);
  file.text = ONE;
  await clock.advance(60_000);
  assert.deepEqual(outcomes, ["failed", "reloaded"], "also when it is what it was");
});

test("a file that is being written is not taken half", async () => {
  const { clock, file, lines, told, outcomes } = world();
  const whole = "version: 1\nroutes:\n  - { to: two@x.test, continue: true }\n  - { to: three@x.test }\n";
  await clock.advance(1_900);
  for (let length = 0; length < whole.length; length += 5) {
    file.text = whole.slice(0, length);
    await clock.advance(100);
    assert.equal(told(), "one@x.test", file.text);
  }
  file.text = whole;
  await clock.advance(3_000);
  assert.deepEqual([told(), outcomes, lines.length], ["two@x.test,three@x.test", ["reloaded"], 1]);
});

test("a stop ends it, also while the file is being read", async () => {
  const { clock, file, routes, told } = world();
  file.text = TWO;
  await clock.advance(2_000);
  routes.close();
  await settled();
  assert.equal(clock.pending, 0);
  await clock.advance(60_000);
  assert.equal(told(), "one@x.test");
});
