/** Logins, rights and TLS of a broker that insists on them. The test itself comes in by a listener that trusts everybody. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import kafkajs, { type AclEntry } from "kafkajs";
import type { GroupStatus } from "#src/http/status-shape.js";
import { eventually } from "#test/support/eventually.js";
import { freePorts } from "#test/support/free-ports.js";
import { get } from "#test/support/get.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { createTopic } from "#test/support/kafka-admin.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { runCli } from "#test/support/run-cli.js";
import { TEST_CERTIFICATE } from "#test/support/test-certificate.js";

const USER = "alerts";
const PASSWORD = "correct-horse";
const { AclOperationTypes: Operation, AclResourceTypes: Resource } = kafkajs;

let kafka: Kafka;
let directory: string;
let saslBroker: string;
let tlsBroker: string;
let caFile: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  const keystore = join(directory, "broker.pem");
  caFile = join(directory, "ca.pem");
  await writeFile(keystore, `${TEST_CERTIFICATE.key}\n${TEST_CERTIFICATE.cert}\n`);
  await writeFile(caFile, TEST_CERTIFICATE.cert);
  const [saslPort, tlsPort] = await freePorts(2);
  saslBroker = `127.0.0.1:${saslPort}`;
  tlsBroker = `127.0.0.1:${tlsPort}`;
  const clients = `CLIENTS://127.0.0.1:{port},LOGIN://${saslBroker},SECURE://${tlsBroker}`;
  const login = "org.apache.kafka.common.security";
  kafka = await startKafka({
    properties: {
      listeners: `${clients},CONTROLLERS://127.0.0.1:{controllerPort}`,
      "advertised.listeners": clients,
      "listener.security.protocol.map": "CLIENTS:PLAINTEXT,LOGIN:SASL_PLAINTEXT,SECURE:SSL,CONTROLLERS:PLAINTEXT",
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
      "listener.name.login.plain.sasl.jaas.config": `${login}.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
      "listener.name.login.scram-sha-256.sasl.jaas.config": `${login}.scram.ScramLoginModule required;`,
      "listener.name.login.scram-sha-512.sasl.jaas.config": `${login}.scram.ScramLoginModule required;`,
      "listener.name.secure.ssl.keystore.type": "PEM",
      "listener.name.secure.ssl.keystore.location": keystore,
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS",
    },
    formatArguments: [256, 512].flatMap((bits) => [
      "--add-scram",
      `SCRAM-SHA-${bits}=[name=${USER},password=${PASSWORD}]`,
    ]),
  });
});
after(async () => {
  await kafka?.close();
  await rm(directory, { recursive: true, force: true });
});

/** A line whose products come in with the login. */
const startLoginLine = (t: TestContext): Promise<Line> =>
  startLine(t, {
    brokers: kafka.brokers,
    partitions: 1,
    deadLetterConfig: {},
    env: {
      KAFKA_BROKERS: saslBroker,
      KAFKA_SASL_MECHANISM: "plain",
      KAFKA_SASL_USERNAME: USER,
      KAFKA_SASL_PASSWORD: PASSWORD,
    },
  });

type Right =
  | "write sent"
  | "read sent"
  | "read sent groups"
  | "read status"
  | "write status"
  | "read alerts"
  | "read group"
  | "write dead letters"
  | "see dead letters";
const ALL: readonly Right[] = ["read alerts", "read group", "write dead letters"];

const sentTopicOf = (line: Line): string => `${line.topic}.sent`;
const statusTopicOf = (line: Line): string => `${line.topic}.status`;

