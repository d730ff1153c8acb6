import { kafkajs } from "#src/kafka/kafkajs.js";
import { unpackerOf } from "#src/kafka/unpackers.js";

/** KafkaJS brings gzip only. With these its own decoder reads every codec, for tests that compare it with ours. */
export const registerCodecs = (): void => {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const codec = (number: number) => () => ({
    compress: async (): Promise<never> => {
      throw new Error("writing compressed records is not supported");
    },
    decompress: async (data: Buffer) => {
      const unpacked = await (await unpackerOf(number)).whole(data, Number.POSITIVE_INFINITY);
      return unpacked ?? Buffer.alloc(0);
    },
  });
  CompressionCodecs[CompressionTypes.Snappy] = codec(CompressionTypes.Snappy);
  CompressionCodecs[CompressionTypes.LZ4] = codec(CompressionTypes.LZ4);
  CompressionCodecs[CompressionTypes.ZSTD] = codec(CompressionTypes.ZSTD);
};
