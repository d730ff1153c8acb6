import { decompress as decompressZstd } from "fzstd";
import lz4 from "lz4-napi";
import { uncompress } from "snappyjs";
import { EventLoopTurns } from "./event-loop-turns.js";
import { kafkajs } from "./kafkajs.js";

/**
 * KafkaJS brings gzip only, and a batch compressed with anything else ends its consumer (tulios/kafkajs#1475, #1141). Producers choose the codec, so all are read;
 * nothing is written compressed. Between batches that take long, others have their turn; gzip, which Node.js unpacks in a thread, needs no help.
 */
export const registerCodecs = (turns: Pick<EventLoopTurns, "next"> = TURNS): void => {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const codec = (unpack: (data: Buffer) => Buffer) => () => ({
    compress: refuse,
    decompress: async (data: Buffer) => {
      await turns.next();
      return unpack(data);
    },
  });
  CompressionCodecs[CompressionTypes.Snappy] = codec(decompressSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = codec((data) => lz4.decompressFrameSync(data));
  CompressionCodecs[CompressionTypes.ZSTD] = codec((data) => Buffer.from(decompressZstd(data)));
};

const TURNS = new EventLoopTurns();

const refuse = async (): Promise<never> => {
  throw new Error("writing compressed records is not supported");
};

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);

/** One raw block, or the framing of xerial's snappy-java that Java clients write: 16 bytes of header, then blocks with a length each. */
const decompressSnappy = (data: Buffer): Buffer => {
  if (!data.subarray(0, 8).equals(XERIAL_MAGIC)) return Buffer.from(uncompress(data));
  const blocks: Buffer[] = [];
  for (let at = 16; at < data.length; ) {
    const length = data.readUInt32BE(at);
    blocks.push(Buffer.from(uncompress(data.subarray(at + 4, at + 4 + length))));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
};
