import { EventLoopTurns } from "./event-loop-turns.js";
import { fetchedMemory } from "./fetched-memory.js";
import { kafkajs } from "./kafkajs.js";
import { unpackerOf } from "./unpackers.js";

/**
 * KafkaJS brings gzip only, and a batch compressed with anything else ends its consumer (tulios/kafkajs#1475, #1141). Producers choose the codec, so all are read;
 * nothing is written compressed but with gzip. Only message sets from before Kafka 0.11 come this way, `fetch-decoding` unpacks batches itself; between two
 * of them that take long, others have their turn.
 */
export const registerCodecs = (turns: Pick<EventLoopTurns, "next"> = TURNS): void => {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const codec = (number: number) => () => ({
    compress: refuse,
    decompress: async (data: Buffer) => {
      const unpacker = await unpackerOf(number);
      await turns.next();
      const unpacked = await unpacker.whole(data, fetchedMemory.maxBytes);
      if (unpacked === undefined)
        throw new Error(`it unpacks to more than ${fetchedMemory.maxBytes} bytes (BATCH_MAX_BYTES)`);
      return unpacked;
    },
  });
  CompressionCodecs[CompressionTypes.Snappy] = codec(CompressionTypes.Snappy);
  CompressionCodecs[CompressionTypes.LZ4] = codec(CompressionTypes.LZ4);
  CompressionCodecs[CompressionTypes.ZSTD] = codec(CompressionTypes.ZSTD);
};

const TURNS = new EventLoopTurns();

const refuse = async (): Promise<never> => {
  throw new Error("writing compressed records is not supported");
};
