import assert from "node:assert/strict";
import { Agent, get, request } from "node:http";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { wallTime } from "#src/core/time.js";
import { createHostCheck } from "#src/http/hosts.js";
import { createHttpServer, HttpListenError, type HttpOptions } from "#src/http/server.js";
import type { GroupStatus } from "#src/http/status-shape.js";
import type { RuntimeState } from "#src/runtime/ports.js";
import { groupSource, RUNTIME_STATE } from "#test/support/group-source.js";

/** A server on a free port, gone when the test ends. */
const serve = async (t: TestContext, changes: Partial<HttpOptions> = {}) => {
  const errors: string[] = [];
  const ignore = (): void => {};
  const server = createHttpServer({
    ...groupSource({ state: () => RUNTIME_STATE }),
    scrape: { contentType: "text/plain; version=0.0.4", render: async () => "up 1\n" },
    log: { debug: ignore, info: ignore, warn: ignore, error: (_, message) => void errors.push(message) },
    ...changes,
  });
  const { port } = await server.start("127.0.0.1", 0);
  t.after(() => server.close());
  return { server, port, errors, url: `http://127.0.0.1:${port}` };
};

test("liveness and readiness answer ok, or 503 with the reason on one line", async (t) => {
  let reason: string | undefined;
  const health = { notAlive: () => undefined, notReady: () => reason };
  const { url } = await serve(t, { health });
  const read = async (path: string) => {
    const response = await fetch(url + path);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await read("/livez"), [200, "ok\n"]);
  assert.deepEqual(await read("/readyz?verbose"), [200, "ok\n"]);
  reason = "draining:\n3 mails";
  assert.deepEqual(await read("/readyz"), [503, "draining: 3 mails\n"]);
  assert.deepEqual(await read("/livez"), [200, "ok\n"]);
});

test("metrics come with their content type", async (t) => {
  const { url } = await serve(t);
  const response = await fetch(`${url}/metrics`);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4");
  assert.equal(await response.text(), "up 1\n");
});

test("the status of the group is JSON", async (t) => {
  const { url } = await serve(t);
  const response = await fetch(`${url}/api/status`);
  assert.equal(response.headers.get("content-type"), "application/json");
  const status = (await response.json()) as GroupStatus;
  assert.deepEqual([status.group, status.self, status.instances[0]?.windows.open], ["oncall", "here-1", 4]);
});

test("however many ask, the state is looked at once per interval", async (t) => {
  let now = 10_000;
  let looks = 0;
  const state = (): RuntimeState => {
    looks++;
    return RUNTIME_STATE;
  };
  const { url } = await serve(t, { state, now: () => wallTime(now) });
  const ask = async () => (await fetch(`${url}/api/status`)).json();
  await Promise.all(Array.from({ length: 10 }, ask));
  const stream = await listen(url);
  await stream.events(1);
  const once = looks;
  now += 1_000;
  await ask();
  assert.equal(looks, 2 * once);
  stream.close();
});

test("the page and all it loads are served under a policy without anything inline, and asked for again only by tag", async (t) => {
  const { url } = await serve(t);
  const page = await fetch(url);
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  const html = await page.text();
  assert.doesNotMatch(html, /<style|\son[a-z]+=|\sstyle=|<script[^>]*>[^<]/);
  const loaded = [...html.matchAll(/(?:href|src)="(page\/[^"]+)"/g)].map(([, path]) => path ?? "");
  const imported = await (await fetch(`${url}/page/main.js`)).text();
  const modules = [...imported.matchAll(/from "\.\/([^"]+)"/g)].map(([, name]) => `page/${name}`);
  assert.ok(loaded.length === 3 && modules.length > 5);
  for (const path of [...loaded, ...modules]) {
    const first = await fetch(`${url}/${path}`);
    assert.equal(first.status, 200, path);
    assert.equal(first.headers.get("cache-control"), "no-cache");
    const etag = first.headers.get("etag") ?? "";
    assert.match(etag, /^"[\w-]{22}"$/);
    assert.ok((await first.text()).length > 0);
    const again = await fetch(`${url}/${path}`, { headers: { "if-none-match": `"other", W/${etag}` } });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
  }
  assert.equal((await fetch(`${url}/page/main.d.ts`)).status, 404);
});

test("every answer has the security headers", async (t) => {
  const { url } = await serve(t);
  for (const path of ["/", "/page/main.js", "/metrics", "/livez", "/nothing"]) {
    const { headers } = await fetch(url + path);
    assert.match(
      headers.get("content-security-policy") ?? "",
      /^default-src 'none'; script-src 'self'; style-src 'self'; .*trusted-types 'none'$/,
    );
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(
      headers.get("cache-control") ?? "",
      path.startsWith("/page") || path === "/" ? /^no-cache$/ : /^no-store$/,
    );
  }
});

