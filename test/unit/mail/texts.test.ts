import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import PostalMime from "postal-mime";
import { MAIL_LOCALES, MAIL_TEXTS, textsOf } from "#src/mail/texts/index.js";
import { groupedCounts, type MailTexts } from "#src/mail/texts.js";
import { DIGEST_STATES } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { runCli } from "#test/support/run-cli.js";
import { digest, listed } from "./digest.js";

const DIST = fileURLToPath(new URL("../../../dist/", import.meta.url));

const DAY = { month: 11, day: 29, weekday: 0 };

/** Every sentence by its name, with these numbers in it. */
function sentences(texts: MailTexts, count: number): Map<string, string> {
  const said = new Map<string, string>();
  const csv = { total: 9, unread: 0, noRoom: 0 };
  const status = { severity: "Z", since: "1", until: "2" };
  const calls: Record<string, () => string> = {
    subject: () => texts.subject(texts.tags.alert, "X", count),
    constantSubject: () => texts.constantSubject(texts.tags.alert, "X"),
    total: () => texts.total(count, "Y"),
    "marked resolved": () => texts.marked(count, 0, 0),
    "marked late": () => texts.marked(0, count, 0),
    "marked repeats": () => texts.marked(0, 0, count),
    unread: () => texts.unread([{ name: "X", count }]),
    shortened: () => texts.shortened(count),
    others: () => texts.others(count),
    deviceClock: () => texts.deviceClock("1970"),
    merged: () => texts.merged(count),
    combined: () => texts.combined(count),
    repeats: () => texts.repeats(count),
    repeatsToo: () => texts.repeatsToo(count),
    "why route": () => texts.why.route(count, "X"),
    "why everybody": () => texts.why.everybody,
    "why database": () => texts.why.database,
    "why several": () => texts.why.several,
    early: () => texts.early,
    rest: () => texts.rest(count),
    "rest unknown": () => texts.rest(undefined),
    measured: () => texts.measured("1", undefined),
    "measured against": () => texts.measured("1", "2"),
    measuredShort: () => texts.measuredShort("1", "2"),
    thresholdOnly: () => texts.thresholdOnly("2"),
    cut: () => texts.cut(count),
    folded: () => texts.folded(count, count),
    notListed: () => texts.notListed(count),
    tooLong: () => texts.tooLong,
    "csv whole": () => texts.csv({ ...csv, rows: 9 }),
    "csv cut": () => texts.csv({ ...csv, rows: 3, noRoom: 6 }),
    "csv unread": () => texts.csv({ ...csv, rows: 3, unread: 6 }),
    "csv none": () => texts.csv({ ...csv, rows: 0, noRoom: 9 }),
    "fleet subject": () => texts.fleet.subject(texts.tags.alert, count, count),
    "fleet constantSubject": () => texts.fleet.constantSubject(texts.tags.alert),
    "fleet total": () => texts.fleet.total(count, count, "Y"),
    "fleet title": () => texts.fleet.title("X", count),
    "fleet device": () => texts.fleet.device(count, "Y"),
    "fleet merged": () => texts.fleet.merged(count, "delayed"),
    "fleet repeats": () => texts.fleet.merged(count, "repeats"),
    "fleet combined": () => texts.fleet.merged(count, "unknown"),
    "fleet unlisted": () => texts.fleet.unlisted(count, count, "Y"),
    "report subject": () => texts.report.subject(DAY, count, count, count),
    "report subject of a good day": () => texts.report.subject(DAY, 0, count, count),
    "report nothing": () => texts.report.nothing,
    "report allTold": () => texts.report.allTold,
    "report notTold": () => texts.report.notTold(count),
    "report period": () => texts.report.period("1", "2", "Z"),
    "report alerts": () => texts.report.alerts(count, 1),
    "report mails": () => texts.report.mails(count),
    "report slowest": () => texts.report.slowest("1"),
    "report deadLetters": () => texts.report.deadLetters(count),
    "report allDeadLetters": () => texts.report.allDeadLetters(count),
    "report noneMailed": () => texts.report.noneMailed,
    "report reportOnly": () => texts.report.reportOnly(count),
    "report muted": () => texts.report.muted(count),
    "report unreadable": () => texts.report.unreadable(count, "Y"),
    "report notListed": () => texts.report.notListed(count),
    "report tooMany": () => texts.report.tooMany(count),
    "report repairs": () => texts.report.repairs(["severity"], "1"),
    "report repaired": () => texts.report.repaired("severity", count),
    "report group": () => texts.report.group,
    "letters subject": () => texts.letters.subject(count, count),
    "letters headline": () => texts.letters.headline(count),
    "letters period": () => texts.letters.period("1", "2", "Z"),
    "letters alerts": () => texts.letters.alerts(count, count),
    "letters why": () => texts.letters.why,
    "letters reasons": () => Object.values(texts.letters.reasons).join(" "),
    "letters devices": () => texts.letters.devices(count, true, "Y", count),
    "letters noDevice": () => texts.letters.noDevice,
    "letters unknownSeverity": () => texts.letters.unknownSeverity,
    "letters window": () => texts.letters.window(count),
    "letters record": () => texts.letters.record,
    "letters notShown": () => texts.letters.notShown(count),
    "letters look": () => texts.letters.look,
    "letters redrive": () => texts.letters.redrive,
    "letters group": () => texts.letters.group,
    "letters instance": () => texts.letters.instance,
  };
  for (const [name, say] of Object.entries(calls)) said.set(name, say());
  for (const state of DIGEST_STATES)
    for (const sinceKnown of [true, false])
      said.set(`status ${state} ${sinceKnown}`, texts.status({ ...status, state, sinceKnown, beside: 0 }));
  for (const sinceKnown of [true, false])
    said.set(`status beside ${sinceKnown}`, texts.status({ ...status, state: "firing", sinceKnown, beside: count }));
  const words = {
    ...texts.severity,
    ...texts.state,
    ...prefixed("tag", texts.tags),
    ...prefixed("label", texts.labels),
    "label worstValue": texts.worstValue(undefined),
    "label worstValue of a severity": texts.worstValue(texts.severity.critical),
    ...prefixed("field", texts.fields),
  };
  for (const [name, word] of Object.entries(words)) said.set(name, word);
  const zones = texts.zones["Asia/Seoul"] ?? "";
  // Signs and names, which languages share: no sentence to translate.
  said.set("range, date, zones", `${texts.range(texts.date("2026-11-29", 0), zones || "3")}${texts.lang}`);
  said.set("count", `${texts.count(count)}${texts.lang}`);
  for (const name of ["resolved", "late", "noType", "otherTypes"] as const) said.set(`word ${name}`, texts[name]);
  for (const name of ["storm", "asked"] as const) said.set(`fleet ${name}`, texts.fleet[name]);
  return said;
}

