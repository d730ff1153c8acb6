/** A start that cannot use what `KAFKA_BROKERS` names says what stands there, at which address, and which setting it is. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { freePorts } from "#test/support/free-ports.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { type Product, startProduct } from "#test/support/product.js";
import { runCli } from "#test/support/run-cli.js";
import { startSmtpServer } from "#test/support/smtp-server.js";
import { TEST_CERTIFICATE } from "#test/support/test-certificate.js";

const USER = "alerts";
const PASSWORD = "correct-horse";
/** RFC 6761: no name server knows it. */
const LOST_NAME = "kafka-internal.invalid:9092";
const LOGIN = { KAFKA_SASL_MECHANISM: "plain", KAFKA_SASL_USERNAME: USER, KAFKA_SASL_PASSWORD: PASSWORD };
/** KafkaJS gives a silent stranger nine times ten seconds. */
const PATIENCE_MS = 300_000;

let kafka: Kafka;
let directory: string;
let caFile: string;
const at: Record<"login" | "secure" | "second" | "mutual" | "lost" | "elsewhere" | "nowhere" | "controller", string> = {
  ...{ login: "", secure: "", second: "", mutual: "", lost: "", elsewhere: "", nowhere: "", controller: "" },
};

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  const keystore = join(directory, "broker.pem");
  caFile = join(directory, "ca.pem");
  await writeFile(keystore, `${TEST_CERTIFICATE.key}\n${TEST_CERTIFICATE.cert}\n`);
  await writeFile(caFile, TEST_CERTIFICATE.cert);
  const ports = await freePorts(8);
  for (const [index, name] of (Object.keys(at) as (keyof typeof at)[]).entries())
    at[name] = `127.0.0.1:${ports[index]}`;
  at.second = at.second.replace("127.0.0.1", "127.0.0.2");
  const same = `CLIENTS://127.0.0.1:{port},LOGIN://${at.login},SECURE://${at.secure},SECOND://${at.second},MUTUAL://${at.mutual}`;
  const tls = (listener: string) => ({
    [`listener.name.${listener}.ssl.keystore.type`]: "PEM",
    [`listener.name.${listener}.ssl.keystore.location`]: keystore,
  });
  kafka = await startKafka({
    properties: {
      listeners: `${same},LOST://${at.lost},ELSEWHERE://${at.elsewhere},CONTROLLERS://${at.controller}`,
      "advertised.listeners": `${same},LOST://${LOST_NAME},ELSEWHERE://${at.nowhere}`,
      "controller.quorum.voters": `1@${at.controller}`,
      "listener.security.protocol.map":
        "CLIENTS:PLAINTEXT,LOGIN:SASL_PLAINTEXT,SECURE:SSL,SECOND:SSL,MUTUAL:SSL,LOST:PLAINTEXT,ELSEWHERE:PLAINTEXT,CONTROLLERS:PLAINTEXT",
      "sasl.enabled.mechanisms": "PLAIN",
      "listener.name.login.plain.sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
      ...tls("secure"),
      ...tls("second"),
      ...tls("mutual"),
      "listener.name.mutual.ssl.client.auth": "required",
      "listener.name.mutual.ssl.truststore.type": "PEM",
      "listener.name.mutual.ssl.truststore.location": caFile,
    },
  });
  await kafka.createTopic("alerts", 1);
});
after(async () => {
  await kafka?.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(t: TestContext, env: Record<string, string>): Promise<Product> {
  const product = await startProduct({
    env: { SMTP_URL: "smtp://127.0.0.1:1", MAIL_FROM: "alerts@example.com", MAIL_TO: "operators@example.com", ...env },
  });
  t.after(() => product[Symbol.asyncDispose]());
  return product;
}

/** The reason of the one fatal line. */
async function reasonOf(product: Product): Promise<string> {
  assert.deepEqual(await product.exited(PATIENCE_MS), { code: 1, signal: null });
  const fatal = product.logs.filter(({ level }) => level === "fatal");
  assert.equal(fatal.length, 1, JSON.stringify(product.logs));
  assert.ok(!JSON.stringify(product.logs).includes(PASSWORD), "no secret in the log");
  const reason = String(fatal[0]?.["reason"]);
  assert.doesNotMatch(reason, /[\r\n]/, "one line");
  return reason;
}

/** What a server of another protocol listens at. */
async function listening(t: TestContext, server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Case {
  readonly title: string;
  readonly env: (t: TestContext) => Record<string, string> | Promise<Record<string, string>>;
  /** All of it in the reason. `{}` stands for the address in KAFKA_BROKERS. */
  readonly says: readonly string[];
  /** No setting of ours is wrong. */
  readonly blames?: "brokers";
}

const CASES: readonly Case[] = [
  {
    title: "a broker that advertises a name that cannot be resolved",
    env: () => ({ KAFKA_BROKERS: at.lost }),
    says: [`brokers answered at {} and call themselves ${LOST_NAME}`, "cannot resolve", "see advertised.listeners"],
    blames: "brokers",
  },
  {
    title: "a broker that advertises an address at which nobody listens",
    env: () => ({ KAFKA_BROKERS: at.elsewhere }),
    says: [
      "brokers answered at {} and call themselves {nowhere}",
      "refuses the connection",
      "see advertised.listeners",
    ],
    blames: "brokers",
  },
  {
    title: "a login at a listener that takes none",
    env: () => ({ KAFKA_BROKERS: kafka.brokers, ...LOGIN }),
    says: ["{} is a listener without a login", "unset KAFKA_SASL_*"],
  },
  {
    title: "no login at a listener that wants one",
    env: () => ({ KAFKA_BROKERS: at.login }),
    says: ["{} closes the connection of a client without a login", "set KAFKA_SASL_MECHANISM"],
  },
  {
    title: "a mechanism that the listener does not have",
    env: () => ({ KAFKA_BROKERS: at.login, ...LOGIN, KAFKA_SASL_MECHANISM: "scram-sha-512" }),
    says: ["{} takes logins by PLAIN only", "correct KAFKA_SASL_MECHANISM"],
  },
  {
    title: "a wrong password",
    env: () => ({ KAFKA_BROKERS: at.login, ...LOGIN, KAFKA_SASL_PASSWORD: "battery-staple" }),
    says: ["refused the login", "KAFKA_SASL_PASSWORD"],
  },
  {
    title: "a TLS listener that is spoken to without",
    env: () => ({ KAFKA_BROKERS: at.secure }),
    says: ["{} speaks TLS", "set KAFKA_SSL=true"],
  },
  {
    title: "a listener without TLS that is spoken to with it",
    env: () => ({ KAFKA_BROKERS: kafka.brokers, KAFKA_SSL: "true" }),
    says: ["{} speaks Kafka's protocol without TLS", "unset KAFKA_SSL"],
  },
  {
    title: "a certificate that nobody vouches for",
    env: () => ({ KAFKA_BROKERS: at.secure, KAFKA_SSL: "true" }),
    says: ["{} has a certificate that is not accepted", "KAFKA_SSL_CA_FILE"],
  },
  {
    title: "a certificate for another name",
    env: () => ({
      KAFKA_BROKERS: at.second,
      KAFKA_SSL: "true",
      KAFKA_SSL_CA_FILE: caFile,
    }),
    says: ["{} ", "use a name in KAFKA_BROKERS that the certificate has"],
  },
  {
    title: "a listener that wants a client certificate",
    env: () => ({ KAFKA_BROKERS: at.mutual, KAFKA_SSL: "true", KAFKA_SSL_CA_FILE: caFile }),
    says: ["{} wants a client certificate", "set KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE"],
  },
  {
    title: "a controller's port",
    env: () => ({ KAFKA_BROKERS: at.controller }),
    says: ["{} is a controller of the cluster, not a broker", "KAFKA_BROKERS"],
  },
  {
    title: "an HTTP server",
    env: async (t) => ({ KAFKA_BROKERS: await listening(t, createHttpServer()) }),
    says: ["{} speaks HTTP, not Kafka's protocol", "correct KAFKA_BROKERS"],
  },
  {
    title: "an HTTP server that is spoken to in TLS",
    env: async (t) => ({ KAFKA_BROKERS: await listening(t, createHttpServer()), KAFKA_SSL: "true" }),
    says: ["{} speaks HTTP, not Kafka's protocol", "correct KAFKA_BROKERS"],
  },
  {
    title: "an SMTP server",
    env: async (t) => {
      const smtp = await startSmtpServer();
      t.after(() => smtp.close());
      return { KAFKA_BROKERS: `127.0.0.1:${smtp.port}` };
    },
    says: ["{} speaks SMTP, not Kafka's protocol", "correct KAFKA_BROKERS"],
  },
  {
    title: "a port that closes every connection",
    env: async (t) => ({
      KAFKA_BROKERS: await listening(
        t,
        createTcpServer((socket) => socket.destroy()),
      ),
    }),
    says: ["{} takes the connection and closes it", "KAFKA_BROKERS", "KAFKA_SSL", "KAFKA_SASL_MECHANISM"],
  },
  {
    title: "a port that says nothing",
    env: async (t) => {
      const sockets = new Set<{ destroy(): void }>();
      t.after(() => sockets.forEach((socket) => void socket.destroy()));
      return {
        KAFKA_BROKERS: await listening(
          t,
          createTcpServer((socket) => void sockets.add(socket)),
        ),
      };
    },
    says: ["{} takes the connection and says nothing", "check KAFKA_BROKERS"],
  },
];

// They mostly wait.
describe("a start with brokers that cannot be used", { concurrency: 8 }, () => {
  for (const { title, env, says, blames } of CASES) {
    test(`${title}: exit 1 with the address and the setting`, async (t) => {
      const given = await env(t);
      const brokers = given["KAFKA_BROKERS"] ?? "";
      const product = await start(t, given);
      const reason = await reasonOf(product);
      t.diagnostic(reason);
      for (const part of says) {
        const text = part.replace("{nowhere}", at.nowhere).replace("{}", brokers);
        assert.ok(reason.includes(text), `${text} is missing in: ${reason}`);
      }
      if (blames === "brokers") assert.doesNotMatch(reason, /KAFKA_/);
      const connecting = product.logs.find(({ msg }) => msg === "connecting to Kafka");
      assert.deepEqual(connecting?.["brokers"], [brokers], "it said where it connects to");
    });
  }

  test("what is wrong is said while it still tries", async (t) => {
    const brokers = await listening(t, createHttpServer());
    const product = await start(t, { KAFKA_BROKERS: brokers });
    await reasonOf(product);
    const [told, ...more] = product.logs.filter(({ msg }) => msg === "no use of Kafka yet; trying on");
    assert.equal(more.length, 0);
    assert.ok(String(told?.["reason"]).includes(`${brokers} speaks HTTP`), JSON.stringify(product.logs));
  });

  test("the commands that read topics say the same", async (t) => {
    const brokers = await listening(t, createHttpServer());
    const { code, stderr } = await runCli(["dead-letters", "list"], { KAFKA_BROKERS: brokers });
    assert.equal(code, 1);
    assert.ok(stderr.includes(`${brokers} speaks HTTP, not Kafka's protocol: correct KAFKA_BROKERS`), stderr);
  });
});
