import assert from "node:assert/strict";
import { test } from "node:test";
import { rawHeader } from "#test/chaos/sink.js";

test("a header is read from the head of a mail: folded, in whatever case, and never from the body", () => {
  const raw = Buffer.from(
    "Message-Id: <1@x>\r\nX-Alert-Digest-Source: a/0/1-2,\r\n b/0/3-4\r\n\r\nX-Alert-Digest-Count: 7\r\n\r\n",
  );
  assert.equal(rawHeader(raw, "Message-ID"), "<1@x>");
  assert.equal(rawHeader(raw, "X-Alert-Digest-Source"), "a/0/1-2, b/0/3-4");
  assert.equal(rawHeader(raw, "X-Alert-Digest-Count"), "");
});
