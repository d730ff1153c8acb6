import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

interface InlineNumbers {
  DIST: string;
  inlineNumbers(code: string, numbersOf: (from: string) => ReadonlyMap<string, string>): string;
  numbersIn(declarations: string): ReadonlyMap<string, string>;
}
// Plain JavaScript: it runs without a build.
const path = new URL("../../../tools/inline-numbers.mjs", import.meta.url).href;
const { DIST, inlineNumbers, numbersIn }: InlineNumbers = await import(path);

const inlined = (code: string, numbers: Readonly<Record<string, string>>): string =>
  inlineNumbers(code, (from) => new Map(from === "./bytes.js" ? Object.entries(numbers) : []));

test("a number that a module imports is a constant of its own, on the line of the import", () => {
  assert.equal(
    inlined('import { TextEnds, QUOTE, BRACE as OPEN } from "./bytes.js";\nnext();', { QUOTE: "34", BRACE: "123" }),
    'import { TextEnds } from "./bytes.js"; const QUOTE = 34 /* QUOTE of "./bytes.js" */; const OPEN = 123 /* BRACE of "./bytes.js" */;\nnext();',
  );
  assert.equal(
    inlined('import { QUOTE } from "./bytes.js";', { QUOTE: "34" }),
    'import "./bytes.js"; const QUOTE = 34 /* QUOTE of "./bytes.js" */;',
  );
});

test("a module reads a number that it exports from a constant", () => {
  assert.equal(
    inlined("export const QUOTE = 0x22;", {}),
    "const QUOTE = 0x22; const QUOTE_exported = 0x22; export { QUOTE_exported as QUOTE };",
  );
});

test("what is no number, or another module's, is imported as it was", () => {
  const code =
    'import { QUOTE } from "./other.js";\nimport { quoteOf } from "./bytes.js";\nexport const WORDS = ["a"];\nexport const TWICE = 2 * 34;';
  assert.equal(inlined(code, { QUOTE: "34" }), code);
});

test("a second run takes over a number that changed, and imports what is no number any more", () => {
  const once = inlined('import { QUOTE, BRACE } from "./bytes.js";', { QUOTE: "34", BRACE: "123" });
  const twice = inlined(once, { QUOTE: "35" });
  assert.equal(
    twice,
    'import "./bytes.js"; const QUOTE = 35 /* QUOTE of "./bytes.js" */; import { BRACE } from "./bytes.js";',
  );
  const again = inlined(twice, { QUOTE: "35", BRACE: "124" });
  assert.match(again, /const QUOTE = 35 .*; const BRACE = 124 /);
  assert.equal(inlined(again, { QUOTE: "35", BRACE: "124" }), again);
});

test("numbers are those whose value the compiler declares", () => {
  const declared =
    'export declare const QUOTE = 34;\nexport declare const LEAST = -2.5;\nexport declare const DAY_MS: number;\nexport declare const NAME = "7";';
  assert.deepEqual(
    [...numbersIn(declared)],
    [
      ["QUOTE", "34"],
      ["LEAST", "-2.5"],
    ],
  );
});

test("no module of the build exports a number from where it reads it, but for those that are worked out", () => {
  const modules = readdirSync(DIST, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  assert.ok(modules.length > 100);
  assert.deepEqual(
    modules.filter((name) => /^export const \w+ = -?\d\w*;$/m.test(readFileSync(join(DIST, name), "utf8"))),
    [],
  );
});
