/** Answers as `/livez` does, in a thread that does nothing else: how long it takes says what the machine itself makes everybody wait. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort } from "node:worker_threads";

const server = createServer((_, response) => void response.end("ok\n"));
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