async function grant(line: Line, rights: readonly Right[]): Promise<void> {
  const entries: Record<Right, Pick<AclEntry, "resourceType" | "resourceName" | "operation">> = {
    // READ and WRITE imply DESCRIBE.
    "read alerts": { resourceType: Resource.TOPIC, resourceName: line.topic, operation: Operation.READ },
    "read status": { resourceType: Resource.TOPIC, resourceName: statusTopicOf(line), operation: Operation.READ },
    "write status": { resourceType: Resource.TOPIC, resourceName: statusTopicOf(line), operation: Operation.WRITE },
    "write sent": { resourceType: Resource.TOPIC, resourceName: sentTopicOf(line), operation: Operation.WRITE },
    "read sent": { resourceType: Resource.TOPIC, resourceName: sentTopicOf(line), operation: Operation.READ },
    "read sent groups": {
      resourceType: Resource.GROUP,
      resourceName: `${line.group}.sent.`,
      operation: Operation.READ,
    },
    "read group": { resourceType: Resource.GROUP, resourceName: line.group, operation: Operation.READ },
    "write dead letters": {
      resourceType: Resource.TOPIC,
      resourceName: line.deadLetterTopic,
      operation: Operation.WRITE,
    },
    "see dead letters": {
      resourceType: Resource.TOPIC,
      resourceName: line.deadLetterTopic,
      operation: Operation.DESCRIBE,
    },
  };
  await line.admin.createAcls({
    acl: rights.map((right) => ({
      ...entries[right],
      resourcePatternType:
        right === "read sent groups" ? kafkajs.ResourcePatternTypes.PREFIXED : kafkajs.ResourcePatternTypes.LITERAL,
      principal: `User:${USER}`,
      host: "*",
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
    })),
  });
}

async function fatalReason(product: Product): Promise<string> {
  assert.deepEqual(await product.exited(), { code: 1, signal: null });
  const fatal = product.logs.filter(({ level }) => level === "fatal");
  assert.equal(fatal.length, 1, JSON.stringify(product.logs));
  assert.ok(!JSON.stringify(product.logs).includes(PASSWORD), "no secret in the log");
  return String(fatal[0]?.["reason"]);
}

describe("a broker that asks for a login and for rights", { concurrency: 4 }, () => {
  for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"]) {
    test(`READ on topic and group and WRITE on the dead letters are all it needs (${mechanism})`, async (t) => {
      const line = await startLoginLine(t);
      await grant(line, ALL);
      await line.produce([{ device: "boiler", at: pastWindow(3) }]);
      await line.produceRaw([{ key: "x", value: "no alert", timestamp: pastWindow(3) }]);
      const product = await line.start({ KAFKA_SASL_MECHANISM: mechanism });
      await line.allMailed();
      await line.waitForDeadLetters(1);
      await line.allCommitted();
      await line.assertBooks();
      assert.equal(await product.stop(), 0);
      assert.ok(!JSON.stringify(product.logs).includes(PASSWORD), "no secret in the log");
    });
  }

  test("a status topic needs READ and WRITE; without them it says so once, and all else works", async (t) => {
    const line = await startLoginLine(t);
    await grant(line, ALL);
    const env = { KAFKA_STATUS_TOPIC: statusTopicOf(line) };
    const product = await line.start(env);
    const sharing = async (): Promise<string> => {
      const status = (await (await get(`${product.url}/api/status`)).json()) as GroupStatus;
      return status.sharing;
    };
    await line.produce([{ device: "boiler", at: pastWindow(3) }]);
    await line.allMailed();
    const [told] = await eventually("it says what is missing", () => {
      const lines = product.logs.filter(({ msg }) => String(msg).startsWith("status topic does not work"));
      return lines.length > 0 && lines;
    });
    assert.match(String(told?.["error"]), /KAFKA_STATUS_TOPIC.*grant CREATE/);
    assert.equal(await sharing(), "failed");
    await createTopic(kafka.brokers, statusTopicOf(line), 1);
    await grant(line, ["read status", "write status"]);
    await eventually("it shares", async () => (await sharing()) === "on");
    await line.allCommitted();
    assert.equal(await product.stop(), 0);
  });

  test("a sent topic needs WRITE, the command and the report READ; each says what is missing, and all else works", async (t) => {
    const line = await startLoginLine(t);
    await grant(line, ALL);
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString().slice(11, 16);
    const env = { KAFKA_SENT_TOPIC: sentTopicOf(line) };
    const product = await line.start({ ...env, REPORT_AT: hourAgo });
    const said = (text: string, reason: RegExp) =>
      eventually(`${text}: ${reason}`, () =>
        product.logs.some(({ msg, error }) => String(msg).startsWith(text) && reason.test(String(error))),
      );
    await line.produce([{ device: "boiler", at: pastWindow(3) }]);
    await line.allMailed();
    await line.allCommitted();
    await said("sent mails cannot be put on record", /KAFKA_SENT_TOPIC.*grant CREATE/);
    await said("daily report cannot be made yet", /grant READ/);
    await createTopic(kafka.brokers, sentTopicOf(line), 1);
    await grant(line, ["write sent"]);
    await eventually("it is on record", async () => {
      return (await product.metrics()).value("sent_records_total", { outcome: "written" }) === 1;
    });
    const ask = () => runCli(["sent", "--device", "boiler"], { ...line.env, ...env });
    const refused = await ask();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /grant READ/);
    await grant(line, ["read sent", "read sent groups"]);
    const answer = await ask();
    assert.equal(answer.code, 0, answer.stderr);
    assert.match(answer.stdout, /accepted {2}boiler/);
    assert.equal(await product.stop(), 0);
  });

  test("a wrong password: exit 1, and the reason names the login's variables", async (t) => {
    const line = await startLoginLine(t);
    await grant(line, ALL);
    const reason = await fatalReason(await line.launch({ KAFKA_SASL_PASSWORD: "wrong-horse" }));
    assert.match(reason, /KAFKA_SASL_PASSWORD/);
    assert.doesNotMatch(reason, /wrong-horse/);
  });

  test("no login where one is asked for: exit 1, and the reason points at KAFKA_SASL_*", async (t) => {
    const line = await startLine(t, { brokers: kafka.brokers });
    const reason = await fatalReason(await line.launch({ KAFKA_BROKERS: saslBroker }));
    assert.match(reason, /KAFKA_SASL/);
  });

  test("no right to read the alerts: exit 1, and the reason names the topic", async (t) => {
    const line = await startLoginLine(t);
    await grant(line, ["read group", "write dead letters"]);
    const reason = await fatalReason(await line.launch());
    assert.ok(reason.includes(line.topic), reason);
    assert.match(reason, /grant/);
  });

  test("no right to use the group: exit 1, and the reason names the group", async (t) => {
    const line = await startLoginLine(t);
    await grant(line, ["read alerts", "write dead letters"]);
    const reason = await fatalReason(await line.launch());
    assert.ok(reason.includes(line.group), reason);
    assert.match(reason, /grant/);
  });

  test("no right to see the dead-letter topic: exit 1, and the reason names it", async (t) => {
    const line = await startLoginLine(t);
    await grant(line, ["read alerts", "read group"]);
    const reason = await fatalReason(await line.launch());
    assert.ok(reason.includes(line.deadLetterTopic), reason);
  });

  test("no right to write dead letters holds the bad record's offset, not the mails; granted, it settles", async (t) => {
    const line = await startLoginLine(t);
    await grant(line, ["read alerts", "read group", "see dead letters"]);
    await line.produceRaw([{ key: "x", value: "no alert", timestamp: pastWindow(3) }]);
    await line.produce([{ device: "boiler", at: pastWindow(3) }]);
    const product = await line.start();
    await line.allMailed();
    await eventually("it says what it waits for", () =>
      product.logs.some(
        ({ msg, error }) => /^dead letter not written/.test(String(msg)) && /auth/i.test(String(error)),
      ),
    );
    assert.equal((await line.committed()).get(0) ?? 0, 0);
    await grant(line, ["write dead letters"]);
    await line.waitForDeadLetters(1);
    await line.allCommitted();
    await line.assertBooks();
  });
});

