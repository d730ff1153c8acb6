/**
 * SASL OAUTHBEARER at a real broker that checks each token's signature, issuer and audience, and ends the sessions of tokens that have ended. The
 * tokens are signed here, and live for seconds.
 */

import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { eventually } from "#test/support/eventually.js";
import { freePort } from "#test/support/free-ports.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { type Line, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { AUDIENCE, ISSUER, startTokenIssuer, type TokenIssuer } from "#test/support/token-issuer.js";

const CLIENT_ID = "alert-digest";
const SECRET = "correct horse & battery";
/** Longer than the five seconds before its end at which the client logs in again. */
const LIFETIME_S = 12;

let kafka: Kafka;
let issuer: TokenIssuer;
let directory: string;
let broker: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  issuer = await startTokenIssuer({ clientId: CLIENT_ID, clientSecret: SECRET, lifetimeSeconds: LIFETIME_S });
  const keys = join(directory, "jwks.json");
  await writeFile(keys, issuer.jwks);
  broker = `127.0.0.1:${await freePort()}`;
  const clients = `CLIENTS://127.0.0.1:{port},LOGIN://${broker}`;
  const oauth = "org.apache.kafka.common.security.oauthbearer";
  const listener = "listener.name.login.oauthbearer";
  kafka = await startKafka({
    systemProperties: {
      "org.apache.kafka.sasl.oauthbearer.allowed.urls": pathToFileURL(keys).href,
      "org.apache.kafka.sasl.oauthbearer.allowed.files": keys,
    },
    properties: {
      listeners: `${clients},CONTROLLERS://127.0.0.1:{controllerPort}`,
      "advertised.listeners": clients,
      "listener.security.protocol.map": "CLIENTS:PLAINTEXT,LOGIN:SASL_PLAINTEXT,CONTROLLERS:PLAINTEXT",
      "sasl.enabled.mechanisms": "OAUTHBEARER",
      [`${listener}.sasl.jaas.config`]: `${oauth}.OAuthBearerLoginModule required;`,
      [`${listener}.sasl.server.callback.handler.class`]: `${oauth}.OAuthBearerValidatorCallbackHandler`,
      "sasl.oauthbearer.jwks.endpoint.url": pathToFileURL(keys).href,
      "sasl.oauthbearer.expected.audience": AUDIENCE,
      "sasl.oauthbearer.expected.issuer": ISSUER,
      // Sessions end with their token.
      [`${listener}.connections.max.reauth.ms`]: "3600000",
    },
  });
});
after(async () => {
  await kafka?.close();
  await issuer?.close();
  await rm(directory, { recursive: true, force: true });
});

const startOAuthLine = (t: TestContext, env: Readonly<Record<string, string>>): Promise<Line> =>
  startLine(t, {
    brokers: kafka.brokers,
    partitions: 1,
    env: { KAFKA_BROKERS: broker, KAFKA_SASL_MECHANISM: "oauthbearer", ...env },
  });

const clientEnv = (more: Readonly<Record<string, string>> = {}) => ({
  KAFKA_OAUTH_TOKEN_URL: issuer.url,
  KAFKA_OAUTH_CLIENT_ID: CLIENT_ID,
  KAFKA_OAUTH_CLIENT_SECRET: SECRET,
  KAFKA_OAUTH_SCOPE: "kafka",
  ...more,
});

let files = 0;
/** A token file of a test's own, and something that renews it, as a sidecar would: written beside it, then moved over it. */
const tokenFile = async (t: TestContext) => {
  const path = join(directory, `token-${++files}`);
  let writing: Promise<void> = Promise.resolve();
  const write = (text: string): Promise<void> => {
    writing = writing.then(async () => {
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    });
    return writing;
  };
  let timer: NodeJS.Timeout | undefined;
  const stop = (): Promise<void> => {
    clearInterval(timer);
    return writing;
  };
  const renew = (): Promise<void> => {
    timer = setInterval(() => void write(issuer.sign(LIFETIME_S)), 1_500);
    return write(issuer.sign(LIFETIME_S));
  };
  t.after(stop);
  return { path, write, renew, stop };
};

const assertNoSecret = (product: Product): void => {
  const text = JSON.stringify(product.logs);
  assert.ok(!text.includes(SECRET) && !text.includes(encodeURIComponent(SECRET)), "the secret is in the log");
  // The head of every token.
  assert.doesNotMatch(text, /eyJhbGciOi/);
};

const fatalReason = async (product: Product, code: number): Promise<string> => {
  assert.deepEqual(await product.exited(), { code, signal: null });
  assertNoSecret(product);
  return `${product.stderr()}${String(product.logs.find(({ level }) => level === "fatal")?.["reason"])}`;
};

const failures = (product: Product): string[] =>
  product.logs.flatMap(({ msg, error }) => (/^Kafka login failed/.test(String(msg)) ? String(error) : []));

