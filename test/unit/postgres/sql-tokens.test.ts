import assert from "node:assert/strict";
import { test } from "node:test";
import { batchStatement } from "#src/postgres/batch-statement.js";
import { sqlTokens } from "#src/postgres/sql-tokens.js";

/** The statement with its parameters shown as <n>. */
const marked = (sql: string): string =>
  sqlTokens(sql)
    .map((token) => (token.kind === "parameter" ? `<${token.number}>` : token.kind === "end" ? "<end>" : token.text))
    .join("");

test("parameters are found wherever an expression may have one", () => {
  assert.equal(marked("SELECT $1,($2->>'site')||$1::text"), "SELECT <1>,(<2>->>'site')||<1>::text");
  assert.equal(marked("$1"), "<1>");
  assert.equal(marked("SELECT a[$1:$2], $10"), "SELECT a[<1>:<2>], <10>");
  assert.equal(marked("SELECT 1$1"), "SELECT 1<1>");
  assert.equal(marked(""), "");
});

for (const [what, sql] of [
  ["a string", "SELECT '$1', 'it''s $1'"],
  ["a string that ends in a backslash", String.raw`SELECT 'a\', '$1'`],
  ["an escape string", String.raw`SELECT E'\'$1', e'a\\', E'it''s $1'`],
  ["a string with a prefix", "SELECT U&'$1', B'1', N'$1'"],
  ["a quoted identifier", `SELECT "$1", "a""$1", U&"$1"`],
  ["a dollar-quoted string", "SELECT $$ $1 '$$, $a$ $1 $b$ $$ $a$, $_1$ $1 $_1$"],
  ["a line comment", "SELECT 1 -- $1 ' \" /* $$\r\n, 2"],
  ["a nested block comment", "SELECT /* $1 /* ' $1 */ $1 */ 2"],
  ["a name with a dollar sign", "SELECT a$1, _$1, é$1, a1$2$3"],
  ["something unfinished", "SELECT '$1"],
  ["an unfinished dollar quote", "SELECT $a$ $1"],
  ["an unfinished comment", "SELECT /* /* $1 */ $1"],
  ["an unfinished identifier", 'SELECT "$1'],
] as const) {
  test(`${what} is left alone`, () => assert.equal(marked(sql), sql));
}

test("what follows a literal is read again", () => {
  assert.equal(marked(String.raw`SELECT 'a\'||$1||E'\''||$2`), String.raw`SELECT 'a\'||<1>||E'\''||<2>`);
  assert.equal(marked("SELECT $$a$$||$1"), "SELECT $$a$$||<1>");
  assert.equal(marked("/* a */$1/**/$2--\n$1"), "/* a */<1>/**/<2>--\n<1>");
  // A name that ends in e is no prefix of an escape string.
  assert.equal(marked(String.raw`SELECT site'\'||$1`), String.raw`SELECT site'\'||<1>`);
});

test("a query for one device becomes one for many, and a comment at its end does no harm", () => {
  const statement = batchStatement("SELECT email FROM contacts WHERE device = $1 AND note <> '$2' -- who", 1_000);
  assert.ok(statement.ok);
  assert.equal(statement.usesLabels, false);
  assert.match(
    statement.sql,
    /device = alert_digest_request\.device_id AND note <> '\$2' -- who\n\) AS query LIMIT 1001\)/,
  );
});

test("the answer depends on labels only when the query has them", () => {
  const statement = batchStatement("SELECT email FROM contacts WHERE site = $2->>'site'", 1_000);
  assert.ok(statement.ok && statement.usesLabels);
});

test("a semicolon at the end is fine; a second statement and a third parameter are not", () => {
  assert.equal(batchStatement("SELECT ';' AS address ; \n", 1_000).ok, true);
  const commented = batchStatement("SELECT 1; -- of the site\n /* and /* that */ was */;\n--", 1_000);
  assert.ok(commented.ok && /\(SELECT 1\n\)/.test(commented.sql));
  assert.equal(batchStatement("SELECT 1; -- a\nSELECT 2", 1_000).ok, false);
  assert.equal(batchStatement("SELECT 1; /* a */ - 2", 1_000).ok, false);
  assert.deepEqual(batchStatement("SELECT 1; DROP TABLE contacts", 1_000), {
    ok: false,
    problem: "it is more than one statement: something follows a semicolon",
  });
  assert.deepEqual(batchStatement("SELECT $3", 1_000), {
    ok: false,
    problem: "it has $3: there are $1 (device ID) and $2 (labels) only",
  });
  assert.equal(batchStatement("SELECT $0", 1_000).ok, false);
});
