/** G6: a storm costs neither memory nor mails. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type AlertInput, pastWindow, startLine } from "#test/support/line.js";

const STORM = 20_000;
const MAX_LISTED = 200;

test("20,000 alerts of one device in one window: one mail that says how many, and memory for those it lists only", async (t) => {
  const line = await startLine(t, { partitions: 1 });
  const start = pastWindow(4);
  const severities = ["critical", "warning", "info", "info"];
  for (let sent = 0; sent < STORM; sent += 2_000) {
    const alerts = Array.from({ length: 2_000 }, (_, i): AlertInput => {
      const n = sent + i;
      const fields = { severity: severities[n % 4], type: n % 2 ? "VIBRATION" : "PRESSURE", message: "x".repeat(150) };
      return { device: "storm", at: start + Math.floor((n * 2_000) / STORM), fields };
    });
    await line.produce(alerts);
  }
  line.smtp.stallAll();
  const product = await line.start();
  await eventually("the storm is one closed window", async () => {
    return (await product.metrics()).value("windows_pending") === 1;
  });
  const metrics = await product.metrics();
  assert.equal(metrics.value("alerts_total", { outcome: "windowed" }), STORM);
  assert.equal(metrics.value("buffered_alerts"), MAX_LISTED);
  const bytes = metrics.value("buffered_bytes") ?? Number.POSITIVE_INFINITY;
  assert.ok(bytes < 2_000_000, `${bytes} bytes are held for ${MAX_LISTED} alerts of 250`);
  line.smtp.resume();
  await line.allCommitted();
  const [mail, ...others] = await line.mails();
  assert.ok(mail);
  assert.equal(others.length, 0);
  assert.deepEqual([mail.count, mail.firstOffset, mail.lastOffset], [STORM, 0, STORM - 1]);
  assert.equal(mail.subject, `[Alert] storm - ${STORM} alerts`);
  // Every fourth is critical: of these the newest are listed.
  assert.deepEqual(
    mail.alerts,
    Array.from({ length: MAX_LISTED }, (_, i) => STORM - 4 * (MAX_LISTED - i) + 1),
  );
  assert.match(mail.text, /200 alerts are listed individually; the other 19,800 are only counted/);
  assert.match(mail.text, /critical 4,800, warning 5,000, info 10,000/);
  assert.match(mail.text, /PRESSURE 9,800/);
});
