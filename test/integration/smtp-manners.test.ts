/** G5: servers that limit recipients, that end a transaction early, or that refuse a message or the sender: whoever can get the mail gets it, once. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { SmtpAction, SmtpBehaviour } from "#test/support/smtp-server.js";

const people = (count: number, name = "p"): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}@example.com`);

/** As Postfix: after so many errors in a connection it says 421 and closes. */
const closing = (errorsMax: number, said: (address: string) => SmtpAction): SmtpBehaviour => {
  const errors = new Map<number, number>();
  return {
    onRcpt: (address, { connection }) => {
      const action = said(address);
      if (action === undefined) return undefined;
      const count = (errors.get(connection) ?? 0) + 1;
      errors.set(connection, count);
      return count > errorsMax ? { code: 421, text: "4.7.0 Error: too many errors" } : action;
    },
  };
};

/** Each of them, once. */
const assertTold = (line: Line, expected: readonly string[]): void =>
  assert.deepEqual(line.smtp.messages.flatMap(({ to }) => to).toSorted(), [...expected].toSorted());

const told = (line: Line): number => line.smtp.messages.flatMap(({ to }) => to).length;

// They mostly wait.
describe("a server with manners of its own", { concurrency: 2 }, () => {
  test("25 of 40 mailboxes are full and the server closes after 20 errors: the 15 others have the mail at once", async (t) => {
    const to = people(40);
    const full = new Set(to.filter((_, i) => i % 8 < 5));
    const line = await startLine(t, { env: { MAIL_TO: to.join(",") } });
    line.smtp.behave(closing(20, (one) => (full.has(one) ? { code: 452, text: "4.2.2 mailbox full" } : undefined)));
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    await line.start();
    await line.smtp.waitFor(() => told(line) >= 15);
    assertTold(
      line,
      to.filter((one) => !full.has(one)),
    );
    line.smtp.behave({ onRcpt: undefined });
    await line.allCommitted();
    assertTold(line, to);
    assert.deepEqual(await line.deadLetters(), []);
  });

  test("60 of 100 recipients are unknown and the third error closes the connection: the 40 have the mail, the 60 are in one dead letter", async (t) => {
    const to = people(100);
    const isGone = (one: string) => (Number.parseInt(one.slice(1), 10) * 37) % 100 < 60;
    const line = await startLine(t, { env: { MAIL_TO: to.join(",") } });
    line.smtp.behave(closing(2, (one) => (isGone(one) ? { code: 550, text: "5.1.1 User unknown" } : undefined)));
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    await line.start();
    await line.allCommitted();
    assertTold(
      line,
      to.filter((one) => !isGone(one)),
    );
    const [letter, ...more] = await line.waitForDeadLetters(1);
    assert.deepEqual([letter?.headers["reason"], more.length], ["recipient-refused", 0]);
  });

  test("a server that takes 30 recipients at a time gets the rest at once, and no mail of the next window is over it", async (t) => {
    const to = people(100);
    const line = await startLine(t, { env: { MAIL_TO: to.join(","), SMTP_CONNECTIONS: "1" } });
    let surplus = 0;
    line.smtp.behave({
      onRcpt: (_, { to: taken }) => {
        if (taken.length < 30) return undefined;
        surplus++;
        return { code: 452, text: "4.5.3 Error: too many recipients" };
      },
    });
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    const product = await line.start();
    await line.allCommitted();
    assertTold(line, to);
    assert.equal(surplus, 70, "of the first transaction");
    await line.produce([{ device: "boiler", at: pastWindow(2) }]);
    await line.allCommitted();
    assert.equal(surplus, 70, "remembered");
    assertTold(line, [...to, ...to]);
    assert.equal((await product.metrics()).value("mail_retries_total", { reason: "too-many-recipients" }), 0);
    assert.deepEqual(await line.deadLetters(), []);
  });

  test("a message that is refused after its end because of one recipient reaches the others; next time that one goes alone", async (t) => {
    const to = people(20);
    const line = await startLine(t, { env: { MAIL_TO: to.join(","), SMTP_CONNECTIONS: "1" } });
    let refused = 0;
    line.smtp.behave({
      onMessage: ({ to: taken }) => {
        if (!taken.includes("p13@example.com")) return undefined;
        refused++;
        return { code: 554, text: "Transaction failed: address is on the suppression list" };
      },
    });
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    await line.start();
    await line.allCommitted();
    const others = to.filter((one) => one !== "p13@example.com");
    assertTold(line, others);
    const before = refused;
    await line.produce([{ device: "boiler", at: pastWindow(2) }]);
    await line.allCommitted();
    assert.equal(refused, before + 1);
    assertTold(line, [...others, ...others]);
    assert.equal((await line.waitForDeadLetters(2)).length, 2);
  });

  test("20 of 20 mails refused for what we are wait, the page and /metrics say so, and all leave once the server changes its mind", async (t) => {
    const devices = people(20, "device-");
    const line = await startLine(t, { env: { SMTP_RETRY_MAX: "300ms" } });
    line.smtp.behave({ onRcpt: () => ({ code: 554, text: "5.7.1 <ops@example.com>: Relay access denied" }) });
    await line.produce(devices.map((device) => ({ device, at: pastWindow(4) })));
    const product = await line.start();
    const value = async (name: string, labels = {}) => (await product.metrics()).value(name, labels) ?? 0;
    await eventually("several probes", async () => {
      return (await value("smtp_circuit_open")) === 1 && (await value("mail_retries_total", { reason: "policy" })) >= 4;
    });
    const status = (await (await get(`${product.url}/api/status`)).json()) as {
      instances: readonly { smtp: { circuitOpen: boolean; lastFailure: { reason: string; reply: string } | null } }[];
    };
    const [{ smtp } = assert.fail("no instance")] = status.instances;
    assert.deepEqual([smtp.circuitOpen, smtp.lastFailure?.reason], [true, "policy"]);
    assert.match(smtp.lastFailure?.reply ?? "", /Relay access denied/);
    const line1 = product.logs.find(({ msg }) => msg === "SMTP server refuses us; mails wait, none is given up");
    assert.match(String(line1?.["reply"]), /Relay access denied/);
    assert.deepEqual(await line.deadLetters(), []);
    line.smtp.behave({ onRcpt: undefined });
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    assert.deepEqual(await line.deadLetters(), []);
    assert.equal(await value("smtp_circuit_open"), 0);
  });

  test("a login that the server does not offer is unreachable, and no mail goes without it", async (t) => {
    const line = await startLine(t, { env: { SMTP_TLS: "off" } });
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    const url = `smtp://alerts:secret@${line.smtp.host}:${line.smtp.port}`;
    const product = await line.start({ SMTP_URL: url });
    await eventually("it says so", () =>
      product.logs.some(({ reason, phase }) => reason === "auth" && phase === "login"),
    );
    assert.equal(line.smtp.acceptedCount, 0);
    assert.ok(!JSON.stringify(product.logs).includes("secret@"));
    await product.stop();
    await line.start();
    await line.allCommitted();
  });
});
