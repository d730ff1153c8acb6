import assert from "node:assert/strict";
import { test } from "node:test";
import { createTerminal, liveLine } from "#test/demo/terminal.js";

const NUMBERS = { alertsIn: 1234, windowsOpen: 3, mails: 2, lag: undefined, secondsLeft: 7 };

const record = (isTTY: boolean, columns = 80) => {
  const written: string[] = [];
  let nowMs = 0;
  const output = { isTTY, columns, write: (text: string) => written.push(text) };
  return { written, terminal: createTerminal(output, () => nowMs), wait: (ms: number) => (nowMs += ms) };
};

test("the live line says what is known, and a dash for what is not", () => {
  assert.equal(liveLine(NUMBERS), "alerts in 1,234 · windows open 3 · mails sent 2 · lag – · 7 s left");
  assert.match(liveLine({ ...NUMBERS, secondsLeft: undefined }), /last windows$/);
});

test("on a terminal the line is overwritten, never longer than the screen, and ended before other text", () => {
  const { written, terminal } = record(true, 30);
  terminal.live(NUMBERS);
  terminal.live(NUMBERS);
  terminal.say("done");
  assert.deepEqual(
    written,
    ["\r\u001b[Kalerts in 1,234 · windows open", "\r\u001b[Kalerts in 1,234 · windows open", "\n", "done\n"].map(
      (line) => line.slice(0, 33),
    ),
  );
});

test("elsewhere a plain line comes every five seconds", () => {
  const { written, terminal, wait } = record(false);
  terminal.live(NUMBERS);
  wait(4_999);
  terminal.live(NUMBERS);
  assert.equal(written.length, 1);
  wait(1);
  terminal.live(NUMBERS);
  assert.equal(written.length, 2);
  assert.ok(written.every((line) => line.endsWith("\n") && !line.includes("\u001b")));
});
