import assert from "node:assert/strict";
import { test } from "node:test";
import { Logins } from "#src/http/web-config/logins.js";

const USERS = new Map([
  ["ann", "hash of right"],
  ["bob", "hash of other"],
]);
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

const setup = () => {
  const asked: string[] = [];
  const open: (() => void)[] = [];
  const state = { holds: false };
  const logins = new Logins((password, hash) => {
    asked.push(`${password} ${hash}`);
    const verdict = hash === `hash of ${password}`;
    if (!state.holds) return Promise.resolve(verdict);
    return new Promise((resolve) => open.push(() => resolve(verdict)));
  });
  const check = (header: string | undefined, address = "192.0.2.1", users = USERS) =>
    logins.check(header, users, address);
  return { asked, open, state, check };
};

test("a password is verified once, right or wrong, and a hash that changed anew", async () => {
  const { asked, check } = setup();
  for (let round = 0; round < 3; round++) {
    assert.equal(await check(basic("ann", "right")), "right");
    assert.equal(await check(basic("ann", "wrong")), "wrong");
    assert.equal(await check(basic("bob", "right")), "wrong");
  }
  assert.equal(asked.length, 3);
  const changed = new Map([["ann", "hash of new"]]);
  assert.equal(await check(basic("ann", "right"), "192.0.2.1", changed), "wrong");
  assert.equal(await check(basic("ann", "new"), "192.0.2.1", changed), "right");
});

test("a user that does not exist costs a hash as well, and is never let in", async () => {
  const { asked, check } = setup();
  assert.equal(await check(basic("eve", "right")), "wrong");
  assert.deepEqual(asked, ["right hash of right"]);
});

test("what is no login costs nothing", async () => {
  const { asked, check } = setup();
  for (const header of [undefined, "", "Bearer x", "Basic", "Basic !!", `Basic ${Buffer.from("x").toString("base64")}`])
    assert.equal(await check(header), "wrong");
  assert.deepEqual(asked, []);
});

test("few passwords wait, fewer of one address; the same one waits once, and known ones pass by", async () => {
  const { asked, open, state, check } = setup();
  assert.equal(await check(basic("ann", "right")), "right");
  state.holds = true;
  const waiting = ["1", "2", "3", "4"].map((guess) => check(basic("ann", guess)));
  const same = check(basic("ann", "4"));
  assert.equal(await check(basic("ann", "5")), "busy");
  for (const last of [2, 3, 4])
    for (const guess of [1, 2, 3, 4]) waiting.push(check(basic("bob", `${last}.${guess}`), `192.0.2.${last}`));
  assert.equal(await check(basic("bob", "x"), "192.0.2.99"), "busy");
  assert.equal(await check(basic("ann", "right"), "192.0.2.99"), "right");
  for (const answer of open) answer();
  assert.deepEqual([...new Set(await Promise.all([...waiting, same]))], ["wrong"]);
  assert.equal(asked.length, 1 + 16);
});

test("a thousand guesses do not make it forget who logs in rightly", async () => {
  const { asked, check } = setup();
  await check(basic("ann", "right"));
  for (let guess = 0; guess < 1_000; guess++) await check(basic("ann", `${guess}`));
  const { length } = asked;
  assert.equal(await check(basic("ann", "right")), "right");
  assert.equal(asked.length, length);
});
