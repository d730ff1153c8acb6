import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import type { Judged } from "#src/formats/registry/answers.js";
import { RegistryClient } from "#src/formats/registry/client.js";
import { DIALECTS } from "#src/formats/registry/dialects.js";

const servers: Server[] = [];
const clients: RegistryClient[] = [];
after(() => {
  for (const client of clients) client.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A registry that answers as the test says. */
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const clientOf = (
  urls: readonly string[],
  more: { login?: { username: string; password: string }; ms?: number } = {},
) => {
  const outcomes: string[] = [];
  const connection = { urls, login: more.login };
  const client = new RegistryClient(connection, (outcome) => outcomes.push(outcome), more.ms);
  clients.push(client);
  const ask = () => client.ask("/schemas/ids/1", (reply) => DIALECTS.confluent.judgeContent(reply));
  return { client, outcomes, ask };
};

const SCHEMA = JSON.stringify({ schema: '"string"' });
const whyOf = (judged: Judged<unknown>): string => (judged.kind === "away" ? judged.why : judged.kind);

test("a login goes with each question, and one connection serves them all", async () => {
  const seen: (string | undefined)[] = [];
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization}`);
    ports.add(request.socket.remotePort);
    response.end(SCHEMA);
  });
  const { ask } = clientOf([url], { login: { username: "u", password: "p:w" } });
  for (let time = 0; time < 3; time++) assert.equal((await ask()).kind, "found");
  const login = `Basic ${Buffer.from("u:p:w").toString("base64")}`;
  assert.deepEqual(seen, new Array(3).fill(`/schemas/ids/1 ${login}`));
  assert.equal(ports.size, 1);
});

test("many questions at once put no warning of Node's on the terminal", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  const { ask } = clientOf([await serve((_, response) => void response.end(SCHEMA))]);
  await Promise.all(Array.from({ length: 12 }, ask));
  process.off("warning", note);
  assert.deepEqual(warnings, []);
});

test("where one URL does not answer, the next one is asked, and stays the one", async () => {
  const asked: string[] = [];
  const broken = await serve((_, response) => {
    asked.push("first");
    response.writeHead(503).end();
  });
  const good = await serve((_, response) => {
    asked.push("second");
    response.end(SCHEMA);
  });
  const { ask, outcomes, client } = clientOf([broken, good]);
  for (let time = 0; time < 3; time++) assert.equal((await ask()).kind, "found");
  assert.deepEqual(asked, ["first", "second", "second", "second"]);
  assert.deepEqual(outcomes, ["failed", "found", "found", "found"]);
  assert.equal(client.url, good);
});

test("a word of the registry that a schema is missing is an answer: the next URL is not asked", async () => {
  const missing = await serve((_, response) => response.writeHead(404).end('{"error_code":40403}'));
  const { ask, outcomes } = clientOf([missing, "http://127.0.0.1:9"]);
  assert.equal((await ask()).kind, "missing");
  assert.deepEqual(outcomes, ["missing"]);
});

test("a redirection is not followed, for the login would go with it; where it leads is said, without secrets", async () => {
  const asked: string[] = [];
  const other = await serve((request, response) => {
    asked.push(String(request.headers.authorization));
    response.end(SCHEMA);
  });
  const to = `${other.replace("//", "//u:secret@")}/schemas/ids/1?token=secret`;
  const { ask } = clientOf([await serve((_, response) => response.writeHead(307, { location: to }).end())]);
  assert.match(
    whyOf(await ask()),
    new RegExp(`it answers 307 and leads to ${other}/schemas/ids/1: SCHEMA_REGISTRY_URL$`),
  );
  assert.deepEqual(asked, []);
});

test("nobody there, a connection that is cut, silence, half an answer and one without an end are all the registry's trouble", async () => {
  const cut = await serve((request) => request.socket.destroy());
  const silent = await serve(() => undefined);
  const half = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{");
    setImmediate(() => response.destroy());
  });
  const endless = await serve((_, response) => {
    const chunk = Buffer.alloc(1024 * 1024, "x");
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  });
  const expected: readonly (readonly [string, RegExp])[] = [
    ["http://127.0.0.1:9", /ECONNREFUSED/],
    [cut, /socket hang up|ECONNRESET/],
    [silent, /no answer within 0.2 s/],
    [half, /aborted|socket hang up/],
    [endless, /more than 8388608 bytes|no answer within/],
  ];
  for (const [url, why] of expected) {
    const { ask, outcomes } = clientOf([url], { ms: url === endless ? 10_000 : 200 });
    assert.match(whyOf(await ask()), why);
    assert.deepEqual(outcomes, ["unreachable"]);
  }
});

test("a kept connection that the server has closed meanwhile is no trouble: the question is asked again", async () => {
  let requests = 0;
  const url = await serve((request, response) => {
    // The second question comes over the connection of the first one, and finds it gone.
    if (++requests === 2) request.socket.destroy();
    else response.end(SCHEMA);
  });
  const { ask, outcomes } = clientOf([url]);
  assert.equal((await ask()).kind, "found");
  assert.equal((await ask()).kind, "found");
  assert.deepEqual([requests, outcomes], [3, ["found", "found"]]);
});

test("a close ends a question that waits", async () => {
  let arrived = (): void => undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  const url = await serve(() => arrived());
  const { client, ask } = clientOf([url]);
  const answer = ask();
  await asked;
  client.close();
  assert.equal((await answer).kind, "away");
});

test("a redirect is not followed: it may lead the password elsewhere", async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end());
  const judged = await clientOf([url]).ask();
  assert.match(whyOf(judged), /it answers 302/);
});
