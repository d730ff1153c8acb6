import assert from "node:assert/strict";
import { test } from "node:test";
import { createStopRequests } from "#src/runtime/stop-requests.js";

test("signals within 300 ms are one request, as npm passes on what the terminal has sent; a later one is another", () => {
  let now = 5_000;
  const request = createStopRequests(() => now);
  assert.equal(request(), "first");
  now += 1;
  assert.equal(request(), "same");
  now += 299;
  assert.equal(request(), "same");
  now += 1;
  assert.equal(request(), "again");
});
