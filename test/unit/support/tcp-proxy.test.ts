import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { startTcpProxy, type TcpProxy } from "#test/support/tcp-proxy.js";

/** A server that answers each chunk with itself, and a client on the other side of the proxy. */
async function echo(t: TestContext): Promise<{ proxy: TcpProxy; client: () => Promise<Client> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startTcpProxy((server.address() as AddressInfo).port);
  t.after(async () => {
    await proxy.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    proxy,
    async client() {
      const socket = connect(proxy.port, "127.0.0.1");
      await once(socket, "connect");
      t.after(() => socket.destroy());
      return new Client(socket);
    },
  };
}

class Client {
  readonly socket: Socket;
  #received = "";
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("utf8").on("data", (text: string) => {
      this.#received += text;
      for (const wake of this.#waiting) wake();
    });
  }

  get received(): string {
    return this.#received;
  }

  send(text: string): void {
    this.socket.write(text);
  }

  async receives(text: string): Promise<void> {
    while (this.#received !== text) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

test("a proxy passes both directions through, and the end of a connection", async (t) => {
  const { client } = await echo(t);
  const one = await client();
  one.send("hello");
  await one.receives("hello");
  const ended = once(one.socket, "close");
  one.socket.end();
  await ended;
  assert.equal(one.received, "hello");
});

test("a black hole is silent for old and new connections, and what was sent arrives once it is healed", async (t) => {
  const { proxy, client } = await echo(t);
  const old = await client();
  old.send("a");
  await old.receives("a");
  proxy.blackHole();
  old.send("b");
  const fresh = await client();
  fresh.send("c");
  // A connection beside the proxy's would be answered long before this.
  const other = await echo(t);
  const control = await other.client();
  control.send("x");
  await control.receives("x");
  assert.deepEqual([old.received, fresh.received], ["a", ""]);
  proxy.heal();
  await old.receives("ab");
  await fresh.receives("c");
});

test("a reset ends the connections with an error, and new ones are served", async (t) => {
  const { proxy, client } = await echo(t);
  const one = await client();
  one.send("a");
  await one.receives("a");
  const failed = once(one.socket, "error");
  proxy.reset();
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNRESET");
  const next = await client();
  next.send("b");
  await next.receives("b");
});

test("a delay holds each chunk back and keeps the order", async (t) => {
  const { proxy, client } = await echo(t);
  proxy.delay(60);
  const one = await client();
  const startedAt = performance.now();
  for (const text of ["a", "b", "c"]) one.send(text);
  await one.receives("abc");
  assert.ok(performance.now() - startedAt >= 115, "twice the delay, there and back");
});

test("a process whose connections were reset while one side had just ended comes to its end", async () => {
  const program = `
    import { once } from "node:events";
    import { connect, createServer } from "node:net";
    import { setImmediate as turn } from "node:timers/promises";
    import { startTcpProxy } from ${JSON.stringify(new URL("../../support/tcp-proxy.js", import.meta.url).href)};
    const server = createServer((socket) => socket.on("error", () => {}));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = await startTcpProxy(server.address().port);
    const client = connect(proxy.port, "127.0.0.1").on("error", () => {});
    await Promise.all([once(client, "connect"), once(server, "connection")]);
    proxy.blackHole();
    client.end();
    await once(client, "finish");
    for (let turns = 0; turns < 20; turns++) await turn();
    // The end goes on its way, and with it the reset.
    proxy.heal();
    await proxy.close();
    server.close();
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: "inherit",
    timeout: 60_000,
  });
  assert.deepEqual(await once(child, "exit"), [0, null]);
});
