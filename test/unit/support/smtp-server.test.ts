import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { startSmtpServer } from "#test/support/smtp-server.js";

/** Linux takes the ports of outgoing connections from here on. */
const OUTGOING_FROM = 32_768;

const isAnswered = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

test("a server that was stopped comes back on its port, which no outgoing connection takes meanwhile", async () => {
  const smtp = await startSmtpServer();
  try {
    const { port } = smtp;
    assert.ok(port > 0 && port < OUTGOING_FROM, `port ${port}`);
    assert.equal(await isAnswered(port), true);
    await smtp.stop();
    assert.equal(await isAnswered(port), false);
    await smtp.start();
    assert.equal(smtp.port, port);
    assert.equal(await isAnswered(port), true);
  } finally {
    await smtp.close();
  }
});
