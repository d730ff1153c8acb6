import assert from "node:assert/strict";
import { test } from "node:test";
import { SharedPage } from "#src/http/shared-page.js";

const setup = () => {
  const state = { now: 0, made: 0, fails: false, wait: Promise.resolve() };
  const page = new SharedPage(
    async () => {
      const number = ++state.made;
      await state.wait;
      if (state.fails) throw new Error("bug");
      return number;
    },
    1_000,
    { elapsed: () => state.now },
  );
  return { state, page };
};

test("it is made once an interval, whoever asks", async () => {
  const { state, page } = setup();
  assert.deepEqual(await Promise.all([page.get(), page.get(), page.get()]), [1, 1, 1]);
  state.now = 999;
  assert.equal(await page.get(), 1);
  state.now = 1_000;
  assert.equal(await page.get(), 2);
});

test("one that takes longer than the interval is waited for", async () => {
  const { state, page } = setup();
  let done = (): void => undefined;
  state.wait = new Promise((resolve) => {
    done = resolve;
  });
  const first = page.get();
  state.now = 5_000;
  const second = page.get();
  done();
  assert.deepEqual(await Promise.all([first, second]), [1, 1]);
  assert.equal(await page.get(), 2);
});

test("one that fails is made again when the interval is over, not for each that asks", async () => {
  const { state, page } = setup();
  state.fails = true;
  await assert.rejects(page.get());
  state.fails = false;
  await assert.rejects(page.get());
  assert.equal(state.made, 1);
  state.now = 1_000;
  assert.equal(await page.get(), 2);
});
