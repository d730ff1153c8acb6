import assert from "node:assert/strict";
import { test } from "node:test";
import { isAmbiguous } from "#src/runtime/ambiguities.js";

test("a failure is ambiguous only after the end of the message: with no reply, or with one that nobody understands", () => {
  const code = undefined;
  for (const phase of ["connect", "greeting", "mail", "rcpt", "data", "sent"] as const) {
    const isSent = phase === "sent";
    assert.equal(isAmbiguous({ phase, reason: "timeout", reply: "", code }), isSent, `${phase}, no reply`);
    assert.equal(isAmbiguous({ phase, reason: "protocol", reply: "hello?", code }), isSent, `${phase}, no SMTP`);
    assert.equal(isAmbiguous({ phase, reason: "message-deferred", reply: "451 later", code: 451 }), false, phase);
  }
});
