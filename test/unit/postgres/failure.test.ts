import assert from "node:assert/strict";
import { test } from "node:test";
import { databaseFailure } from "#src/postgres/failure.js";

const kindOf = (error: object): string => databaseFailure(error, (text) => text).kind;

for (const [kind, codes] of [
  // Gone, too many, out of memory, stopping, ended by an operator, a standby, a lost serialization, in recovery.
  ["away", ["ECONNREFUSED", "ENOTFOUND", "08006", "53300", "53200", "57P03", "57P01", "25006", "40001", "58030"]],
  ["timeout", ["57014"]],
  ["refused", ["28P01", "28000", "3D000", "08P01"]],
  ["query", ["42P01", "42601", "42883", "42501", "0A000"]],
  ["data", ["22012", "22P02", "22021", "21000", "P0001"]],
] as const) {
  test(`${codes.join(", ")}: ${kind}`, () => {
    for (const code of codes) assert.equal(kindOf({ code, message: "x" }), kind, code);
  });
}

test("pg's own errors have no code, and a file that the URL names and nobody can read is the URL's fault", () => {
  assert.equal(kindOf(new Error("Query read timeout")), "timeout");
  assert.equal(kindOf(new Error("Connection terminated unexpectedly")), "away");
  assert.equal(kindOf({ code: "ENOENT", syscall: "open", message: "no such file" }), "refused");
  assert.equal(kindOf({ code: "ECONNRESET", syscall: "read", message: "read ECONNRESET" }), "away");
});

test("what is told is one line without secrets, whatever was thrown", () => {
  const failure = databaseFailure({ message: "no\r\nhorse\u2028here" }, (text) => text.replace("horse", "[redacted]"));
  assert.equal(failure.detail, "no [redacted] here");
  assert.equal(databaseFailure(undefined, (text) => text).kind, "away");
  assert.equal(databaseFailure({ message: "" }, (text) => text).detail, "no reason given");
  assert.equal(databaseFailure({ message: "x".repeat(9_999) }, (text) => text).detail.length, 500);
});