const prefixed = (prefix: string, words: object): Record<string, string> =>
  Object.fromEntries(Object.entries(words).map(([name, word]) => [`${prefix} ${name}`, word]));

/** Names of everything in it, a level down. */
const keysOf = (texts: MailTexts): readonly string[] =>
  Object.entries(texts)
    .flatMap(([name, value]) =>
      // A language names the zones and the fonts that it has.
      ["zones", "fonts"].includes(name)
        ? []
        : typeof value === "object"
          ? Object.keys(value).map((inner) => `${name}.${inner}`)
          : [name],
    )
    .sort();

test("Korean and English are there, and found without a list", () => {
  for (const locale of ["en", "ko"]) assert.ok(MAIL_LOCALES.includes(locale), locale);
  assert.throws(() => textsOf("xx"), {
    name: "RangeError",
    message: `no mail texts for "xx"; there are ${MAIL_LOCALES.join(", ")}`,
  });
});

/** Words that a language shares with English, by their names in `sentences`: none of them was forgotten. */
const SAME_AS_ENGLISH: Readonly<Record<string, readonly string[]>> = {};

for (const [locale, texts] of MAIL_TEXTS) {
  test(`every sentence of ${locale} is there, and none is empty or another language's by accident`, () => {
    const english = textsOf("en");
    assert.deepEqual(keysOf(texts), keysOf(english));
    // The test below asks for each of them: a new sentence without a call here would not be looked at.
    const asked = readFileSync(new URL(import.meta.url), "utf8");
    for (const key of keysOf(english)) {
      const name = key.split(".").at(-1) ?? "";
      if (
        !["lang", "direction"].includes(name) &&
        !key.startsWith("labels.") &&
        !key.startsWith("tags.") &&
        !key.startsWith("fields.") &&
        !key.startsWith("se") &&
        !key.startsWith("state.")
      )
        assert.match(asked, new RegExp(`\\b${name}\\b`), key);
    }
    const untranslated = new Map<string, string>();
    for (const count of [0, 1, 2, 5, 21]) {
      const own = sentences(texts, count);
      const others = sentences(english, count);
      for (const [name, sentence] of own) {
        if (name.startsWith("marked") && count === 0) continue;
        assert.notEqual(sentence.trim(), "", name);
        assert.doesNotMatch(sentence, /undefined|NaN|\[object|[\r\n<>]/, name);
        if (sentence === others.get(name) && !SAME_AS_ENGLISH[locale]?.includes(name)) untranslated.set(name, sentence);
      }
    }
    if (texts !== english)
      assert.deepEqual(
        [...untranslated].map(([name, sentence]) => `${name}: ${sentence}`),
        [],
        `as in English: translate them in src/mail/texts/${locale}.ts, or name those in SAME_AS_ENGLISH that are the same word`,
      );
    assert.equal(new Intl.Locale(texts.lang).language, locale.split("-")[0]);
  });
}

test("English has one alert and two alerts, also in subjects", () => {
  const en = textsOf("en");
  assert.equal(en.total(1, "x"), "1 alert: x");
  assert.equal(en.total(2, "x"), "2 alerts: x");
  assert.equal(en.subject(en.tags.alert, "d", 1), "[Alert] d - 1 alert");
  assert.equal(en.subject(en.tags.alert, "d", 2), "[Alert] d - 2 alerts");
  assert.equal(en.fleet.subject(en.tags.alert, 1, 1), "[Alert] 1 device - 1 alert");
  assert.equal(en.folded(1, 1), "1 alert is listed individually; the other one is only counted below.");
  assert.equal(en.fleet.title("d", 1), "d and 1 other device");
  assert.equal(en.fleet.title("d", 2), "d and 2 other devices");
  assert.match(en.rest(2), /^The first 2 alerts in this window were/);
  assert.match(en.rest(1), /^The first alert in this window was/);
});

test("counts are grouped in bodies and bare in subjects, which other programs read", () => {
  for (const [locale, texts] of MAIL_TEXTS) {
    // `12,357` in English and Korean, `12.357` in German.
    const grouped = groupedCounts(texts.lang)(12_357);
    for (const said of [texts.total(12_357, "x"), texts.folded(1, 12_357), texts.fleet.total(2, 12_357, "x")])
      assert.ok(said.includes(grouped), `${locale}: "${said}" has no ${grouped}: count with groupedCounts`);
    const subjects = [
      texts.subject(texts.tags.alert, "d", 12_357),
      texts.fleet.subject(texts.tags.alert, 2, 12_357),
      texts.report.subject(DAY, 0, 2, 12_357),
    ];
    for (const subject of subjects)
      assert.match(subject, /\b12357(?!\d)/, `${locale}: "${subject}" has no 12357: a subject's count is bare`);
  }
});

test("a language is one file more: nothing else changes", async (t) => {
  const copy = mkdtempSync(join(tmpdir(), "alert-digest-texts-"));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const folder of ["mail", "core", "runtime"])
    cpSync(join(DIST, folder), join(copy, "dist", folder), { recursive: true });
  writeFileSync(join(copy, "package.json"), '{"type":"module"}');
  mkdirSync(join(copy, "dist/mail/texts"), { recursive: true });
  writeFileSync(
    join(copy, "dist/mail/texts/pt-br.js"),
    `import { pluralsOf } from "../texts.js";
     import { texts as en } from "./en.js";
     const plural = pluralsOf("pt-BR");
     export const texts = { ...en, lang: "pt-BR", subject: (tag, name, count) => "[Alerta] " + name + " - " + count,
       total: (count, counts) => plural(count, { one: "alerta", other: "alertas" }) + ": " + counts };`,
  );
  const at = (path: string): string => pathToFileURL(join(copy, "dist/mail", path)).href;
  const { MAIL_LOCALES: known } = (await import(at("texts/index.js"))) as { MAIL_LOCALES: readonly string[] };
  assert.deepEqual(known, [...new Set([...MAIL_LOCALES, "pt-br"])].toSorted());
  const { createRenderer } = (await import(at("render.js"))) as typeof import("#src/mail/render.js");
  const renderer = createRenderer({ from: mailboxOf("a@b.test"), locale: "pt-br", timezone: "America/Sao_Paulo" });
  const two = digest({ listed: [listed(1), listed(2)] });
  const email = await PostalMime.parse(renderer.render(two, everybody("x@y.test")).raw);
  assert.equal(email.subject, "[Alerta] freezer-3 - 2");
  assert.match(email.text ?? "", /^2 alertas: /m);
  assert.match(email.html ?? "", /<html lang="pt-BR"/);
});

