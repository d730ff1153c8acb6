import assert from "node:assert/strict";
import { test } from "node:test";
import { pretty } from "#src/log/pretty.js";
import { createLogger } from "#src/log.js";

test("pretty is one line: time, level, message, then the fields, text without spaces bare and everything else as JSON", () => {
  const line = {
    level: "info",
    time: "2026-11-21T00:00:00.000Z",
    device: "boiler-1",
    offsets: [1, 2],
    msg: "mail sent",
  };
  assert.equal(
    pretty(`${JSON.stringify({ ...line, reply: "250 OK" })}\n`),
    '2026-11-21T00:00:00.000Z INFO  mail sent  device=boiler-1  offsets=[1,2]  reply="250 OK"\n',
  );
});

test("what a device calls itself moves no cursor, hides no text and opens no line of its own", () => {
  const device = "a\u001b[2J\u009b1m\u202egnp\u2028b\r\nINFO  mail accepted";
  const line = pretty(`${JSON.stringify({ level: "warn", time: "t", device, msg: `of ${device}` })}\n`);
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.match(line, /\\u\{9b\}1m\\u\{202e\}gnp/);
});

test("a line that is no JSON is passed on", () => {
  assert.equal(pretty("what?\n"), "what?\n");
});

test("lines are JSON unless pretty is asked for, and no secret is in either", () => {
  const write = (format?: "json" | "pretty"): string => {
    let text = "";
    const stream = { write: (line: string) => (text += line) };
    createLogger({ level: "info", secrets: ["hunter2"], stream, ...(format && { format }) }).info(
      { reply: "535 hunter2" },
      "said",
    );
    return text;
  };
  assert.equal(JSON.parse(write()).reply, "535 [redacted]");
  assert.equal(write("json").slice(-40), write().slice(-40));
  assert.match(write("pretty"), /^\S+ INFO {2}said {2}reply="535 \[redacted\]"\n$/);
});
