import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { LeanConnection } from "#src/mail/smtp-connection.js";

const LINE = `${"x".repeat(76)}\r\n`;

const MESSAGES: Readonly<Record<string, string>> = {
  "lines as they should be": `Subject: s\r\n\r\n${LINE.repeat(50)}`,
  "one line": "a\r\n",
  "a dot at its start": ".\r\n",
  "a dot at the start of a line": "a\r\n.\r\n..\r\nb.\r\n",
  "a dot behind half of a line end": "a\r.\rb\n.\nc\r\n",
  "a bare CR": "a\rb\r\n",
  "a bare LF": "a\nb\r\n",
  "a line end turned around": "a\n\rb\r\n",
  "no line end at its end": "a\r\nb",
  "half of a line end at its end": "a\r\nb\r",
  "more than the socket's buffer holds": LINE.repeat(2_000),
};

/** A server that takes everything. Resolves `came` with all that came before QUIT. */
async function takeAll(t: TestContext, extensions: readonly string[]) {
  let came = "";
  let done: (all: string) => void = () => undefined;
  const all = new Promise<string>((resolve) => {
    done = resolve;
  });
  const server = createServer((socket) => {
    socket.setEncoding("latin1").write("220 test\r\n");
    let line = "";
    let inData = false;
    socket.on("data", (chunk: string) => {
      came += chunk;
      line += chunk;
      for (;;) {
        const end = inData ? "\r\n.\r\n" : "\r\n";
        const at = line.indexOf(end);
        if (at < 0) return;
        const verb = line.slice(0, 4);
        line = line.slice(at + end.length);
        if (inData) socket.write("250 taken\r\n");
        else if (verb === "EHLO")
          socket.write(`250-test\r\n${extensions.map((one) => `250-${one}\r\n`).join("")}250 OK\r\n`);
        else if (verb === "QUIT") {
          done(came);
          socket.end();
        } else socket.write(verb === "DATA" ? "354 go on\r\n" : "250 ok\r\n");
        inData = !inData && verb === "DATA";
        // The line before the first one of the message has ended.
        if (inData) line = `\r\n${line}`;
        else if (line.startsWith("\r\n")) line = line.slice(2);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, all };
}

async function wire(t: TestContext, Connection: typeof SMTPConnection | typeof LeanConnection, extensions: string[]) {
  const { port, all } = await takeAll(t, extensions);
  const connection = new Connection({ host: "127.0.0.1", port, name: "client.test", ignoreTLS: true }, () => undefined);
  await new Promise<void>((resolve) => connection.connect(() => resolve()));
  for (const text of Object.values(MESSAGES)) {
    const message = Buffer.from(text);
    const envelope = { from: "a@test", to: ["b@test", "c@test"], size: message.length };
    await new Promise<void>((resolve, reject) =>
      connection.send(envelope, message, (error) => (error ? reject(error) : resolve())),
    );
  }
  connection.quit();
  return await all;
}

for (const [how, extensions] of [
  ["pipelined", ["PIPELINING", "SIZE 1000000"]],
  ["one command at a time", []],
] as const) {
  test(`what travels is to the byte what nodemailer sends, ${how}`, async (t) => {
    const lean = await wire(t, LeanConnection, [...extensions]);
    const nodemailers = await wire(t, SMTPConnection, [...extensions]);
    assert.equal(lean, nodemailers);
  });
}

test("what is seen of a message comes with its final dot", async (t) => {
  const { port } = await takeAll(t, ["PIPELINING"]);
  const seen: string[] = [];
  const connection = new LeanConnection(
    { host: "127.0.0.1", port, ignoreTLS: true, transactionLog: true },
    ({ tnx }) => {
      if (tnx === "server" || tnx === "message") seen.push(tnx);
    },
  );
  t.after(() => connection.close());
  await new Promise<void>((resolve) => connection.connect(() => resolve()));
  for (const text of Object.values(MESSAGES)) {
    seen.length = 0;
    await new Promise<void>((resolve, reject) =>
      connection.send({ from: "a@test", to: ["b@test"] }, Buffer.from(text), (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    assert.deepEqual(seen, ["server", "server", "server", "message", "server"]);
  }
});