test("check says which right is missing, and needs no more than run does", async (t) => {
  const line = await startLoginLine(t);
  const says = async (right: Right, problem: RegExp): Promise<void> => {
    const { code, stdout, stderr } = await runCli(["check"], line.env);
    assert.equal(code, 1, stderr);
    assert.match(stdout, problem);
    assert.ok(!`${stdout}${stderr}`.includes(PASSWORD));
    await grant(line, [right]);
  };
  await says("read alerts", /^WRONG {2}topic \S+: it does not exist, or this user may not see it.*KAFKA_ALERTS_TOPIC/m);
  await says("read group", /^WRONG {2}group \S+: .*grant/m);
  await says(
    "see dead letters",
    /^WRONG {2}topic \S+\.dead-letters: it does not exist and cannot be created .*grant CREATE/m,
  );
  await says("write dead letters", /^WRONG {2}topic \S+\.dead-letters: .*grant WRITE/m);
  const { code, stdout } = await runCli(["check"], line.env);
  assert.deepEqual([code, stdout.match(/^WRONG/m)], [0, null], stdout);
});

/** What docs/dead-letters.md asks for, one right after the other, and what the command says while it is missing. */
test("dead-letters says which right is missing, and needs no more than docs/dead-letters.md says", async (t) => {
  const line = await startLoginLine(t);
  const redriven = `${line.deadLetterTopic}.redriven`;
  const allow = (resourceType: number, resourceName: string, operations: readonly number[], prefixed = false) =>
    line.admin.createAcls({
      acl: operations.map((operation) => ({
        ...{ resourceType, resourceName, operation, principal: `User:${USER}`, host: "*" },
        resourcePatternType: kafkajs.ResourcePatternTypes[prefixed ? "PREFIXED" : "LITERAL"],
        permissionType: kafkajs.AclPermissionTypes.ALLOW,
      })),
    });
  const value = { deviceId: "boiler", message: "hot" };
  const headers = { kind: "record", topic: line.topic, partition: "0", offset: "0", timestamp: "1", group: line.group };
  const named = Object.fromEntries(Object.entries(headers).map(([name, text]) => [`dead-letter.${name}`, text]));
  await line.producer.send(line.deadLetterTopic, [{ key: "boiler", value, headers: named }]);
  const says = async (args: readonly string[], problem: RegExp) => {
    const { code, stderr } = await runCli(["dead-letters", ...args], line.env);
    assert.equal(code, 1);
    assert.match(stderr, problem);
    assert.ok(!stderr.includes(PASSWORD));
  };
  await says(["list"], /dead-letters \(KAFKA_DEAD_LETTER_TOPIC\) does not exist, or this user may not see it/);
  await allow(Resource.TOPIC, line.deadLetterTopic, [Operation.DESCRIBE]);
  await says(["list"], /no right to use consumer group \S+\.dead-letters\.\*: grant READ/);
  await allow(Resource.GROUP, `${line.group}.dead-letters.`, [Operation.READ], true);
  await says(["list"], /no right to read or describe topic \S+\.dead-letters: grant READ/);
  await allow(Resource.TOPIC, line.deadLetterTopic, [Operation.READ]);
  const list = await runCli(["dead-letters", "list"], line.env);
  assert.equal(list.code, 0, list.stderr);

  await says(["redrive", "--all"], /\(KAFKA_ALERTS_TOPIC\) does not exist, or this user may not see it/);
  await allow(Resource.TOPIC, line.topic, [Operation.READ]);
  await says(
    ["redrive", "--all"],
    /\.redriven \(beside KAFKA_DEAD_LETTER_TOPIC\) does not exist and cannot be created .*grant CREATE, or create it/,
  );
  await allow(Resource.TOPIC, redriven, [Operation.CREATE, Operation.READ, Operation.WRITE]);
  await says(["redrive", "--all"], /no right to use the transactional ID \S+\.redrive: grant WRITE/);
  await allow(Resource.TRANSACTIONAL_ID, `${line.group}.redrive`, [Operation.WRITE]);
  await says(["redrive", "--all"], /no right to write to topic/);
  await allow(Resource.TOPIC, line.topic, [Operation.WRITE]);
  const redrive = await runCli(["dead-letters", "redrive", "--all"], line.env);
  assert.equal(redrive.code, 0, redrive.stderr);
  assert.match(redrive.stdout, /1 dead letter with 1 alert written/);
});

