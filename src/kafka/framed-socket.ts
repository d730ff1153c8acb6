import { createRequire } from "node:module";
import { connect, type Socket } from "node:net";
import type { ISocketFactory } from "kafkajs";
import { changeOfClass } from "./changed-library.js";
import { Frames } from "./frames.js";

/** KafkaJS's account of a connection. */
interface Connection {
  /** What came of the answer that is not whole yet. */
  chunks: Buffer[];
  bytesBuffered: number;
  processData(bytes: Buffer): void;
}

/**
 * Connections as KafkaJS makes them, which hand over whole answers. In clear text only: a TLS socket does not read into memory of ours.
 * A stream's way takes new memory for every 64 KB, and KafkaJS copies all of it together again.
 */
export const framedSockets = (): ISocketFactory => {
  const require = createRequire(import.meta.url);
  const kafkajsFactory = (require("kafkajs/src/network/socketFactory.js") as () => ISocketFactory)();
  leaveWholeAnswers();
  return (options) => (options.ssl ? kafkajsFactory(options) : framedSocket(options));
};

/**
 * KafkaJS keeps what lies behind an answer, also where that is nothing, and joins the next answer to it: a copy of each but the first. Here nothing is kept of
 * nothing. Changes the loaded library, once.
 */
const leaveWholeAnswers = changeOfClass<Connection>("network/connection.js", (prototype) => {
  const { processData } = prototype;
  prototype.processData = function (this: Connection, bytes) {
    if (this.bytesBuffered === 0) this.chunks = [];
    processData.call(this, bytes);
  };
});

const framedSocket = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket => {
  const frames = new Frames();
  const give = (answer: Buffer): void => {
    if (!socket.destroyed) socket.emit("data", answer);
  };
  const callback = (length: number): boolean => {
    frames.came(length, give);
    return true;
  };
  const socket = connect({ host, port, onread: { buffer: () => frames.room(), callback } }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);
};

/** As KafkaJS does. */
const KEEP_ALIVE_MS = 60_000;
