/** A TCP proxy in front of one Kafka broker that refuses what it is told to, in the broker's place: one partition of one kind of question, or all of one kind by hanging up. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const HOST = "127.0.0.1";

/** Questions whose answers are an array of topics with an array of partitions of a fixed size. */
const ANSWERS = {
  /** Version 2 and 3: throttle time, topics of (partition, error, timestamp, offset). */
  ListOffsets: { apiKey: 2, versions: [2, 3], bytes: 22, partitionAt: 0, errorAt: 4 },
  /** Version 3: throttle time, topics of (error, partition, epoch, end). */
  OffsetForLeaderEpoch: { apiKey: 23, versions: [3], bytes: 18, partitionAt: 2, errorAt: 0 },
} as const;

/** Kafka's number of a question for which the proxy can hang up. */
const API_KEYS = { FindCoordinator: 10 } as const;

export interface Refusal {
  readonly question: keyof typeof ANSWERS;
  readonly topic: string;
  readonly partition: number;
  /** Kafka's error code. */
  readonly code: number;
}

export interface RefusingProxy {
  readonly port: number;
  /** From now on; undefined: nothing any more. */
  refuse(refusal: Refusal | undefined): void;
  /** From now on it closes each connection that asks this; undefined: none any more. */
  hangUpOn(question: keyof typeof API_KEYS | undefined): void;
  /** Answers changed and connections closed so far. */
  readonly refused: number;
  close(): Promise<void>;
}

/** `target`: port on 127.0.0.1. */
export async function startRefusingProxy(target: number): Promise<RefusingProxy> {
  let refusal: Refusal | undefined;
  let hangUpOn: number | undefined;
  let refused = 0;
  const sockets = new Set<Socket>();
  const change = (body: Buffer): void => {
    if (refusal === undefined) return;
    const { bytes, partitionAt, errorAt } = ANSWERS[refusal.question];
    // Behind the correlation ID and the throttle time.
    let at = 8;
    const topics = body.readInt32BE(at);
    at += 4;
    for (let topic = 0; topic < topics; topic++) {
      const length = body.readInt16BE(at);
      const name = body.toString("utf8", at + 2, at + 2 + length);
      at += 2 + length;
      const partitions = body.readInt32BE(at);
      at += 4;
      for (let index = 0; index < partitions; index++, at += bytes) {
        if (name !== refusal.topic || body.readInt32BE(at + partitionAt) !== refusal.partition) continue;
        body.writeInt16BE(refusal.code, at + errorAt);
        refused++;
      }
    }
  };

  const server = createServer((client) => {
    const broker = connect(target, HOST);
    /** Correlation IDs of the questions that may be refused. */
    const asked = new Map<number, keyof typeof ANSWERS>();
    for (const [from, to, look] of [
      [
        client,
        broker,
        (frame: Buffer) => {
          const [apiKey, version] = [frame.readInt16BE(0), frame.readInt16BE(2)];
          if (apiKey === hangUpOn) {
            refused++;
            client.destroy();
          }
          for (const [question, known] of Object.entries(ANSWERS))
            if (known.apiKey === apiKey && (known.versions as readonly number[]).includes(version))
              asked.set(frame.readInt32BE(4), question as keyof typeof ANSWERS);
        },
      ],
      [
        broker,
        client,
        (frame: Buffer) => {
          const id = frame.readInt32BE(0);
          if (refusal !== undefined && asked.get(id) === refusal.question) change(frame);
          asked.delete(id);
        },
      ],
    ] as const) {
      sockets.add(from);
      let kept = Buffer.alloc(0);
      from.on("data", (chunk: Buffer) => {
        kept = Buffer.concat([kept, chunk]);
        while (kept.length >= 4 && kept.length >= 4 + kept.readInt32BE(0)) {
          const end = 4 + kept.readInt32BE(0);
          look(kept.subarray(4, end));
          if (!from.destroyed) to.write(kept.subarray(0, end));
          kept = kept.subarray(end);
        }
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, HOST);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    refuse(next) {
      refusal = next;
    },
    hangUpOn(question) {
      hangUpOn = question && API_KEYS[question];
    },
    get refused() {
      return refused;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
