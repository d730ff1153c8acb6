/** Where a mistake is, for every kind of mistake; all of these templates say what is wrong on line 3. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { TemplateSandbox } from "#src/mail/template-sandbox.js";
import { compileTemplate, type TemplateMistake } from "#src/mail/template-source.js";

const DATA = { device: { name: "<b>&\"'" }, nothing: null, devices: [{ alerts: [{ message: "hot" }] }] };

const sandbox = (timeoutMs = 5_000): TemplateSandbox => {
  const made = new TemplateSandbox({ timeoutMs, maxLength: 10_000 });
  made.load(JSON.stringify(DATA));
  return made;
};

/** What it prints, or what is wrong with it. */
const outcome = (text: string, { escaping = false, box = sandbox() } = {}): string | TemplateMistake => {
  const compiled = compileTemplate(text, escaping);
  if (!compiled.ok) return { line: compiled.line, reason: compiled.reason };
  const result = box.run(compiled.template);
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
  ["an async function", "a\n<% 1;\n(async () => {})() %>", /^async is not available/],
  ["an import", "a\nb\n<% import('node:fs') %>", /^import\( is not available/],
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
    /cannot be shown/,
  ],
  ["recursion without an end", "a\nb\n<% (function f() { f() })() %>", /^RangeError/],
  ["a text without an end", "a\nb\n<% for (;;) { %>x<% } %>", /^RangeError: the text grows beyond 10000/],
  ["a result that is no text", "a\nb\n<% return 7 %>", /^it returns number, not a string$/],
  ["a result that is too long", "a\nb\n<% return 'x'.repeat(20000) %>", /^it returns a text of 20000 characters/],
  ["a change of what was given", "a\nb\n<% it.device.name = 'x' %>", /^TypeError: Cannot assign to read only/],
  ["a name that was never declared", "a\nb\n<% count = 1 %>", /^ReferenceError: count is not defined/],
  ["what is of the process", "a\nb\n<%= process.env.HOME %>", /^ReferenceError: process is not defined/],
  ["a promise", "a\nb\n<% Promise.reject(1) %>", /^ReferenceError: Promise is not defined/],
  ["another file", "a\nb\n<%= include('other') %>", /a template is one file/],
  ["code from a text", "a\nb\n<% new Function('return 1') %>", /^EvalError/],
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

for (const [name, code] of [
  ["a loop", "for (;;) {}"],
  ["a loop with a condition", "while (true) {}"],
  ["the message of what is thrown", "throw Object.defineProperty(new Error(), 'message', { get() { for (;;) {} } })"],
] as const) {
  test(`what has no end is cut off, and the line is told: ${name}`, () => {
    const compiled = compileTemplate(`a\nb\n<% ${code} %>`, false);
    assert.ok(compiled.ok);
    const cutOff = (afterMs: number): object => {
      const { line, reason, tookTooLong } = { ...sandbox(afterMs).run(compiled.template) } as TemplateMistake & {
        tookTooLong: boolean;
      };
      // A busy machine may not have come to any line by then.
      if (line === 0 && afterMs < 2_000) return cutOff(afterMs * 2);
      return { line, reason: reason.replace(`${afterMs} ms`, "its time"), tookTooLong };
    };
    assert.deepEqual(cutOff(50), { line: 3, reason: "it did not end within its time", tookTooLong: true });
    // The next one is none the worse for it.
    assert.equal(outcome("<%= it.device.name %>", { box: sandbox() }), DATA.device.name);
  });
}

test("a byte order mark, as some editors write it, is no text of the template", () => {
  assert.equal(outcome("\ufeff<% const x = 1 %>\nhot <%= x %>"), "hot 1");
});

test("HTML is escaped, text is not, null prints nothing, raw stays raw", () => {
  const text = "<%= it.device.name %>|<%~ it.device.name %>|<%= it.nothing %>|<%= 1.5 %>";
  assert.equal(outcome(text), `<b>&"'|<b>&"'||1.5`);
  assert.equal(outcome(text, { escaping: true }), `&lt;b&gt;&amp;&#34;&#39;|<b>&"'||1.5`);
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

test("what one template does to its globals does not reach the product", () => {
  outcome("<% Array.prototype.map = null; String.prototype.slice = null %>");
  assert.deepEqual(
    [1].map((one) => one),
    [1],
  );
});
