import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMetrics } from "#test/support/metrics-page.js";

const PAGE = parseMetrics(`# HELP alert_digest_mails_total Mails
# TYPE alert_digest_mails_total counter
alert_digest_mails_total{outcome="accepted"} 40
alert_digest_mails_total{outcome="dead_lettered"} 2
alert_digest_up 1
alert_digest_odd{text="a \\"b\\" {c}, d\\\\n"} +Inf
alert_digest_wait_seconds_bucket{le="0.1",outcome="accepted"} 50
alert_digest_wait_seconds_bucket{le="0.2",outcome="accepted"} 100
alert_digest_wait_seconds_bucket{le="+Inf",outcome="accepted"} 100
alert_digest_wait_seconds_bucket{le="0.1",outcome="refused"} 0
alert_digest_wait_seconds_bucket{le="0.2",outcome="refused"} 0
alert_digest_wait_seconds_bucket{le="+Inf",outcome="refused"} 9
`);

test("a value is looked up with or without the prefix and summed over the labels that are not named", () => {
  assert.equal(PAGE.value("mails_total"), 42);
  assert.equal(PAGE.value("alert_digest_mails_total", { outcome: "accepted" }), 40);
  assert.equal(PAGE.value("mails_total", { outcome: "other" }), undefined);
  assert.equal(PAGE.value("up"), 1);
});

test("quotes, braces and backslashes in a label are read as written", () => {
  const odd = PAGE.samples.find(({ name }) => name === "alert_digest_odd");
  assert.deepEqual(odd?.labels, { text: 'a "b" {c}, d\\n' });
  assert.equal(odd?.value, Number.POSITIVE_INFINITY);
});

test("a quantile is linear within its bucket and stops at the highest finite bound", () => {
  assert.equal(PAGE.quantile("wait_seconds", 0.5, { outcome: "accepted" }), 0.1);
  assert.ok(Math.abs((PAGE.quantile("wait_seconds", 0.75, { outcome: "accepted" }) ?? 0) - 0.15) < 1e-9);
  assert.equal(PAGE.quantile("wait_seconds", 0.99), 0.2);
  assert.equal(PAGE.quantile("wait_seconds", 0.5, { outcome: "none" }), undefined);
});
