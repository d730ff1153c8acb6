/** `alert-digest check` against a real broker, a real PostgreSQL and a real mail server: all well, and each thing wrong once. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { withAdmin } from "#test/support/kafka-admin.js";
import { type Postgres, startPostgres } from "#test/support/postgres.js";
import { runCli } from "#test/support/run-cli.js";
import { type SmtpServerOptions, startSmtpServer } from "#test/support/smtp-server.js";
import { startProducer } from "#tools/simulator/producer.js";

const AUTH = { user: "alerts", pass: "correct-horse" };

const mappingFile = async (t: TestContext, mapping: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "mapping-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "mapping.yaml"), `version: 1\n${mapping}\n`);
  return join(folder, "mapping.yaml");
};

describe("check", { concurrency: 2 }, () => {
  let kafka: Kafka;
  let postgres: Postgres;
  let database: string;
  before(async () => {
    [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
    database = await postgres.createDatabase();
  });
  after(async () => {
    await Promise.all([kafka?.close(), postgres?.close()]);
  });

  /** An environment in which all is well. */
  const well = async (t: TestContext, server: SmtpServerOptions = { auth: AUTH }) => {
    const smtp = await startSmtpServer(server);
    t.after(() => smtp.close());
    const name = `check-${randomBytes(4).toString("hex")}`;
    await kafka.createTopic(name, 3);
    await kafka.createTopic(`${name}.dead`, 1);
    const env = {
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_ALERTS_TOPIC: name,
      KAFKA_DEAD_LETTER_TOPIC: `${name}.dead`,
      KAFKA_GROUP_ID: name,
      SMTP_URL: smtp.url,
      MAIL_FROM: "alerts@example.com",
      RECIPIENTS_DATABASE_URL: postgres.url({ database }),
    };
    return { smtp, name, env };
  };

  test("a server that takes less than MAIL_MAX_SIZE is one to know of", async (t) => {
    const { env } = await well(t, { auth: AUTH, size: 5_000_000 });
    const { code, stdout } = await runCli(["check"], env);
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /^OK {5}mail server: .* and takes the login; it takes mails of 5000000 bytes at most, and MAIL_MAX_SIZE is 9437184: set that lower/m,
    );
  });

  test("all is well: a line for each, nothing joined, committed, created or written, and no mail", async (t) => {
    const { smtp, name, env } = await well(t);
    const { code, stdout, stderr } = await runCli(["check"], { ...env, KAFKA_SENT_TOPIC: `${name}.sent` });
    assert.deepEqual(
      stdout.trim().split("\n"),
      [
        "OK     settings: all can be read",
        `OK     Kafka: 1 broker at ${kafka.brokers}`,
        `OK     topic ${name}: can be read, 3 partitions`,
        `OK     group ${name}: can be joined`,
        `OK     topic ${name}.dead: can be written`,
        `OK     topic ${name}.sent: does not exist yet: run creates it (KAFKA_SENT_TOPIC)`,
        `OK     records: ${name} has none yet, so nothing could be tried`,
        "OK     recipients database: answers the query",
        `OK     mail server: 127.0.0.1:${smtp.port} answers and takes the login`,
      ],
      stderr,
    );
    assert.equal(code, 0);
    assert.equal(smtp.messages.length, 0);
    await withAdmin(kafka.brokers, async (admin) => {
      const { groups } = await admin.listGroups();
      assert.ok(!groups.some(({ groupId }) => groupId === name));
      const [end] = await admin.fetchTopicOffsets(`${name}.dead`);
      assert.equal(end?.offset, "0");
      assert.ok(!(await admin.listTopics()).includes(`${name}.sent`));
    });
  });

  test("the newest records are read on trial as run would read them, and nothing is committed or joined", async (t) => {
    const { name, env } = await well(t);
    const producer = await startProducer(kafka.brokers);
    t.after(() => producer.close());
    const alert = (n: number) => ({ deviceId: "d", message: `m${n}`, severity: "HIGH", value: "41.5" });
    const records = Array.from({ length: 150 }, (_, n) => ({ key: "d", value: alert(n), partition: n % 3 }));
    await producer.send(name, [...records, { key: "d", value: null, partition: 0 }]);
    const said = async (more: Record<string, string> = {}): Promise<string> => {
      const { stdout } = await runCli(["check"], { ...env, ...more });
      return stdout.split("\n").find((line) => line.includes(" records: ")) ?? stdout;
    };
    assert.equal(
      await said(),
      `OK     records: of the newest 100 of ${name} 99 can be read as alerts; 1 is ignored (a tombstone 1); not as documented, and read kindly: severity 99, value 99`,
    );
    const file = await mappingFile(t, "fields: { deviceId: /deviceId, message: /message, unit: /einheit }");
    assert.match(
      await said({ MAPPING_FILE: file }),
      /^OK {5}records: of .* 99 can be read as alerts; .*; the mapping found nothing in any of them for unit: \/einheit$/,
    );
    const wrong = await mappingFile(t, "fields: { deviceId: /deviceId, message: /txt }");
    assert.match(
      await said({ MAPPING_FILE: wrong }),
      /^WRONG {2}records: of .* 0 can be read as alerts; .*; 99 cannot be read \(not-an-alert 99\), such as \d\/\d+: .*nothing is at \/txt; set RECORD_ENVELOPE/,
    );
    await withAdmin(kafka.brokers, async (admin) => {
      const { groups } = await admin.listGroups();
      assert.deepEqual(
        groups.filter(({ groupId }) => groupId.startsWith(name)),
        [],
      );
    });
  });

  test("--mail sends one real mail, to that address only", async (t) => {
    const { smtp, env } = await well(t);
    const { code, stdout } = await runCli(["check", "--mail", "kim@ops.test"], { ...env, MAIL_TO: "all@ops.test" });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /OK {5}mail to kim@ops\.test: the server took it: 250/);
    assert.deepEqual(
      smtp.messages.map(({ to, from }) => [from, to]),
      [["alerts@example.com", ["kim@ops.test"]]],
    );
  });

  test("a mail that is refused is told with the server's words", async (t) => {
    const { env } = await well(t, { auth: AUTH, onRcpt: () => ({ code: 550, text: "5.1.1 nobody" }) });
    const { code, stdout } = await runCli(["check", "--mail", "kim@ops.test"], env);
    assert.equal(code, 1);
    assert.match(stdout, /WRONG {2}mail to kim@ops\.test: refused at rcpt.*550 5\.1\.1 nobody/);
  });

  /** What each change of the environment makes wrong; all else is tried too. */
  const WRONGS: readonly (readonly [string, (env: Record<string, string>) => Record<string, string>, RegExp])[] = [
    [
      "no such topic",
      () => ({ KAFKA_ALERTS_TOPIC: "not-there" }),
      /WRONG {2}topic not-there: it does not exist.*create it/,
    ],
    [
      "no broker",
      () => ({ KAFKA_BROKERS: "127.0.0.1:1" }),
      /WRONG {2}Kafka: .*127\.0\.0\.1:1 refuses the connection.*check KAFKA_BROKERS/,
    ],
    [
      "a wrong password",
      ({ SMTP_URL = "" }) => ({ SMTP_URL: SMTP_URL.replace(AUTH.pass, "wrong") }),
      /WRONG {2}mail server: the mail server at 127\.0\.0\.1:\d+ does not take the login \(535.*correct the user or password/,
    ],
    [
      "no login",
      ({ SMTP_URL = "" }) => ({ SMTP_URL: SMTP_URL.replace(/\/\/.*@/, "//") }),
      /OK {5}mail server: .*answers; it offers a login, and SMTP_URL has none/,
    ],
    [
      "no mail server",
      () => ({ SMTP_URL: "smtp://127.0.0.1:1" }),
      /WRONG {2}mail server: nobody takes connections at 127\.0\.0\.1:1/,
    ],
    [
      "a database that is away",
      () => ({ RECIPIENTS_DATABASE_URL: "postgres://alerts:word-horse@127.0.0.1:1/alerts" }),
      /WRONG {2}recipients database: it does not answer.*check RECIPIENTS_DATABASE_URL/,
    ],
    [
      "a query that is none",
      () => ({ RECIPIENTS_QUERY: "SELECT address FROM nowhere WHERE device = $1" }),
      /WRONG {2}recipients database: .*nowhere.*correct RECIPIENTS_QUERY/,
    ],
  ];
  for (const [what, change, said] of WRONGS) {
    test(`${what} is told, with what to do, and everything else is tried`, async (t) => {
      const { env } = await well(t);
      const { code, stdout, stderr } = await runCli(["check"], { ...env, ...change(env) });
      assert.match(stdout, said, stderr);
      assert.equal(code, said.source.startsWith("OK") ? 0 : 1);
      assert.match(stdout, /mail server/);
      assert.match(stdout, /recipients database/);
      assert.ok(!stdout.includes(AUTH.pass) && !stderr.includes(AUTH.pass));
    });
  }

  test("settings that are wrong are told as run tells them, with exit code 78", async (t) => {
    const { env } = await well(t);
    const { code, stdout, stderr } = await runCli(["check"], { ...env, MAIL_FROM: "nobody" });
    assert.deepEqual([code, stdout], [78, ""]);
    assert.match(stderr, /MAIL_FROM/);
    assert.equal((await runCli(["check", "--mail", "nobody"], env)).code, 64);
  });
});
