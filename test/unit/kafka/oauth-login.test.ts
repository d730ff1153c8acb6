import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { createOAuthLogin, type Login, REAUTHENTICATE_BEFORE_MS, spaceOutLogins } from "#src/kafka/oauth-login.js";
import { quietLog } from "#test/support/quiet.js";

/** A broker that answers each message with the next of these; an Error is thrown, as KafkaJS does. */
const world = (...answers: readonly (Buffer | Error)[]) => {
  const sent: string[] = [];
  const told: string[] = [];
  const clock = { now: 0 };
  const left = [...answers];
  const tokens = {
    value: "abc.def" as string | Error,
    refusals: 0,
    origin: "KAFKA_OAUTH_TOKEN_FILE /t",
    refused: () => void tokens.refusals++,
    async token() {
      if (tokens.value instanceof Error) throw tokens.value;
      return tokens.value;
    },
  };
  const log = {
    ...quietLog,
    warn: (_: unknown, text: string) => void told.push(`warn ${text}`),
    info: (_: unknown, text: string) => void told.push(`info ${text}`),
  };
  const provider = createOAuthLogin(tokens, { log, now: () => clock.now });
  const saslAuthenticate: Login["saslAuthenticate"] = async ({ request, response }) => {
    const bytes = await request.encode();
    assert.equal(bytes.readInt32BE(0), bytes.length - 4);
    sent.push(bytes.subarray(4).toString());
    const answer = left.shift() ?? Buffer.alloc(0);
    if (answer instanceof Error) throw answer;
    // As KafkaJS hands it on: with its length.
    const length = Buffer.alloc(4);
    length.writeInt32BE(answer.length);
    return response?.parse(await response.decode(Buffer.concat([length, answer])));
  };
  const login = () => provider({ host: "kafka-1", port: 9092, saslAuthenticate }).authenticate();
  return { sent, told, clock, tokens, login };
};
const refused = Object.assign(new Error("Authentication failed"), { name: "KafkaJSSASLAuthenticationError" });

test("the token goes out in one message, and an empty answer is a login", async () => {
  const { sent, login, told } = world();
  await login();
  assert.deepEqual(sent, ["n,,\u0001auth=Bearer abc.def\u0001\u0001"]);
  assert.deepEqual(told, []);
});

test("an answer with something in it is a refusal, whatever its code: the exchange is ended, and the reason has the broker's words", async () => {
  const { sent, login, tokens } = world(Buffer.from('{"status":"invalid_token"}'), refused);
  await assert.rejects(login(), {
    name: "LoginError",
    retriable: true,
    message:
      "broker kafka-1:9092 does not take the token of KAFKA_OAUTH_TOKEN_FILE /t: check its issuer, audience, scope and signing key, and the clocks " +
      '({"status":"invalid_token"})',
  });
  assert.equal(sent.at(-1), "\u0001");
  assert.equal(tokens.refusals, 1);
});

test("without a token the exchange that KafkaJS began is ended as well", async () => {
  const { sent, login, tokens } = world(refused);
  tokens.value = new Error("the file is empty");
  await assert.rejects(login(), { name: "LoginError", message: "the file is empty" });
  assert.deepEqual(sent, ["\u0001"]);
});

test("a connection that breaks is no refusal", async () => {
  const gone = Object.assign(new Error("Closed connection"), { name: "KafkaJSConnectionClosedError" });
  const { login, tokens, told } = world(gone);
  await assert.rejects(login(), gone);
  assert.deepEqual([tokens.refusals, told], [0, []]);
});

test("a failure is told at once and every 30 s, another reason at once, and that it works again", async () => {
  const { login, tokens, clock, told } = world();
  const fail = (reason: string) => {
    tokens.value = new Error(reason);
    return assert.rejects(login());
  };
  await fail("empty");
  await fail("empty");
  assert.equal(told.length, 1);
  clock.now = 30_000;
  await fail("empty");
  await fail("gone");
  assert.equal(told.length, 3);
  tokens.value = "abc";
  await login();
  await login();
  assert.deepEqual(told.slice(3), ["info Kafka login works again"]);
});

test("a session that is about to end is not told to be so short that KafkaJS logs in before every request", async () => {
  spaceOutLogins();
  spaceOutLogins();
  const require = createRequire(import.meta.url);
  const protocol = require("kafkajs/src/protocol/requests/saslAuthenticate/index.js");
  const { response } = protocol.protocol({ version: 1 })({ authBytes: Buffer.alloc(0) });
  const told = async (sessionLifetimeMs: string): Promise<string> =>
    (await response.parse({ errorCode: 0, sessionLifetimeMs })).sessionLifetimeMs;
  for (const short of ["1", "4000", String(REAUTHENTICATE_BEFORE_MS)])
    assert.ok(Number(await told(short)) >= REAUTHENTICATE_BEFORE_MS + 1_000, short);
  assert.deepEqual([await told("0"), await told("60000")], ["0", "60000"]);
});
