import { createRequire } from "node:module";
import { connect, type Socket } from "node:net";
import type { ISocketFactory } from "kafkajs";
import { Frames } from "./frames.js";

/**
 * Connections as KafkaJS makes them, which hand over whole answers. In clear text only: a TLS socket does not read into memory of ours.
 * A stream's way takes new memory for every 64 KB, and KafkaJS copies all of it together again.
 */
export const framedSockets = (): ISocketFactory => {
  const require = createRequire(import.meta.url);
  const kafkajsFactory = (require("kafkajs/src/network/socketFactory.js") as () => ISocketFactory)();
  return (options) => (options.ssl ? kafkajsFactory(options) : framedSocket(options));
};

const framedSocket = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket => {
  const frames = new Frames();
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const give = (answer: Buffer): void => {
    if (!socket.destroyed) socket.emit("data", answer);
  };
  const callback = (length: number): boolean => {
    frames.take(buffer.subarray(0, length), give);
    return true;
  };
  const socket = connect({ host, port, onread: { buffer, callback } }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);
};

const READ_BYTES = 256 * 1024;
/** As KafkaJS does. */
const KEEP_ALIVE_MS = 60_000;
