/** What is wrong with the configuration or the cluster is said in a sentence, and the exit code tells which it is. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { freePort } from "#test/support/free-ports.js";
import { get } from "#test/support/get.js";
import { startLine } from "#test/support/line.js";
import { type Product, startProduct } from "#test/support/product.js";

const VALID = {
  KAFKA_BROKERS: "127.0.0.1:1",
  SMTP_URL: "smtp://127.0.0.1:1",
  MAIL_FROM: "alerts@example.com",
  MAIL_TO: "operators@example.com",
};

async function runWith(t: TestContext, env: Record<string, string>, args?: readonly string[]): Promise<Product> {
  const product = await startProduct({ env, ...(args ? { args } : {}) });
  t.after(() => product[Symbol.asyncDispose]());
  return product;
}

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The reason of the one fatal line. */
async function fatalReason(product: Product): Promise<string> {
  assert.deepEqual(await product.exited(), { code: 1, signal: null });
  const fatal = product.logs.filter(({ level }) => level === "fatal" || level === 60);
  assert.equal(fatal.length, 1, JSON.stringify(product.logs));
  const reason = String(fatal[0]?.["reason"]);
  assert.doesNotMatch(reason, /[\r\n]/, "one line");
  assert.deepEqual(
    product.logs.filter((line) => "unparsed" in line),
    [],
  );
  return reason;
}

async function fetchUntilUp(product: Product): Promise<void> {
  const status = await eventually("it answers, or is gone", async () =>
    product.running() ? (await get(`${product.url}/readyz`)).status : "gone",
  );
  assert.equal(status, 503);
}

