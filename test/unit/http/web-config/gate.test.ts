/** TLS and logins as a client meets them, with a real handshake and real hashes. */

import assert from "node:assert/strict";
import { request as plainRequest, type RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import { type TestContext, test } from "node:test";
import { createListener, send, text } from "#src/http/listener.js";
import { createGate } from "#src/http/web-config/gate.js";
import { webConfigReader } from "#src/http/web-config/web-config-file.js";
import { loadFile } from "#src/yaml-file/document.js";
import { eventually } from "#test/support/eventually.js";
import { EXPIRED_CERTIFICATE, TEST_CERTIFICATE } from "#test/support/test-certificate.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const RIGHT = "$2b$04$R/4OxKauckiz6wF52.YLG.QukhP5CDMeU94dbyLIIqUFmlLZGkrxG";
const NEW = "$2b$04$HddGNvDO8EsxYQWLl6GJOO1jpLfk8t2U40jnbzaecGJao9If7wwQG";
const TLS = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

const listen = async (t: TestContext, yaml: string) => {
  const files: Record<string, string> = {
    "/web.yaml": yaml,
    "/server.pem": TEST_CERTIFICATE.cert,
    "/server.key": TEST_CERTIFICATE.key,
  };
  const readFile = (path: string): string => files[path] ?? assert.fail(path);
  const clock = new VirtualClock();
  const lines: string[] = [];
  const note = (_: unknown, line: string): void => void lines.push(line);
  const log = { debug: note, info: note, warn: note, error: note };
  const deps = { readFile, fileProblem: String };
  const result = loadFile("/web.yaml", readFile, webConfigReader(deps));
  assert.ok(result.ok, JSON.stringify(result));
  const gate = createGate(result.loaded, { ...deps, read: async (path) => readFile(path), clock, log });
  const server = createListener({
    handlerOf: () => (request, response) => send(request, response, text(200, "in")),
    gate,
    log,
    clock,
  });
  const { port } = await server.start("127.0.0.1", 0);
  gate.start();
  t.after(async () => {
    const closed = Promise.all([server.close(), gate.close()]);
    await clock.advance(1_000);
    await closed;
  });
  return { port, files, lines, clock };
};

interface Asking {
  readonly login?: string;
  readonly tls?: false | { readonly cert?: string; readonly key?: string };
}

/** The status; rejects where there is no connection. */
const ask = (port: number, { login, tls = {} }: Asking = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const options: RequestOptions = {
      ...{ port, host: "127.0.0.1", agent: false },
      headers: login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` },
    };
    const sent = tls === false ? plainRequest(options) : tlsRequest({ ...options, ca: TEST_CERTIFICATE.cert, ...tls });
    sent.once("response", (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end();
  });

test("with TLS and users: no login and a wrong one are 401, the right one comes in, and plain HTTP does not", async (t) => {
  const { port } = await listen(t, `${TLS}basic_auth_users:\n  ann: ${RIGHT}\n`);
  assert.equal(await ask(port), 401);
  assert.equal(await ask(port, { login: "ann:wrong" }), 401);
  assert.equal(await ask(port, { login: "eve:right" }), 401);
  assert.equal(await ask(port, { login: "ann:right" }), 200);
  await assert.rejects(ask(port, { login: "ann:right", tls: false }));
});

test("users without TLS work as well", async (t) => {
  const { port } = await listen(t, `basic_auth_users:\n  ann: ${RIGHT}\n`);
  assert.equal(await ask(port, { tls: false }), 401);
  assert.equal(await ask(port, { login: "ann:right", tls: false }), 200);
});

test("client certificates: asked for, wanted, verified where given, verified always", async (t) => {
  const known = { cert: TEST_CERTIFICATE.cert, key: TEST_CERTIFICATE.key };
  const foreign = { cert: EXPIRED_CERTIFICATE.cert, key: EXPIRED_CERTIFICATE.key };
  for (const [type, none, other, own] of [
    ["RequestClientCert", true, true, true],
    ["RequireAnyClientCert", false, true, true],
    ["VerifyClientCertIfGiven", true, false, true],
    ["RequireAndVerifyClientCert", false, false, true],
  ] as const) {
    const { port } = await listen(t, `${TLS}  client_ca_file: server.pem\n  client_auth_type: ${type}\n`);
    for (const [tls, comesIn] of [
      [{}, none],
      [foreign, other],
      [known, own],
    ] as const) {
      const asked = ask(port, { tls });
      if (comesIn) assert.equal(await asked, 200, type);
      else await assert.rejects(asked, type);
    }
  }
});

test("a change of the file is in force for whoever comes next, and a mistake in it changes nothing", async (t) => {
  const { port, files, lines, clock } = await listen(t, `basic_auth_users:\n  ann: ${RIGHT}\n`);
  const change = async (yaml: string, line: RegExp) => {
    files["/web.yaml"] = yaml;
    await eventually("the change was noticed", async () => {
      await clock.advance(1_000);
      return lines.some((each) => line.test(each));
    });
  };
  await change("basic_auth_users:\n  ann: right\n", /not usable/);
  assert.equal(await ask(port, { login: "ann:right", tls: false }), 200);
  await change(`${TLS}basic_auth_users:\n  ann: ${NEW}\n`, /reloaded/);
  assert.equal(await ask(port, { login: "ann:right" }), 401);
  assert.equal(await ask(port, { login: "ann:new" }), 200);
});

test("a certificate that is renewed in its own file is in force", async (t) => {
  const { port, files, lines, clock } = await listen(t, TLS);
  assert.equal(await ask(port), 200);
  assert.deepEqual(lines, []);
  files["/server.pem"] = EXPIRED_CERTIFICATE.cert;
  files["/server.key"] = EXPIRED_CERTIFICATE.key;
  await eventually("it was read", async () => {
    await clock.advance(1_000);
    return lines.length > 0;
  });
  await assert.rejects(ask(port), { code: "CERT_HAS_EXPIRED" });
});
