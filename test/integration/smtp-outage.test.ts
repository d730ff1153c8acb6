/**
 * G1, G5: a server that cannot be talked to is nobody's fault: nothing is lost and nothing dead-lettered, however long it takes.
 * The outages here are shorter than in life and SMTP_RETRY_BUDGET much shorter still: that the time does not count shows all
 * the same, since each outage lasts until the budget is spent several times over.
 */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, type LineOptions, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";

const BUDGET_MS = 300;

async function startOutageLine(t: TestContext, options: LineOptions = {}): Promise<Line> {
  const env = { SMTP_RETRY_BUDGET: `${BUDGET_MS}ms`, ...options.env };
  return startLine(t, { ...options, env });
}

const attempts = async (product: Product, outcome: string): Promise<number> =>
  (await product.metrics()).value("mail_send_duration_seconds_count", { outcome }) ?? 0;

/** Resolves when the outage has lasted ten budgets and several probes; with what the log says of it, a line per reason. */
async function outlastBudget(product: Product): Promise<readonly Record<string, unknown>[]> {
  const told = () => product.logs.filter(({ msg }) => String(msg).startsWith("SMTP server unreachable"));
  await eventually("it notices", () => told().length > 0);
  const since = Date.now();
  await eventually("ten budgets and four probes", async () => {
    return Date.now() > since + 10 * BUDGET_MS && (await attempts(product, "unreachable")) >= 4;
  });
  assert.equal((await product.metrics()).value("smtp_circuit_open"), 1);
  return told();
}

async function assertNothingGivenUp(line: Line, product: Product): Promise<void> {
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  assert.deepEqual(await line.deadLetters(), []);
  const metrics = await product.metrics();
  assert.equal(metrics.value("mails_total", { outcome: "dead_lettered" }), 0);
  assert.equal(metrics.value("smtp_circuit_open"), 0);
}

// They mostly wait.
describe("an SMTP server that cannot be used", { concurrency: 4 }, () => {
  test("SMTP unreachable for far longer than the retry budget, while alerts go on: nothing lost, nothing dead-lettered", async (t) => {
    const line = await startOutageLine(t);
    const devices = Array.from({ length: 12 }, (_, i) => `device-${i}`);
    const product = await line.start();
    await line.produce(devices.map((device) => ({ device })));
    await eventually("some mail is under way", () => line.smtp.totalConnections > 0);
    await line.smtp.stop();
    await line.produce(devices.map((device) => ({ device })));
    const faults = await outlastBudget(product);
    // A connection that the stop cut before its greeting is told too, before or after the first one refused.
    const refused = faults.some(({ phase, reason }) => phase === "connect" && reason === "connection-refused");
    assert.ok(refused, JSON.stringify(faults));
    await line.produce(devices.map((device) => ({ device })));
    assert.equal(await product.stop(), 0, "a stop does not wait for the server");
    const again = await line.start();
    await line.smtp.start();
    await line.allMailed();
    await line.allCommitted();
    const { problems, missing } = await line.books();
    assert.deepEqual([problems, missing], [[], []]);
    assert.deepEqual(await line.deadLetters(), []);
    assert.equal((await again.metrics()).value("mails_total", { outcome: "dead_lettered" }), 0);
  });

  test("a retry budget that began before the server went away goes on where it was once it is back", async (t) => {
    const line = await startOutageLine(t, { env: { SMTP_RETRY_BUDGET: "1500ms" } });
    let refusals = 0;
    line.smtp.behave({
      onMessage: () => {
        refusals++;
        return { code: 451, text: "4.3.0 try later" };
      },
    });
    await line.produce([{ device: "boiler", at: pastWindow(4) }]);
    const product = await line.start();
    await eventually("its budget has begun", () => refusals > 0);
    await line.smtp.stop();
    await outlastBudget(product);
    line.smtp.behave({ onMessage: undefined });
    await line.smtp.start();
    await assertNothingGivenUp(line, product);
  });

  test("a server that says 421 to everybody, or drops them before the greeting, loses nothing", async (t) => {
    const line = await startOutageLine(t);
    line.smtp.behave({
      onConnect: ({ connection }) => (connection % 2 === 0 ? "drop" : { code: 421, text: "4.3.2 shutting down" }),
    });
    await line.produce(Array.from({ length: 10 }, (_, i) => ({ device: `device-${i}`, at: pastWindow(4) })));
    const product = await line.start();
    await outlastBudget(product);
    line.smtp.behave({ onConnect: undefined });
    await assertNothingGivenUp(line, product);
  });

  test("a wrong SMTP login: nothing is lost, the log says it is the login and not the password, and mails leave once it is right", async (t) => {
    const line = await startOutageLine(t, { smtp: { auth: { user: "alerts", pass: "right-horse" } } });
    let accepting = false;
    line.smtp.behave({
      onAuth: () => (accepting ? undefined : { code: 535, text: "5.7.8 Authentication credentials invalid" }),
    });
    await line.produce([{ device: "boiler", at: pastWindow(4) }]);
    const product = await line.start();
    const [fault = {}] = await outlastBudget(product);
    assert.deepEqual([fault["phase"], fault["reason"]], ["login", "auth"]);
    assert.match(String(fault["reply"]), /535/);
    assert.ok(((await product.metrics()).value("mail_retries_total", { reason: "auth" }) ?? 0) > 0);
    accepting = true;
    await assertNothingGivenUp(line, product);
    assert.equal(line.smtp.messages[0]?.context.user, "alerts");
    assert.ok(!JSON.stringify(product.logs).includes("right-horse"));
  });

  test("an operator who corrects a wrong SMTP password and restarts gets every mail", async (t) => {
    const line = await startOutageLine(t, { smtp: { auth: { user: "alerts", pass: "right-horse" } } });
    await line.produce([{ device: "boiler", at: pastWindow(4) }]);
    const wrong = await line.start({ SMTP_URL: line.smtp.url.replace("right", "wrong") });
    await outlastBudget(wrong);
    assert.equal(await wrong.stop(), 0);
    assert.ok(!JSON.stringify(wrong.logs).includes("wrong-horse"));
    await assertNothingGivenUp(line, await line.start());
  });

  for (const [tls, title] of [
    ["none", "SMTP_TLS=require and a server without STARTTLS"],
    ["starttls", "SMTP_TLS=require and a certificate nobody vouches for"],
    ["implicit", "smtps:// and a certificate nobody vouches for"],
  ] as const) {
    test(`${title}: no mail leaves, none is lost, and the reason is tls`, async (t) => {
      const line = await startOutageLine(t, { smtp: { tls }, env: { SMTP_TLS: "require" } });
      await line.produce([{ device: "boiler", at: pastWindow(4) }]);
      const product = await line.start();
      const [fault = {}] = await outlastBudget(product);
      assert.deepEqual([fault["phase"], fault["reason"]], ["tls", "tls"]);
      assert.equal(line.smtp.acceptedCount, 0);
      assert.equal(await product.stop(), 0);
      await assertNothingGivenUp(line, await line.start({ SMTP_TLS: "opportunistic" }));
    });
  }
});
