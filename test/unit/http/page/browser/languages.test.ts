/** What the compiler cannot see: the markup of the live page, held against its languages. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LANGUAGES } from "#src/http/page/browser/format.js";
import { TEXTS } from "#src/http/page/browser/texts.js";
import { textsOf } from "#src/mail/texts/index.js";
import { DEAD_LETTER_REASONS, SMTP_REASONS } from "#src/runtime/ports.js";

const root = new URL("../../../../../", import.meta.url);
const markup = readFileSync(new URL("src/http/page/assets/index.html", root), "utf8");

test("the page has a button for each language that it speaks, and no other", () => {
  const buttons = [...markup.matchAll(/<button\b[^>]*>/g)].map(([button]) => button);
  const ofLanguages = buttons.filter((button) => button.includes("data-language="));
  assert.deepEqual(
    ofLanguages.toSorted(),
    LANGUAGES.map(
      (language) => `<button type="button" id="language-${language}" data-language="${language}" lang="${language}">`,
    ).toSorted(),
  );
});

test("a reason has the same words on the page and in a mail about dead letters", () => {
  const onPage = TEXTS.ko.words;
  const inMails = textsOf("ko").letters.reasons;
  const shared = Object.keys(onPage).filter((code) => inMails[code] !== undefined);
  assert.ok(shared.length > 10, String(shared.length));
  for (const code of shared) assert.equal(onPage[code], inMails[code], code);
});

test("every element with data-text has its text in each language", () => {
  const names = [...markup.matchAll(/data-text="([^"]+)"/g)].map(([, name = ""]) => name);
  assert.ok(names.length > 20, String(names.length));
  for (const language of LANGUAGES) {
    const texts: Readonly<Record<string, string>> = { ...TEXTS[language].static };
    assert.deepEqual(
      names.filter((name) => !texts[name]?.trim()),
      [],
      language,
    );
  }
});

test("no Korean sentence leaves the particle open, calls a window a pane of glass, or shows a code of a closed set alone", () => {
  const korean = readFileSync(new URL("src/http/page/browser/texts-ko.ts", root), "utf8");
  assert.doesNotMatch(korean, /이\(가\)|을\(를\)|과\(와\)|은\(는\)/);
  assert.doesNotMatch(korean, /(^|[^가-힣])창([^가-힣]|[은이을에]|$)/m);
  const reasons = [...Object.values(DEAD_LETTER_REASONS).flat(), ...SMTP_REASONS];
  for (const code of [
    "record",
    "window",
    ...Object.keys(DEAD_LETTER_REASONS),
    ...reasons,
    "joining the consumer group",
  ])
    assert.match(TEXTS.ko.words[code] ?? "", /[가-힣]/, code);
});
