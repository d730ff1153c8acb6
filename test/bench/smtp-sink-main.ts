/** The process behind `smtp-sink.ts`: RFC 5321 as far as a well-behaved client goes, no login; TLS from the first byte where it is asked for. */

import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { TEST_CERTIFICATE } from "../support/test-certificate.js";
import { type AcceptedMail, DEFERRED } from "./smtp-sink.js";

let accepted: AcceptedMail[] = [];

const EHLO = "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 52428800\r\n";
const REPLIES: Readonly<Record<string, string>> = {
  EHLO,
  DATA: "554 5.5.1 no recipients\r\n",
  QUIT: "221 bye\r\n",
};
const END_OF_DATA = Buffer.from("\r\n.\r\n");
const WINDOW = /\r\nX-Alert-Digest-Window: ([^\r]*)/i;

function serve(socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0);
  let inData = false;
  let recipients = 0;
  let serial = 0;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.write("220 sink ESMTP\r\n");
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf(inData ? END_OF_DATA : "\r\n");
      if (end < 0) return;
      const text = pending.subarray(0, end);
      pending = pending.subarray(end + (inData ? END_OF_DATA.length : 2));
      if (inData) {
        inData = false;
        accepted.push({ at: Date.now(), window: WINDOW.exec(text.toString("latin1", 0, 4096))?.[1] ?? "" });
        socket.write(`250 2.0.0 taken as ${++serial}\r\n`);
        continue;
      }
      const verb = text.toString("latin1", 0, 4).toUpperCase();
      if (verb === "RCPT" && text.includes(DEFERRED)) {
        socket.write("452 4.2.2 mailbox full\r\n");
        continue;
      }
      if (verb === "MAIL") recipients = 0;
      else if (verb === "RCPT") recipients++;
      inData = verb === "DATA" && recipients > 0;
      socket.write(inData ? "354 go on\r\n" : (REPLIES[verb] ?? "250 ok\r\n"));
      if (verb === "QUIT") socket.end();
    }
  });
}

const server = process.argv.includes("tls") ? createTlsServer(TEST_CERTIFICATE, serve) : createServer(serve);
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("message", () => {
  process.send?.(accepted);
  accepted = [];
});
// Its parent closed it, or is gone.
process.on("disconnect", () => process.exit(0));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
