import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { StoredRecord } from "#src/kafka/record-reader.js";
import { type Desk, startDesk } from "#test/support/dead-letter-desk.js";
import { startProduct } from "#test/support/product.js";
import { type SmtpTestServer, startSmtpServer } from "#test/support/smtp-server.js";

const WINDOW_MS = 2_000;

/** The product at work on the desk's topics. */
const startWork = async (
  t: TestContext,
  mailTo = "operators@example.com",
): Promise<{ desk: Desk; smtp: SmtpTestServer }> => {
  const desk = await startDesk(t, 1);
  const smtp = await startSmtpServer();
  const product = await startProduct({
    env: {
      ...desk.env,
      WINDOW_SIZE: `${WINDOW_MS}ms`,
      WINDOW_GRACE: "100ms",
      SMTP_URL: smtp.url,
      MAIL_FROM: "alerts@example.com",
      MAIL_TO: mailTo,
      MAIL_LOCALE: "en",
      MAIL_MAX_ALERTS: "3",
    },
  });
  t.after(async () => {
    await product[Symbol.asyncDispose]();
    await smtp.close();
  });
  await product.waitReady();
  return { desk, smtp };
};

const waitForLetters = (desk: Desk, count: number): Promise<StoredRecord[]> => desk.read(desk.deadLetters, count);

/** A window that is over: its alerts are late for nothing but their own one. */
const pastWindow = (): number => Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS - 5 * WINDOW_MS;

// They mostly wait.
describe("redriven alerts", { concurrency: 2 }, () => {
  test("--to-failed-only: who was refused gets it, and nobody else gets it twice, also beside the device's other alerts", async (t) => {
    const { desk, smtp } = await startWork(t, "kim@ops.test,lee@ops.test,full@ops.test");
    smtp.behave({ onRcpt: (to) => (to === "full@ops.test" ? { code: 550, text: "5.1.1 no such user" } : undefined) });
    const start = pastWindow();
    const alerts = (text: string, count: number, at: number) =>
      Array.from({ length: count }, (_, index) => ({
        key: "boiler",
        value: { deviceId: "boiler", message: `${text}-${index}` },
        timestamp: at + index,
      }));
    await desk.producer.send(desk.alerts, alerts("first", 5, start));
    await waitForLetters(desk, 1);
    smtp.behave({ onRcpt: undefined });

    const dry = await desk.command("redrive", "0/0", "--to-failed-only", "--dry-run");
    assert.match(dry.stdout, /5 alerts of boiler only for full@ops\.test would go/);
    const redriven = await desk.command("redrive", "0/0", "--to-failed-only");
    assert.equal(redriven.code, 0, redriven.stderr);
    // Of the same device, in the same window as what came back.
    await desk.producer.send(desk.alerts, alerts("second", 2, Date.now()));
    const again = await desk.command("redrive", "0/0", "--to-failed-only");
    assert.match(again.stdout, /1 letter redriven before passed over/);

    const messages = await smtp.waitForMessages(3);
    const told = await Promise.all(
      messages.map(async ({ to, parsed }) => {
        const { text = "" } = await parsed();
        return { to: [...to].sort(), first: text.includes("first-4"), second: text.includes("second-0") };
      }),
    );
    const of = (which: "first" | "second") => told.filter((one) => one[which]).map(({ to }) => to.join());
    assert.deepEqual(of("first").toSorted(), ["full@ops.test", "kim@ops.test,lee@ops.test"]);
    assert.deepEqual(of("second"), ["full@ops.test,kim@ops.test,lee@ops.test"]);
    assert.equal(smtp.messages.length, 3);
    assert.equal((await desk.read(desk.deadLetters)).length, 1);
  });

  test("a refused window is redriven and mailed, alerts in order and marked late; refused again, its letter has the count", async (t) => {
    const { desk, smtp } = await startWork(t);
    smtp.behave({ onRcpt: () => ({ code: 550, text: "5.1.1 no such user" }) });
    const start = pastWindow();
    const alerts = Array.from({ length: 10 }, (_, index) => ({
      key: "boiler",
      value: { deviceId: "boiler", message: `alert-${index}` },
      timestamp: start + index * 10,
    }));
    await desk.producer.send(desk.alerts, alerts);
    const [first] = await waitForLetters(desk, 1);
    assert.equal(first?.headers.get("dead-letter.kind"), "window");
    assert.equal(first?.headers.has("dead-letter.redrives"), false);

    const toRefusal = await desk.command("redrive", "0/0");
    assert.equal(toRefusal.code, 0, toRefusal.stderr);
    assert.match(toRefusal.stdout, /1 dead letter with 10 alerts written/);
    const [, second] = await waitForLetters(desk, 2);
    assert.equal(second?.headers.get("dead-letter.redrives"), "1");

    smtp.behave({ onRcpt: () => undefined });
    const refused = await desk.command("redrive", "0/1", "--max-redrives", "1");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /it came back 1 times/);
    assert.match((await desk.command("list")).stdout, /^0\/1 .* redrives 1 /m);
    const toMailbox = await desk.command("redrive", "0/1");
    assert.equal(toMailbox.code, 0, toMailbox.stderr);
    const [mail] = await smtp.waitForMessages(1);
    const parsed = await mail?.parsed();
    assert.equal(parsed?.subject, "[Alert] boiler - 10 alerts");
    assert.deepEqual(parsed?.text?.match(/(?<=^ {3})alert-\d/gm), ["alert-7", "alert-8", "alert-9"]);
    assert.match(parsed?.text ?? "", /late/);
    assert.equal((await desk.read(desk.deadLetters)).length, 2);
  });

  test("a bad record that is redriven comes back with its count, and stays once that is used up", async (t) => {
    const { desk } = await startWork(t);
    await desk.producer.send(desk.alerts, [{ key: "boiler", value: "no alert", timestamp: pastWindow() }]);
    await waitForLetters(desk, 1);
    for (const redrives of [1, 2]) {
      const { code, stderr } = await desk.command("redrive", `0/${redrives - 1}`, "--max-redrives", "2");
      assert.equal(code, 0, stderr);
      const letter = (await waitForLetters(desk, redrives + 1))[redrives];
      assert.equal(letter?.headers.get("dead-letter.redrives"), String(redrives));
      assert.equal(String(letter?.value), "no alert");
    }
    const last = await desk.command("redrive", "--all", "--max-redrives", "2");
    assert.equal(last.code, 1);
    assert.match(last.stderr, /0\/2 is not redriven: it came back 2 times/);
    assert.match(last.stdout, /^0 dead letters .*2 letters redriven before/);
  });
});