test("a language that is not there ends the start with 78 and the names of those that are", async () => {
  const env = { KAFKA_BROKERS: "k:1", SMTP_URL: "smtp://localhost", MAIL_FROM: "a@b.test", MAIL_TO: "c@d.test" };
  const { code, stderr } = await runCli(["run"], { ...env, MAIL_LOCALE: "xx" });
  assert.equal(code, 78);
  assert.match(stderr, /MAIL_LOCALE: "xx"/);
  assert.ok(stderr.includes(MAIL_LOCALES.join(", ")));
});

/** Other words than the glossary's: one word for one thing, in all that people read in Korean. */
const NOT_OURS =
  /열린 창|창[이을은의] |윈도우|계속 중|가장 나쁜|나열|접수|소식|받는 분|누군가|경보|알람|디바이스|장비|임계|리포트|이\(가\)|을\(를\)|은\(는\)/;

test("Korean texts of mails, page and demo have the glossary's words, and no particle in parentheses", () => {
  const root = new URL("../../../", import.meta.url);
  for (const path of [
    "src/mail/texts/ko.ts",
    "src/http/page/browser/texts-ko.ts",
    "test/demo/texts.ts",
    "test/demo/inbox-page/inbox.js",
  ]) {
    const text = readFileSync(new URL(path, root), "utf8");
    assert.match(text, /집계/, path);
    assert.doesNotMatch(text, NOT_OURS, path);
  }
});
