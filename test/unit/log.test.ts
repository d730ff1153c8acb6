import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { LogLevel } from "#src/config/shape.js";
import { createLogger } from "#src/log.js";

const logged = (secrets: readonly string[] = [], level: LogLevel = "trace") => {
  const lines: string[] = [];
  const stream = { write: (line: string): void => void lines.push(line) };
  return { log: createLogger({ level, secrets, stream }), lines, parsed: () => lines.map((line) => JSON.parse(line)) };
};

test("a line is JSON with level by name, ISO time, fields and message", () => {
  const { log, parsed } = logged();
  log.info({ partition: 3, at: new Date(0), offset: 7n, size: Buffer.alloc(3) }, "committed");
  const [{ time, ...rest }] = parsed();
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const fields = { partition: 3, at: "1970-01-01T00:00:00.000Z", offset: "7", size: "[3 bytes]" };
  assert.deepEqual(rest, { level: "info", ...fields, msg: "committed" });
});

test("what would move a terminal's cursor or turn its writing is escaped, and reads back as it was", () => {
  const { log, lines, parsed } = logged();
  const name = "a\x7f\x9b2J\u2028b\u202ec\u2066d\u200fé한";
  log.info({ name }, name);
  assert.match(lines[0] ?? "", /^[\x20-\x7eé한]+\n$/);
  assert.deepEqual([parsed()[0].name, parsed()[0].msg], [name, name]);
});

test("lines below the level are not written", () => {
  const { log, lines } = logged([], "warn");
  log.info({}, "no");
  log.warn({}, "yes");
  assert.equal(lines.length, 1);
});

test("a secret appears in no line, wherever it hides", () => {
  const { log, lines, parsed } = logged(["hunter2", "x"]);
  const cause = new Error("cause hunter2");
  const error = Object.assign(new Error("login as hunter2 failed", { cause }), { code: "hunter2" });
  log.error({ error, deep: { list: ["a hunter2 b"], map: new Map([["k", "hunter2"]]) } }, "said hunter2");
  log.error({ password: "other", smtpUrl: "smtp://u:p@h", config: { auth: { user: "u" } } }, "plain");
  assert.ok(!lines.join("").includes("hunter2"));
  const [first, second] = parsed();
  assert.equal(first.error.message, "login as [redacted] failed");
  assert.match(first.error.stack, /^Error: login as \[redacted\]/);
  assert.equal(first.error.cause.message, "cause [redacted]");
  assert.deepEqual([second.password, second.smtpUrl, second.config.auth], ["[redacted]", "[redacted]", "[redacted]"]);
});

test("a field may have any name", () => {
  const { log, lines } = logged();
  log.info({ said: JSON.parse('{"__proto__":{"a":1},"constructor":2}') }, "read");
  assert.match(lines[0] ?? "", /"said":\{"__proto__":\{"a":1\},"constructor":2\}/);
});

test("a field that would never end is cut, not followed", () => {
  const { log, lines } = logged();
  const circle: Record<string, unknown> = { text: "y".repeat(100_000) };
  circle["self"] = circle;
  log.info({ circle, many: Array.from({ length: 10_000 }, () => 1) }, "bounded");
  assert.equal(lines.length, 1);
  assert.ok((lines[0] ?? "").length < 100_000);
});

test("a fatal line is on stdout before the process exits", () => {
  const script = `
    import { createLogger } from ${JSON.stringify(import.meta.resolve("#src/log.js"))};
    const log = createLogger({ level: "info", secrets: [] });
    for (let i = 0; i < 100; i++) log.info({ i }, "line");
    log.fatal({ error: new Error("why") }, "stopping");
    process.exit(1);`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const lines = stdout.trim().split("\n");
  assert.equal(status, 1);
  assert.equal(lines.length, 101);
  // Not always the last: a line that was on its way to stdout by then may arrive after it.
  assert.ok(
    lines.some((line) => JSON.parse(line).msg === "stopping"),
    stdout,
  );
});