test("HEAD has the length and no body; other paths are 404, other methods 405", async (t) => {
  const { url } = await serve(t);
  const head = await fetch(`${url}/metrics`, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "5", ""]);
  assert.equal((await fetch(`${url}/api/events`, { method: "HEAD" })).status, 200);
  for (const path of ["/metrics/", "/constructor", "/%2e%2e/etc/passwd"])
    assert.equal((await fetch(url + path)).status, 404);
  const post = await fetch(`${url}/livez`, { method: "POST", body: "x" });
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  assert.equal((await fetch(`${url}/nothing`, { method: "POST", body: "x" })).status, 404);
});

test("a whole URL in place of a path is answered by its path, and its host counts instead of Host", async (t) => {
  const { port } = await serve(t, { isOurHost: createHostCheck([]) });
  const statusOf = (target: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = get({ port, host: "127.0.0.1", path: target, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject);
    });
  assert.equal(await statusOf(`http://127.0.0.1:${port}/livez?verbose`), 200);
  assert.equal(await statusOf("http://localhost"), 200);
  assert.equal(await statusOf("http://evil.test/api/status"), 421);
  assert.equal(await statusOf("http://localhost@evil.test/api/status"), 421);
});

test("a scrape that fails is a 500 and a line in the log, and the next request is answered", async (t) => {
  const scrape = {
    contentType: "text/plain",
    render: () => Promise.reject(new Error("bug")),
  };
  const { url, errors } = await serve(t, { scrape });
  assert.equal((await fetch(`${url}/metrics`)).status, 500);
  assert.equal(errors.length, 1);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
});

/** Opens an event stream; `events` resolves to its first `count` events. */
const listen = (url: string) =>
  new Promise<{ status: number; events(count: number): Promise<GroupStatus[]>; ended: Promise<void>; close(): void }>(
    (resolve, reject) => {
      const sent = get(`${url}/api/events`, { agent: false }, (response) => {
        let received = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          received += chunk;
        });
        response.on("error", () => {});
        const parsed = () =>
          [...received.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? "") as GroupStatus);
        resolve({
          status: response.statusCode ?? 0,
          async events(count) {
            while (parsed().length < count) await new Promise((next) => response.once("data", next));
            return parsed().slice(0, count);
          },
          ended: new Promise((done) => response.once("close", done)),
          close: () => void sent.destroy(),
        });
      });
      sent.on("error", reject);
    },
  );

test("events repeat the status, to a bounded number of clients", async (t) => {
  let now = 10_000;
  const { url } = await serve(t, { now: () => wallTime(now++), eventIntervalMs: 5, eventClientsMax: 2 });
  const first = await listen(url);
  const second = await listen(url);
  const [one, two, three] = await first.events(3);
  assert.ok(one && two && three && one.time < two.time && two.time < three.time);
  assert.equal((await listen(url)).status, 503);
  second.close();
  // The place becomes free when the server sees the connection close.
  let next = await listen(url);
  while (next.status === 503) next = await listen(url);
  assert.equal((await next.events(1)).length, 1);
  first.close();
  next.close();
});

test("a stop ends event streams, idle connections and a request that never ends", async (t) => {
  const { server, url, port } = await serve(t, { scrape: { contentType: "x", render: () => new Promise(() => {}) } });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await new Promise((done) => get(`${url}/livez`, { agent }, (response) => response.resume().once("end", done)));
  const stream = await listen(url);
  await stream.events(1);
  const hanging = request(`${url}/metrics`);
  const hungUp = new Promise((done) => hanging.once("error", done));
  const silent = connect(port, "127.0.0.1").on("error", () => {});
  const silentClosed = new Promise((done) => silent.once("close", done));
  hanging.end();
  await new Promise((done) =>
    hanging.once("socket", (socket) => (socket.connecting ? socket.once("connect", done) : done(0))),
  );
  await server.close();
  await Promise.all([stream.ended, hungUp, silentClosed]);
  await assert.rejects(fetch(`${url}/livez`));
  await server.close();
});

test("a port in use is one clear sentence", async (t) => {
  const { port } = await serve(t);
  const ignore = (): void => {};
  const other = createHttpServer({
    ...groupSource(),
    scrape: { contentType: "", render: async () => "" },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
  await assert.rejects(other.start("127.0.0.1", port), (error) => {
    assert.ok(error instanceof HttpListenError);
    assert.equal(
      error.message,
      `cannot listen on 127.0.0.1 port ${port}: the port is in use by another program (HTTP_PORT)`,
    );
    return true;
  });
  await assert.rejects(other.start("192.0.2.1", 0), /does not have the address/);
  await other.close();
});