describe("tokens that a broker checks", { concurrency: 3 }, () => {
  test("client credentials: the token is renewed before it ends, several times, and every alert is mailed once", async (t) => {
    const line = await startOAuthLine(t, clientEnv());
    const product = await line.start();
    const before = issuer.given;
    for (let round = 1; round <= 4; round++) {
      await line.produce([{ device: `device-${round}` }]);
      await eventually(`token ${round} was asked for`, () => issuer.given >= before + round);
    }
    await line.produce([{ device: "at last" }]);
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    assert.equal(await product.stop(), 0);
    assertNoSecret(product);
  });

  test("a token file: what renews it is enough, over several tokens' lives", async (t) => {
    const { path, renew } = await tokenFile(t);
    const line = await startOAuthLine(t, { KAFKA_OAUTH_TOKEN_FILE: path });
    await renew();
    const product = await line.start();
    const end = Date.now() + 3 * LIFETIME_S * 1_000;
    for (let round = 1; Date.now() < end; round++) {
      await line.produce([{ device: `device-${round}` }]);
      await line.allMailed();
    }
    await line.allCommitted();
    await line.assertBooks();
    assert.equal(await product.stop(), 0);
    assertNoSecret(product);
  });

  for (const [what, text, words] of [
    ["empty", "", /token-\d+: it is empty/],
    ["one that ended", undefined, /its token ended at /],
  ] as const) {
    test(`a token file that is ${what} while it runs is told; once it is renewed, all goes on and nothing is lost or mailed twice`, async (t) => {
      const { path, write, renew, stop } = await tokenFile(t);
      const line = await startOAuthLine(t, { KAFKA_OAUTH_TOKEN_FILE: path });
      await renew();
      const product = await line.start();
      await line.produce([{ device: "before" }]);
      await line.allMailed();
      await stop();
      if (text !== undefined) await write(text);
      const said = await eventually("it says what is wrong", () =>
        failures(product).find((error) => words.test(error)),
      );
      assert.match(said, /KAFKA_OAUTH_TOKEN_FILE/);
      await line.produce([{ device: "meanwhile" }]);
      await renew();
      await line.allMailed();
      await line.allCommitted();
      await line.assertBooks();
      assertNoSecret(product);
    });
  }

  test("a token endpoint that fails for longer than a token lives is told; once it works, all goes on", async (t) => {
    // An endpoint of its own: the others' tests go on. The broker knows only the keys of the common one.
    let broken = false;
    const line = await startOAuthLine(t, clientEnv());
    const proxy = await startTokenIssuer({ clientId: CLIENT_ID, clientSecret: SECRET, lifetimeSeconds: 1 });
    t.after(() => proxy.close());
    proxy.answer((response) => {
      if (broken) response.writeHead(503, { "content-type": "text/html" }).end("<html>down</html>");
      else
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify({ access_token: issuer.sign(LIFETIME_S), expires_in: LIFETIME_S }));
    });
    const product = await line.start({ KAFKA_OAUTH_TOKEN_URL: proxy.url });
    await line.produce([{ device: "before" }]);
    await line.allMailed();
    broken = true;
    const said = await eventually("it says what is wrong", () => failures(product)[0]);
    assert.match(said, /KAFKA_OAUTH_TOKEN_URL .* gives no token: it answers 503/);
    await line.produce([{ device: "meanwhile" }]);
    broken = false;
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    assertNoSecret(product);
  });
});

describe("what keeps it from starting is told, with what to look at", { concurrency: 4 }, () => {
  test("a token file that is empty, a directory, or a device without an end: 78", async (t) => {
    const { path, write } = await tokenFile(t);
    await write(" \n");
    const empty = await startOAuthLine(t, { KAFKA_OAUTH_TOKEN_FILE: path });
    assert.match(await fatalReason(await empty.launch(), 78), /KAFKA_OAUTH_TOKEN_FILE: .*it is empty/);
    const folder = await startOAuthLine(t, { KAFKA_OAUTH_TOKEN_FILE: directory });
    assert.match(await fatalReason(await folder.launch(), 78), /KAFKA_OAUTH_TOKEN_FILE: .*it is a directory/);
    const endless = await startOAuthLine(t, { KAFKA_OAUTH_TOKEN_FILE: "/dev/zero" });
    assert.match(
      await fatalReason(await endless.launch(), 78),
      /KAFKA_OAUTH_TOKEN_FILE: .*it has more than .*, or no end/,
    );
  });

  test("a token that ended: 1, and when", async (t) => {
    const { path, write } = await tokenFile(t);
    await write(issuer.sign(-60));
    const line = await startOAuthLine(t, { KAFKA_OAUTH_TOKEN_FILE: path });
    assert.match(await fatalReason(await line.launch(), 1), /its token ended at 20.*nothing has renewed it/);
  });

  test("a token for somebody else: 1, in the broker's words, and what to check", async (t) => {
    const { path, write } = await tokenFile(t);
    await write(issuer.sign(600, { aud: "another" }));
    const line = await startOAuthLine(t, { KAFKA_OAUTH_TOKEN_FILE: path });
    assert.match(
      await fatalReason(await line.launch(), 1),
      /does not take the token of KAFKA_OAUTH_TOKEN_FILE .*issuer, audience.*invalid_token/,
    );
  });

  test("a wrong secret: 1, in the endpoint's words, and which variables", async (t) => {
    const line = await startOAuthLine(t, clientEnv({ KAFKA_OAUTH_CLIENT_SECRET: "wrong horse" }));
    const reason = await fatalReason(await line.launch(), 1);
    assert.match(reason, /answers 401 \(invalid_client: who is that\?\): check .*KAFKA_OAUTH_CLIENT_SECRET/);
    assert.doesNotMatch(reason, /wrong horse/);
  });

  test("an endpoint that is a web page, and one that is away: 1", async (t) => {
    const page = await startTokenIssuer({ clientId: CLIENT_ID, clientSecret: SECRET, lifetimeSeconds: LIFETIME_S });
    t.after(() => page.close());
    page.answer((response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>"));
    const html = await startOAuthLine(t, clientEnv({ KAFKA_OAUTH_TOKEN_URL: page.url }));
    assert.match(await fatalReason(await html.launch(), 1), /no JSON but text\/html/);
    const nobody = `http://127.0.0.1:${await freePort()}/token`;
    const away = await startOAuthLine(t, clientEnv({ KAFKA_OAUTH_TOKEN_URL: nobody }));
    assert.match(await fatalReason(await away.launch(), 1), /cannot be asked for a token: connect ECONNREFUSED/);
  });
});
