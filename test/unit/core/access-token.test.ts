import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenExpiry, tokenProblem } from "#src/core/access-token.js";

const jwt = (claims: unknown): string =>
  `e30.${Buffer.from(typeof claims === "string" ? claims : JSON.stringify(claims)).toString("base64url")}.x`;

test("a token may end with a line's end; nothing, and what is no token, is told without being quoted", () => {
  assert.equal(tokenProblem("abc.def\r\n"), undefined);
  assert.match(tokenProblem(" \n") ?? "", /empty/);
  for (const text of ["two words", "<html>\nsecret", "a\u0001b", "x".repeat(100_000)]) {
    const problem = tokenProblem(text) ?? "";
    assert.match(problem, /something other than a token/);
    assert.doesNotMatch(problem, /secret|words/);
  }
});

test("the end of a JSON Web Token is read from its claims; what is none has no end", () => {
  assert.equal(tokenExpiry(jwt({ exp: 1_800_000_000 })), 1_800_000_000_000);
  for (const token of ["opaque", "a.b.c", jwt({}), jwt({ exp: "soon" }), jwt("null"), jwt("["), ""])
    assert.equal(tokenExpiry(token), undefined, token);
});
