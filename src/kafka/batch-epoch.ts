/** The leader's epoch under which a record was written, which KafkaJS keeps of its batch's head though its types leave it out; -1: none. */
export const batchEpochOf = (message: object): number =>
  (message as { batchContext?: { partitionLeaderEpoch?: number } }).batchContext?.partitionLeaderEpoch ?? -1;