describe("a broker that speaks TLS only", { concurrency: 4 }, () => {
  test("with its authority in KAFKA_SSL_CA_FILE it is read", async (t) => {
    const line = await startLine(t, { brokers: kafka.brokers });
    await line.produce([{ device: "boiler", at: pastWindow(3) }]);
    await line.start({ KAFKA_BROKERS: tlsBroker, KAFKA_SSL: "true", KAFKA_SSL_CA_FILE: caFile });
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
  });

  test("a certificate nobody vouches for: exit 1, and the reason points at KAFKA_SSL", async (t) => {
    const line = await startLine(t, { brokers: kafka.brokers });
    const reason = await fatalReason(await line.launch({ KAFKA_BROKERS: tlsBroker, KAFKA_SSL: "true" }));
    assert.match(reason, /KAFKA_SSL/);
    assert.match(reason, /self.signed/);
  });

  test("without KAFKA_SSL: exit 1, and the reason points at it", async (t) => {
    const line = await startLine(t, { brokers: kafka.brokers });
    assert.match(await fatalReason(await line.launch({ KAFKA_BROKERS: tlsBroker })), /KAFKA_SSL/);
  });

  test("KAFKA_SSL to a broker without TLS: exit 1, and the reason points at KAFKA_SSL", async (t) => {
    const line = await startLine(t, { brokers: kafka.brokers });
    assert.match(await fatalReason(await line.launch({ KAFKA_SSL: "true" })), /KAFKA_SSL/);
  });
});