// They mostly wait.
describe("configuration and cluster", { concurrency: 4 }, () => {
  test("without any configuration every variable that is needed is named at once, exit 78", async (t) => {
    const product = await runWith(t, {});
    assert.equal((await product.exited()).code, 78);
    for (const name of ["KAFKA_BROKERS", "SMTP_URL", "MAIL_FROM"])
      assert.match(product.stderr(), new RegExp(`  ${name}: `));
    assert.equal(product.logs.length, 0);
  });

  test("files without an end are told as that, each with its variable, exit 78", async (t) => {
    const endless = { SMTP_CA_FILE: "/dev/zero", MAIL_TEXT_TEMPLATE: "/dev/zero", ROUTES_FILE: "/dev/zero" };
    const product = await runWith(t, { ...VALID, ...endless, SMTP_URL: "", SMTP_URL_FILE: "/dev/zero" });
    assert.equal((await product.exited()).code, 78);
    for (const name of [...Object.keys(endless), "SMTP_URL_FILE"])
      assert.match(
        product.stderr(),
        new RegExp(`  ${name}: .*it has more than 16 MiB, or no end`.replace("ROUTES_FILE: ", "")),
      );
  });

  test("several wrong values and a misspelt name are in one report, exit 78, and no secret is", async (t) => {
    const product = await runWith(t, {
      ...VALID,
      KAFKA_BROKERS: "kafka",
      SMTP_URL: "smtp://user:hunter2@mail example:25",
      WINDOW_SIZE: "30",
      MAIL_FROM: "Alerts\r\nBcc: victim@example.com <alerts@example.com>",
      MAIL_TO: "a@example.com,,b@example.com",
      KAFKA_SASL_MECHANISM: "plain",
      KAFKA_SASL_USERNAME: "user",
      KAFKA_SASL_PASWORD: "hunter2",
    });
    assert.equal((await product.exited()).code, 78);
    const report = product.stderr();
    for (const name of ["KAFKA_BROKERS", "SMTP_URL", "WINDOW_SIZE", "MAIL_FROM", "MAIL_TO", "KAFKA_SASL_PASSWORD"])
      assert.match(report, new RegExp(`  ${name}: `));
    assert.match(report, /KAFKA_SASL_PASWORD.*KAFKA_SASL_PASSWORD/);
    assert.doesNotMatch(report, /hunter2/);
  });

  test("a start in which nobody could be told: exit 78, with the three ways to name somebody", async (t) => {
    const directory = await temporaryDirectory(t);
    const routes = join(directory, "routes.yaml");
    await writeFile(routes, "version: 1\nroutes: []\n");
    for (const env of [{}, { ROUTES_FILE: routes }]) {
      const product = await runWith(t, { ...VALID, MAIL_TO: "", ...env });
      assert.equal((await product.exited()).code, 78);
      assert.match(product.stderr(), /MAIL_TO: .*ROUTES_FILE.*nobody would be told/);
      assert.match(product.stderr(), /example: {2}MAIL_TO=/);
      assert.equal(product.logs.length, 0);
    }
  });

  test("names that other programs use are answered with ours, at the start and beside what is missing", async (t) => {
    const usual = { KAFKA_TOPIC: "alerts", SMTP_HOST: "mail", SMTP_USER: "u", SMTP_PASSWORD: "hunter2" };
    const wrong = await runWith(t, { ...usual, KAFKA_BOOTSTRAP_SERVERS: "kafka:9092" });
    assert.equal((await wrong.exited()).code, 78);
    assert.match(wrong.stderr(), /KAFKA_TOPIC is not a variable .* use KAFKA_ALERTS_TOPIC/);
    assert.match(wrong.stderr(), /KAFKA_BOOTSTRAP_SERVERS is not a variable .* use KAFKA_BROKERS/);
    assert.match(wrong.stderr(), /SMTP_HOST, SMTP_USER and SMTP_PASSWORD are not variables .* use SMTP_URL/);
    assert.doesNotMatch(wrong.stderr(), /hunter2/);

    const product = await runWith(t, { ...VALID, ...usual });
    await eventually("it warns", () =>
      product.logs.some(
        ({ level, msg }) => level === "warn" && /KAFKA_TOPIC .* use KAFKA_ALERTS_TOPIC/.test(String(msg)),
      ),
    );
    await product.stop();
  });

  for (const variable of ["SMTP_URL_FILE", "KAFKA_SASL_PASSWORD_FILE", "KAFKA_SSL_CA_FILE", "SMTP_CA_FILE"]) {
    test(`${variable} that cannot be read, or is empty, is said with its path, exit 78`, async (t) => {
      const directory = await temporaryDirectory(t);
      const empty = join(directory, "empty");
      await writeFile(empty, "");
      const { SMTP_URL, ...others } = VALID;
      const sasl = { KAFKA_SASL_MECHANISM: "plain", KAFKA_SASL_USERNAME: "user", KAFKA_SSL: "true" };
      const rest = variable === "SMTP_URL_FILE" ? others : { ...others, SMTP_URL };
      const needed = variable === "KAFKA_SASL_PASSWORD_FILE" ? sasl : { KAFKA_SSL: "true" };
      // A directory is what a mount leaves behind whose source is missing; root reads any file, so no test by mode.
      for (const path of [join(directory, "missing"), directory, empty]) {
        const product = await runWith(t, { ...rest, ...needed, [variable]: path });
        assert.equal((await product.exited()).code, 78);
        assert.ok(product.stderr().includes(variable), product.stderr());
        assert.ok(product.stderr().includes(path), product.stderr());
      }
    });
  }

  test("a secret from a file works, and is neither in the log nor on the status pages", async (t) => {
    const directory = await temporaryDirectory(t);
    const line = await startLine(t, { smtp: { auth: { user: "alerts", pass: "s3cret/&pass" } } });
    const file = join(directory, "smtp-url");
    await writeFile(file, `${line.smtp.url}\n`);
    const { SMTP_URL: _, ...env } = line.env;
    const product = await runWith(t, { ...env, SMTP_URL_FILE: file, LOG_LEVEL: "trace" });
    await product.waitReady();
    await line.produce([{ device: "boiler" }]);
    await line.allMailed();
    await line.allCommitted();
    const pages = await Promise.all(
      ["/", "/api/status", "/metrics", "/readyz", "/livez"].map(async (path) => (await get(product.url + path)).text()),
    );
    assert.equal(await product.stop(), 0);
    const shown = [JSON.stringify(product.logs), product.stderr(), ...pages].join("\n");
    for (const form of [
      "s3cret",
      encodeURIComponent("s3cret/&pass"),
      btoa("\0alerts\0s3cret/&pass"),
      btoa("s3cret/&pass"),
    ])
      assert.ok(!shown.includes(form), form);
  });

  test("a broker nobody listens at: exit 1, and the one reason names the address and KAFKA_BROKERS", async (t) => {
    const brokers = `127.0.0.1:${await freePort()}`;
    const reason = await fatalReason(await runWith(t, { ...VALID, KAFKA_BROKERS: brokers }));
    assert.ok(reason.includes(brokers), reason);
    assert.match(reason, /KAFKA_BROKERS/);
  });

  test("a broker whose name does not resolve: exit 1, and the one reason names it and KAFKA_BROKERS", async (t) => {
    const reason = await fatalReason(await runWith(t, { ...VALID, KAFKA_BROKERS: "kafka.invalid:9092" }));
    assert.match(reason, /kafka\.invalid:9092/);
    assert.match(reason, /KAFKA_BROKERS/);
  });

  test("a topic that does not exist: exit 1, the reason names it and KAFKA_ALERTS_TOPIC, and it is not created", async (t) => {
    const line = await startLine(t);
    const product = await line.launch({ KAFKA_ALERTS_TOPIC: `${line.topic}-misspelt` });
    const reason = await fatalReason(product);
    assert.ok(reason.includes(`${line.topic}-misspelt`), reason);
    assert.match(reason, /KAFKA_ALERTS_TOPIC/);
    assert.ok(!(await line.admin.listTopics()).includes(`${line.topic}-misspelt`));
  });

  test("an HTTP port that is taken: exit 1, and the reason names it", async (t) => {
    const line = await startLine(t);
    const first = await line.start();
    const port = new URL(first.url).port;
    const reason = await fatalReason(await line.launch({ HTTP_PORT: port }));
    assert.ok(reason.includes(port), reason);
  });

  test("a broker that stays unknown does not hold a stop: SIGTERM exits 0", async (t) => {
    const product = await runWith(t, { ...VALID, KAFKA_BROKERS: `127.0.0.1:${await freePort()}` });
    await fetchUntilUp(product);
    assert.equal(await product.stop(), 0);
  });
});
