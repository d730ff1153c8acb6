import assert from "node:assert/strict";
import { test } from "node:test";
import { type Coming, comingMails, createTerminal, type LiveNumbers, liveLine } from "#test/demo/terminal.js";
import { columnsOf, languageOf, TEXTS } from "#test/demo/texts.js";

const NUMBERS: LiveNumbers = {
  alerts: 1234,
  windowsOpen: 3,
  mails: 2,
  oldestSeconds: 12.4,
  coming: { which: "next", seconds: 7 },
};

const record = (isTTY: boolean, columns = 80, language: "ko" | "en" = "en") => {
  const written: string[] = [];
  let nowMs = 0;
  const output = { isTTY, columns, write: (text: string) => written.push(text) };
  const terminal = createTerminal(output, () => nowMs, TEXTS[language]);
  return { written, terminal, wait: (ms: number) => (nowMs += ms) };
};

test("the live line says when mails come, what is known, and a dash for what is not", () => {
  const line = (numbers: Partial<LiveNumbers>) => liveLine({ ...NUMBERS, ...numbers }, TEXTS.en);
  assert.equal(line({}), "next mails in 7 s · 1,234 alerts · 3 windows open · 2 mails · oldest waits 12 s");
  assert.equal(
    line({ windowsOpen: undefined, oldestSeconds: undefined, mails: 0, coming: { which: "first", seconds: 23 } }),
    "first mails in 23 s · 1,234 alerts · – windows open · 0 mails",
  );
  assert.match(line({ coming: { which: "last", seconds: 0 } }), /^last mails come now · /);
});

test("mails come at the end of a window and its grace: the first, the next, the last", () => {
  const at = (nowMs: number, mails: number): Coming =>
    comingMails({ nowMs, startMs: 37_000, endMs: 120_000, windowMs: 30_000, graceMs: 2_000, mails });
  assert.deepEqual(at(39_000, 0), { which: "first", seconds: 23 });
  // No mail yet, although it is time.
  assert.deepEqual(at(63_000, 0), { which: "first", seconds: -1 });
  assert.deepEqual(at(63_000, 5), { which: "next", seconds: 29 });
  assert.deepEqual(at(91_000, 5), { which: "next", seconds: 1 });
  assert.deepEqual(at(92_000, 9), { which: "last", seconds: 30 });
  assert.deepEqual(at(125_000, 9), { which: "last", seconds: -3 });
});

test("on a terminal the line is overwritten, never wider than the screen, and ended before other text", () => {
  const { written, terminal } = record(true, 30);
  terminal.live(NUMBERS);
  terminal.live(NUMBERS);
  terminal.say("done");
  const cut = "\r\u001b[Knext mails in 7 s · 1,234 ale";
  assert.deepEqual(written, [cut, cut, "\n", "done\n"]);
});

test("a Hangul syllable takes two columns of the screen", () => {
  assert.equal(columnsOf("메일 2통"), 8);
  const { written, terminal } = record(true, 30, "ko");
  terminal.live(NUMBERS);
  assert.equal(written[0], "\r\u001b[K다음 메일까지 7초 · 알림 1,23");
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

test("the language is that of the shell's messages: Korean, else English", () => {
  assert.equal(languageOf({ LANG: "ko_KR.UTF-8" }), "ko");
  assert.equal(languageOf({ LANG: "ko_KR.UTF-8", LC_MESSAGES: "en_US.UTF-8" }), "en");
  assert.equal(languageOf({ LC_ALL: "ko_KR.UTF-8", LANG: "C" }), "ko");
  assert.equal(languageOf({ LANG: "C.UTF-8" }), "en");
});
