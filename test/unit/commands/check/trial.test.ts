import assert from "node:assert/strict";
import { test } from "node:test";
import { shown } from "#src/commands/check/findings.js";
import { trialOf } from "#src/commands/check/trial.js";
import type { Decoded, DecodeReason } from "#src/runtime/ports.js";

const unreadable = (reason: DecodeReason): Decoded => ({ kind: "unreadable", reason, detail: `of ${reason}` });

test("the numbers of records that cannot be read add up: three reasons, and how many are others", () => {
  const reasons = ["not-json", "not-json", "not-utf8", "key-mismatch", "too-large", "not-an-alert"] as const;
  const tried = reasons.map((reason, offset) => ({ partition: 4, offset, decoded: unreadable(reason) }));
  const [few, many] = [trialOf("alerts", tried.slice(0, 4), []), trialOf("alerts", tried, [])];
  assert.match(shown(few), /; 4 cannot be read \(not-json 2, not-utf8 1, key-mismatch 1\), such as 4\/0: of not-json/);
  assert.match(shown(many), /; 6 cannot be read \(not-json 2, not-utf8 1, key-mismatch 1, others 2\), such as 4\/0: /);
});
