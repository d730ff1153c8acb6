/** Servers that are slow, and servers that say too much. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { createSmtpMailer } from "#src/mail/smtp-mailer.js";
import type { SmtpMailerOptions } from "#src/mail/smtp-options.js";
import type { SendOutcome } from "#src/runtime/ports.js";
import { always, mail, ONE, setup, verdict, withDeadline } from "#test/support/smtp-mailer-setup.js";
import { after } from "#test/support/smtp-server.js";

test("a server that takes longer than a step's deadline for its last reply gets one mail, and it is accepted", async (t) => {
  const taken = await withDeadline("accepted", async (timeoutMs) => {
    const { smtp, mailer } = await setup(
      t,
      { onMessage: () => after(2 * timeoutMs) },
      { timeoutMs, replyTimeoutMs: 60_000 },
    );
    const outcome = await mailer.send(mail(), ONE);
    assert.ok(smtp.acceptedCount <= 1);
    return verdict(outcome);
  });
  assert.equal(taken, "accepted");
});

test("the last reply has a deadline of its own, and the mail may have been taken", async (t) => {
  const { smtp, mailer } = await setup(
    t,
    { onMessage: always("stall") },
    { timeoutMs: 60_000, replyTimeoutMs: 200, connections: 1 },
  );
  const outcome = await mailer.send(mail(), ONE);
  assert.equal(verdict(outcome), "ambiguous sent timeout");
  assert.match(outcome.kind === "ambiguous" ? (outcome.failure.detail ?? "") : "", /0\.2 s \(SMTP_REPLY_TIMEOUT\)/);
  await smtp.waitFor(() => smtp.concurrentConnections === 0);
});

test("each reply begins a new step: all together may take longer than the deadline of one", async (t) => {
  const taken = await withDeadline("accepted", async (timeoutMs) => {
    const slow = () => after(timeoutMs / 2);
    const hooks = { onConnect: slow, onEhlo: slow, onMail: slow, onData: slow };
    const { mailer } = await setup(t, { ...hooks, pipelining: false }, { timeoutMs });
    return verdict(await mailer.send(mail(), ONE));
  });
  assert.equal(taken, "accepted");
});

test("forty recipients whose replies all come at the end have time for it", async (t) => {
  const to = Array.from({ length: 40 }, (_, i) => `r${i}@ops.test`);
  // MAIL is answered only after five deadlines of a step, as by Sendmail with its replies to pipelined commands.
  const taken = await withDeadline("accepted", async (timeoutMs) => {
    const { mailer } = await setup(
      t,
      { onMail: () => after(5 * timeoutMs) },
      { timeoutMs: Math.min(timeoutMs, 2_000) },
    );
    return verdict(await mailer.send(mail(), to));
  });
  assert.equal(taken, "accepted");
});

/** A server of few words: what it answers to each line, as bytes. */
const raw = async (t: TestContext, answer: (line: string, socket: Socket) => void, greeting = "220 raw\r\n") => {
  const server = createServer((socket) => {
    t.after(() => socket.destroy());
    socket.on("error", () => undefined);
    socket.write(greeting);
    let rest = "";
    socket.on("data", (chunk) => {
      const lines = (rest + chunk.toString("latin1")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) answer(line, socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
};

const mailerFor = (t: TestContext, port: number, options: Partial<SmtpMailerOptions> = {}) => {
  const mailer = createSmtpMailer({
    host: "127.0.0.1",
    port,
    secure: false,
    tls: "off",
    connections: 1,
    timeoutMs: 60_000,
    replyTimeoutMs: 60_000,
    idleMs: 60_000,
    mailsPerConnection: 10,
    ...options,
  });
  t.after(() => mailer.close());
  return mailer;
};

const failureOf = (outcome: SendOutcome) => (outcome.kind === "accepted" ? undefined : outcome.failure);

/** Writes until the other side hangs up; resolves with how much that was. */
const babble = (socket: Socket, words: Buffer): Promise<number> =>
  new Promise((resolve) => {
    let written = 0;
    const go = (): void => {
      while (!socket.destroyed && socket.write(words)) written += words.length;
      written += words.length;
    };
    socket.on("drain", go);
    socket.once("close", () => resolve(written));
    go();
  });

const BABBLE: readonly (readonly [string, string])[] = [
  ["empty lines", "\r\n"],
  ["a line without an end", "x"],
  ["a reply without an end", "250-and more\r\n"],
];

for (const [what, words] of BABBLE) {
  test(`a server that never stops talking (${what}) is left, with a clear word and within bounds`, async (t) => {
    const babbled: Promise<number>[] = [];
    const port = await raw(t, (line, socket) => {
      if (line.startsWith("EHLO")) socket.write("250 raw\r\n");
      else if (line.startsWith("MAIL")) babbled.push(babble(socket, Buffer.from(words.repeat(32_768 / words.length))));
    });
    const before = process.memoryUsage().rss;
    const outcome = await mailerFor(t, port).send(mail(), ONE);
    assert.equal(verdict(outcome), "deferred mail protocol");
    assert.match(failureOf(outcome)?.detail ?? "", /talks without end|exceeds maximum/);
    // It was left long before the deadline, and little of what it said was kept.
    await babbled[0];
    assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024, "memory is bounded");
  });
}

test("a server that never stops talking after the end of the message may have the mail", async (t) => {
  const port = await raw(t, (line, socket) => {
    if (line === "DATA") socket.write("354 go on\r\n");
    else if (line === ".") void babble(socket, Buffer.from("250-more\r\n".repeat(1_000)));
    else if (/^(?:EHLO|MAIL|RCPT)/.test(line)) socket.write("250 ok\r\n");
  });
  assert.equal(verdict(await mailerFor(t, port).send(mail(), ONE)), "ambiguous sent protocol");
});

test("a server that never stops talking instead of greeting is unreachable", async (t) => {
  const port = await raw(t, () => undefined, "220-hello\r\n".repeat(20_000));
  assert.equal(verdict(await mailerFor(t, port).send(mail(), ONE)), "unreachable greeting protocol");
});

test("replies of 64 KB are read, and cut where they are shown", async (t) => {
  const long = (code: number): string => `${`${code}-${"y".repeat(1_000)}\r\n`.repeat(64)}${code} 4.2.2 the end\r\n`;
  const port = await raw(t, (line, socket) => {
    if (line.startsWith("RCPT TO:<full")) socket.write(long(452));
    else if (/^(?:EHLO|MAIL|RCPT)/.test(line)) socket.write(long(250));
    else if (line === "DATA") socket.write("354 go on\r\n");
    else if (line === ".") socket.write(long(250));
  });
  const outcome = await mailerFor(t, port).send(mail(), ["ok@x.test", "full@x.test"]);
  assert.ok(outcome.kind === "accepted", verdict(outcome));
  assert.ok(outcome.reply.length <= 500);
  const [full] = outcome.deferred;
  assert.equal(full?.address, "full@x.test");
  assert.ok((full?.reply.length ?? 0) <= 500 && full?.reply.startsWith("452-yyyy"), full?.reply);
});

test("a reply in Latin-1 is read as such, one in UTF-8 as that", async (t) => {
  for (const [encoding, text] of [
    ["latin1", "Boîte pleine, désolé"],
    ["utf8", "사서함이 가득 찼습니다"],
  ] as const) {
    const port = await raw(t, (line, socket) => {
      if (line.startsWith("RCPT")) socket.write(Buffer.from(`452 4.2.2 ${text}\r\n`, encoding));
      else if (line === "DATA") socket.write("503 no recipients\r\n");
      else if (/^(?:EHLO|MAIL)/.test(line)) socket.write("250 ok\r\n");
    });
    const outcome = await mailerFor(t, port).send(mail(), ONE);
    assert.equal(verdict(outcome), "deferred rcpt recipient-deferred 452");
    assert.equal(failureOf(outcome)?.reply, `452 4.2.2 ${text}`);
  }
});
