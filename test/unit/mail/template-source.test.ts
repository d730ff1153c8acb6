/** Where a mistake is, for every kind of mistake; all of these templates say what is wrong on line 3. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { composeDocument } from "#src/mail/compose-document.js";
import { createLocalTime, createNumbers } from "#src/mail/language.js";
import { frozen } from "#src/mail/template-part.js";
import { compileTemplate, type TemplateMistake } from "#src/mail/template-source.js";
import { textsOf } from "#src/mail/texts/index.js";
import { digest, listed } from "./digest.js";

const NAME = `<b>&"'`;
const DATA = frozen(
  composeDocument(digest({ deviceName: NAME, listed: [listed(1, { message: "hot" })] }), () => "subject", {
    texts: textsOf("en"),
    localTime: createLocalTime("UTC"),
    numbers: createNumbers("en"),
  }),
);

/** What it prints, or what is wrong with it. */
const outcome = (text: string, escaping = false): string | TemplateMistake => {
  const compiled = compileTemplate(text, escaping);
  if (!compiled.ok) return { line: compiled.line, reason: compiled.reason };
  const result = compiled.template.run(DATA);
  return result.kind === "text" ? result.text : { line: result.line, reason: result.reason };
};

const BEFORE_THE_START: readonly (readonly [name: string, text: string, reason: RegExp])[] = [
  ["a tag that is not closed", "a\nb\nc <%= it.device", /^unclosed tag$/],
  ["a string that is not closed", "a\nb\n<%= 'it %>\nd", /^unclosed string$/],
  ["a comment that is not closed", "a\nb\n<% /* it %>\nd", /^unclosed comment$/],
  ["an expression that ends too early", "a\nb\n<%= it. %>\nd", /^SyntaxError: Unexpected token/],
  [
    "a mistake in the middle of a long tag",
    "a\n<% const x = 1;\nconst y = ;\n%>",
    /^SyntaxError: Unexpected token ';'/,
  ],
  ["a mistake after lines that a tag begins with", "a\n<%\nconst = 2 %>\n", /^SyntaxError/],
  ["a block that is never closed", "a\n<% if (it) { %>\nb", /never closed/],
  ["a closing brace too many", "a\nb\n<% } %>\nc <%= it.device.name %>\nd\n", /^SyntaxError: a } too many/],
  ["await", "a\nb\n<% await it %>", /^SyntaxError: await/],
  ["bytes that are not UTF-8", Buffer.from("a\nb\nc\xe9d\n", "latin1").toString("utf8"), /^a character is not UTF-8/],
];

const ON_A_MAIL: readonly (readonly [name: string, text: string, reason: RegExp])[] = [
  ["a property of nothing", "a\nb\n<%= it.site.name %>\nd", /^TypeError: Cannot read properties of undefined/],
  ["a misspelt name", "a\nb\n<%= it.devise %>\nd", /^TypeError: the value is undefined/],
  [
    "a call of what is no function",
    "a\nb\n<%= it.device.toHtml() %>",
    /^TypeError: it\.device\.toHtml is not a function/,
  ],
  ["an error within a long tag", "a\n<% const x = 1;\nit.a.b;\n%>", /^TypeError/],
  ["an error in a tag that begins with empty lines", "a\n<%\nthrow new Error('no') %>", /^Error: no/],
  [
    "an error in a function of the template",
    "<% const f = () => {\n 1;\n throw new Error('no') }; %>\n<%= f() %>",
    /^Error: no/,
  ],
  ["a text thrown", "a\nb\n<% throw 'no' %>", /^it threw "no"$/],
  ["null thrown", "a\nb\n<% throw null %>", /^it threw null$/],
  [
    "an object that cannot be looked at",
    "a\nb\n<% throw new Proxy({}, { getPrototypeOf() { throw 1 } }) %>",
    /^it threw object$/,
  ],
  ["recursion without an end", "a\nb\n<% (function f() { f() })() %>", /^RangeError/],
  ["a result that is no text", "a\nb\n<% return 7 %>", /^it returns number, not a string$/],
  ["a change of what was given", "a\nb\n<% it.device.name = 'x' %>", /^TypeError: Cannot assign to read only/],
  ["a name that was never declared", "a\nb\n<% count = 1 %>", /^ReferenceError: count is not defined/],
  ["another file", "a\nb\n<%= include('other') %>", /^ReferenceError: include is not defined/],
];

for (const [name, text, reason] of [...BEFORE_THE_START, ...ON_A_MAIL]) {
  test(`the line and the reason are told: ${name}`, () => {
    const found = outcome(text);
    assert.ok(typeof found === "object", `it printed ${JSON.stringify(found)}`);
    assert.match(found.reason, reason);
    assert.equal(found.line, 3, found.reason);
    // Line ends of Windows change no line.
    assert.deepEqual(outcome(text.replaceAll("\n", "\r\n")), found);
  });
}

test("a byte order mark, as some editors write it, is no text of the template", () => {
  assert.equal(outcome("\ufeff<% const x = 1 %>\nhot <%= x %>"), "hot 1");
});

test("HTML is escaped, text is not, null prints nothing, raw stays raw", () => {
  const text = "<%= it.device.name %>|<%~ it.device.name %>|<%= it.folded %>|<%= 1.5 %>";
  assert.equal(outcome(text), `<b>&"'|<b>&"'||1.5`);
  assert.equal(outcome(text, true), `&lt;b&gt;&amp;&#34;&#39;|<b>&"'||1.5`);
});

test("what Eta allows works: switch over several tags, conditions without braces, comments, capture, output", () => {
  assert.equal(outcome("<% switch (1) { %>\n<% case 1: %>\none\n<% } %>"), "one\n");
  assert.equal(outcome("<% if (false) %><%= it.a.b %>end"), "end");
  assert.equal(outcome("<% let n = 0; do { %>x<% n++; } %><% while (n < 3) %>"), "xxx");
  assert.equal(outcome("<% if (true) { // yes %>x<% } else { %>y<% } %>"), "x");
  assert.equal(outcome("<% output('o') %><% const c = capture(() => { %>c<% }) %><%= c %>"), "oc");
  assert.equal(outcome("<%= it.alerts.map(({ message }) => message).join() %>"), "hot");
  const quotes = "it's `a` \\ back\\n$\u007bslash}";
  assert.equal(outcome(quotes), quotes);
});

test("a tag alone on its line leaves none, a line that ends with a value stays a line", () => {
  const text =
    "a\n  <% if (true) { %>  \n<%= 1 %>\n  <% } %>\n<% let x; %>\n<%\n x = 2\n%>\nb <%= x %> \n<% if (x) { %>c<% } %>\n\\n<% x = 3 %>\nend";
  assert.equal(outcome(text), "a\n1\nb 2 \nc\n\\n\nend");
  assert.equal(outcome("<%= 1 -%>\nx"), "1x");
});
