import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { clientTokens, fileTokens } from "#src/kafka/oauth-tokens.js";
import { startTokenIssuer } from "#test/support/token-issuer.js";

const SECRET = "horse & battery";
const world = async (t: TestContext, { lifetimeSeconds = 60, timeoutMs = 60_000, clientSecret = SECRET } = {}) => {
  const issuer = await startTokenIssuer({ clientId: "di:gest", clientSecret: SECRET, lifetimeSeconds });
  t.after(() => issuer.close());
  const clock = { now: 1_000_000 };
  const client = { url: issuer.url, clientId: "di:gest", clientSecret, scope: "kafka read" };
  const tokens = clientTokens(client, () => clock.now, timeoutMs);
  const problem = async (): Promise<string> =>
    tokens.token().then(
      () => assert.fail("there is a token"),
      (error: Error) => {
        assert.ok(!error.message.includes("horse"), error.message);
        return error.message;
      },
    );
  return { issuer, clock, tokens, problem };
};

test("a client asks for a token as RFC 6749 has it: Basic, a form, the scope", async (t) => {
  const { issuer, tokens } = await world(t);
  assert.match(await tokens.token(), /^\S+\.\S+\.\S+$/);
  const [{ authorization, form } = assert.fail("nobody asked")] = issuer.asked;
  assert.equal(authorization, `Basic ${Buffer.from("di%3Agest:horse%20%26%20battery").toString("base64")}`);
  assert.deepEqual(Object.fromEntries(form), { grant_type: "client_credentials", scope: "kafka read" });
});

test("a token serves all logins of its first half, also those that come at once; then there is another", async (t) => {
  const { issuer, clock, tokens } = await world(t);
  const first = await Promise.all([tokens.token(), tokens.token()]);
  assert.equal(first[0], first[1]);
  clock.now += 29_000;
  await tokens.token();
  assert.equal(issuer.given, 1);
  clock.now += 2_000;
  await tokens.token();
  assert.equal(issuer.given, 2);
});

test("a token that the broker refused is not sent again", async (t) => {
  const { issuer, tokens } = await world(t);
  await tokens.token();
  tokens.refused();
  await tokens.token();
  assert.equal(issuer.given, 2);
});

test("an endpoint that fails is no matter while the token held is valid, and is told once it is not", async (t) => {
  const { issuer, clock, tokens, problem } = await world(t);
  const token = await tokens.token();
  issuer.answer((response) => void response.writeHead(503).end());
  clock.now += 50_000;
  assert.equal(await tokens.token(), token);
  clock.now += 10_000;
  assert.match(
    await problem(),
    /^KAFKA_OAUTH_TOKEN_URL http:\/\/127\.0\.0\.1:\d+\/token gives no token: it answers 503/,
  );
  issuer.answer(undefined);
  assert.notEqual(await tokens.token(), "");
});

test("a wrong secret is told in the endpoint's words, with the variables", async (t) => {
  const { problem } = await world(t, { clientSecret: "another horse" });
  assert.match(await problem(), /answers 401 \(invalid_client: who is that\?\): check .*KAFKA_OAUTH_CLIENT_SECRET/);
});

for (const [what, body, words] of [
  ["a web page", "<html>please log in</html>", /no JSON but text\/html; is that the token endpoint itself\?/],
  ["JSON without a token", "{}", /its answer has no access_token/],
  ["JSON that is no object", "null", /no JSON/],
  ["a token that could end its message", JSON.stringify({ access_token: "a\u0001b" }), /no access_token/],
] as const) {
  test(`an endpoint that answers ${what} is told`, async (t) => {
    const { issuer, problem } = await world(t);
    issuer.answer((response) => void response.writeHead(200, { "content-type": "text/html" }).end(body));
    assert.match(await problem(), words);
  });
}

test("a redirect is not followed: the secret goes to nobody else", async (t) => {
  const { issuer, problem } = await world(t);
  issuer.answer((response) => void response.writeHead(302, { location: "/elsewhere" }).end());
  assert.match(await problem(), /it answers 302/);
  assert.equal(issuer.asked.length, 1);
});

test("an endpoint that is away, and one that never answers, are told", async (t) => {
  const { issuer, problem } = await world(t, { timeoutMs: 1 });
  issuer.answer(() => undefined);
  assert.match(await problem(), /cannot be asked for a token: no answer within 0\.001 s/);
  const gone = clientTokens({ url: issuer.url, clientId: "a", clientSecret: "b", scope: undefined }, Date.now);
  await issuer.close();
  await assert.rejects(gone.token(), /cannot be asked for a token: connect ECONNREFUSED/);
});

test("a token file is read at each login; empty, gone, a directory and ended are told, with the path and without the token", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "token");
  const clock = { now: 1_800_000_000_000 };
  const jwt = (exp: number): string => `e30.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.s`;
  const tokens = fileTokens(path, () => clock.now);
  await assert.rejects(tokens.token(), /KAFKA_OAUTH_TOKEN_FILE .*token cannot be read \(ENOENT\)/);
  await writeFile(path, "opaque\n");
  assert.equal(await tokens.token(), "opaque");
  await writeFile(path, jwt(1_800_000_060));
  assert.equal(await tokens.token(), jwt(1_800_000_060));
  clock.now += 60_000;
  await assert.rejects(tokens.token(), (error: Error) => {
    assert.match(error.message, /its token ended at 2027-01-15T08:01:00.000Z; look why nothing has renewed it/);
    return !error.message.includes("e30");
  });
  await writeFile(path, "");
  await assert.rejects(tokens.token(), /token: it is empty/);
  await assert.rejects(fileTokens(directory, Date.now).token(), /cannot be read \(EISDIR\)/);
});

test("a token file without an end is refused in words, with the file and what it should be", async () => {
  await assert.rejects(
    fileTokens("/dev/zero", Date.now).token(),
    /^Error: KAFKA_OAUTH_TOKEN_FILE \/dev\/zero cannot be read \(it has more than 128 KiB, or no end\): whatever renews the token has to write it there$/,
  );
});
