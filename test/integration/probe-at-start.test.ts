/** What an operator knows of the mail server before the first alert comes. */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { startLine } from "#test/support/line.js";

const AUTH = { user: "alerts", pass: "right" };

const started = async (t: TestContext, login: string) => {
  const line = await startLine(t, { smtp: { auth: AUTH } });
  const product = await line.start({ SMTP_URL: `smtp://${login}127.0.0.1:${line.smtp.port}` });
  return { line, product };
};

test("a wrong password is known, with host, port and the server's words, and is no reason not to be ready", async (t) => {
  const { line, product } = await started(t, "alerts:wrong@");
  await eventually("it says so", () =>
    product.logs.some((entry) => entry["reason"] === "auth" && JSON.stringify(entry).includes(String(line.smtp.port))),
  );
  assert.equal((await product.metrics()).value("smtp_reachable"), 0);
  assert.equal(line.smtp.acceptedCount, 0);
  assert.equal(await product.stop(), 0);
});

test("a right one is known as well", async (t) => {
  const { product } = await started(t, "alerts:right@");
  await eventually("it was tried", async () => (await product.metrics()).value("smtp_reachable") === 1);
  assert.equal(await product.stop(), 0);
});

test("a server that offers a login to a client without one is a warning", async (t) => {
  const { product } = await started(t, "");
  await eventually("it warns", () =>
    product.logs.some(
      ({ level, msg }) =>
        level === "warn" && String(msg).startsWith("the SMTP server offers a login and SMTP_URL has none"),
    ),
  );
  assert.equal(await product.stop(), 0);
});
