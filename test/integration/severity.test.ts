/** What a mail's subject and headers say of how bad it is, in the mails that a mail server took. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { pastWindow, startLine } from "#test/support/line.js";

const HEADERS = ["Subject", "X-Alert-Digest-Severity", "X-Alert-Digest-State", "Importance", "X-Priority"] as const;

test("MAIL_SUBJECT=severity: what still fires, what is over, and what was worse before, in Korean", async (t) => {
  const line = await startLine(t, { env: { MAIL_SUBJECT: "severity", MAIL_LOCALE: "ko" } });
  const at = pastWindow(3);
  const said = {
    burning: [{ type: "FIRE", severity: "critical" }],
    quiet: [
      { type: "FIRE", severity: "critical" },
      { type: "FIRE", severity: "info", status: "resolved" },
    ],
    better: [
      { type: "FIRE", severity: "critical" },
      { type: "DOOR", severity: "warning" },
      { type: "FIRE", severity: "info", status: "resolved" },
    ],
  };
  await line.produce(
    Object.entries(said).flatMap(([device, alerts]) => alerts.map((fields, n) => ({ device, at: at + n, fields }))),
  );
  const product = await line.start();
  await line.allMailed();
  await line.assertBooks();
  const seen = new Map<string, readonly (string | undefined)[]>();
  for (const message of line.smtp.messages) {
    const device = await message.header("X-Alert-Digest-Device");
    seen.set(device ?? "", await Promise.all(HEADERS.map((name) => message.header(name))));
  }
  assert.deepEqual(Object.fromEntries(seen), {
    burning: ["[심각] burning - 1건", "critical", "firing", "high", "1"],
    quiet: ["[해제] quiet - 2건", "critical", "resolved", undefined, undefined],
    better: ["[경고] better - 3건", "warning", "firing", undefined, undefined],
  });
  assert.equal(await product.stop(), 0);
});
