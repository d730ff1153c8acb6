/**
 * A mail server that can be away, and reads what it takes: RFC 5321 as far as a well-behaved client goes, no TLS, no login. It takes mails of megabytes as
 * fast as they come; the servers for tests parse each with a MIME parser, which would take hours here.
 */

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { freePort } from "../support/free-ports.js";
import type { OutageMail } from "./books.js";
import { deviceNumber, SERIAL } from "./traffic.js";

export interface OutageMailServer {
  /** Nobody listens there before `start`. */
  readonly port: number;
  start(): Promise<void>;
  close(): Promise<void>;
}

const EHLO = "250-outage\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 104857600\r\n";
const END_OF_DATA = "\r\n.\r\n";

/** `onMail` is called before the reply leaves: a mail counts from the moment the server has it. */
export async function createMailServer(onMail: (mail: OutageMail) => void): Promise<OutageMailServer> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  return {
    port,
    async start() {
      server = createServer((socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        serve(socket, onMail);
      });
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    async close() {
      if (server === undefined) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(socket: Socket, onMail: (mail: OutageMail) => void): void {
  let commands = "";
  let body: Buffer[] | undefined;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.write("220 outage ESMTP\r\n");
  socket.on("data", (chunk: Buffer) => {
    if (body !== undefined) {
      body.push(chunk);
      // A client waits for the reply to its final dot: nothing follows it.
      const tail = Buffer.concat(body.slice(-END_OF_DATA.length)).subarray(-END_OF_DATA.length);
      if (tail.toString("latin1") !== END_OF_DATA) return;
      const mail = Buffer.concat(body).toString("latin1");
      body = undefined;
      onMail(readMail(mail));
      socket.write("250 2.0.0 taken\r\n");
      return;
    }
    commands += chunk.toString("latin1");
    for (let end = commands.indexOf("\r\n"); end >= 0; end = commands.indexOf("\r\n")) {
      const verb = commands.slice(0, 4).toUpperCase();
      commands = commands.slice(end + 2);
      if (verb === "DATA") body = [];
      socket.write(
        verb === "DATA" ? "354 go on\r\n" : verb === "EHLO" ? EHLO : verb === "QUIT" ? "221 bye\r\n" : "250 ok\r\n",
      );
      if (verb === "QUIT") socket.end();
    }
  });
}

/** From the headers of the contract and the text part. Throws where one is missing: nothing else may be sent here. */
export function readMail(mail: string): OutageMail {
  const headers = mail.slice(0, mail.indexOf("\r\n\r\n"));
  const header = (name: string): string => {
    const found = new RegExp(`^${name}: (.*)$`, "im").exec(headers)?.[1];
    if (found === undefined) throw new Error(`a mail without ${name}:\n${headers}`);
    return found.trim();
  };
  const [start = "", end = ""] = header("X-Alert-Digest-Window").split("/");
  const part = mail.indexOf("Content-Type: text/plain");
  const from = mail.indexOf("\r\n\r\n", part);
  const body = mail.slice(from, mail.indexOf("\r\n--", from));
  // Quoted-printable cuts lines; what else it changes is in no serial.
  const text = /base64/i.test(mail.slice(part, from))
    ? Buffer.from(body, "base64").toString("latin1")
    : body.replaceAll("=\r\n", "");
  return {
    device: deviceNumber(header("X-Alert-Digest-Device")),
    windowStart: Date.parse(start),
    windowEnd: Date.parse(end),
    count: Number(header("X-Alert-Digest-Count")),
    // The first line quotes one that the list has too.
    serials: Array.from(text.trimStart().replace(/^.*/, "").matchAll(SERIAL), ([, digits]) => Number(digits)),
  };
}
