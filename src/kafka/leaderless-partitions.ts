import { createRequire } from "node:module";

interface PartitionMetadata {
  readonly partitionErrorCode: number;
  readonly leader: number;
}
interface MetadataResponse {
  readonly topicMetadata: readonly { readonly partitionMetadata: PartitionMetadata[] }[];
}
interface ResponseModule {
  parse: (data: MetadataResponse) => Promise<MetadataResponse>;
}

/**
 * To KafkaJS one partition without a leader makes the metadata of all topics an error (tulios/kafkajs#1520, #1769): consumer, producer and admin stop
 * for every partition, for as long as that broker is away. Other clients carry on with leader −1, and so does this: KafkaJS then fetches the
 * partition from nobody, and fails to write to it and to it only. While no partition of those asked for has a leader it stays an error, which is tried again at once:
 * a cluster that starts should not have to wait for the next refresh. Changes the loaded library; calling it again changes nothing more.
 */
export const tolerateLeaderlessPartitions = (): void => {
  const require = createRequire(import.meta.url);
  for (const version of [0, 1, 2, 3, 4, 5, 6]) {
    const response = require(`kafkajs/src/protocol/requests/metadata/v${version}/response.js`) as ResponseModule;
    if (patched.has(response)) continue;
    patched.add(response);
    const { parse } = response;
    response.parse = async (data) => {
      const { topicMetadata } = data;
      const partitions = topicMetadata.flatMap(({ partitionMetadata }) => partitionMetadata);
      const tolerable = partitions.some(({ leader }) => leader >= 0);
      if (!tolerable) return parse(data);
      return parse({
        ...data,
        topicMetadata: topicMetadata.map((topic) => ({
          ...topic,
          partitionMetadata: topic.partitionMetadata.map((partition) =>
            partition.partitionErrorCode === LEADER_NOT_AVAILABLE ? { ...partition, partitionErrorCode: 0 } : partition,
          ),
        })),
      });
    };
  }
};

const patched = new WeakSet<ResponseModule>();
const LEADER_NOT_AVAILABLE = 5;
