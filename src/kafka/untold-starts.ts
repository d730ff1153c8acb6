import type { Cluster } from "kafkajs";

/** What the types of KafkaJS say of it, and what it resolves with. */
type Asking = Pick<Cluster, "fetchTopicsOffset">;
type Asked = Parameters<Asking["fetchTopicsOffset"]>[0];

/**
 * Before it fetches anything KafkaJS asks where the logs of all partitions without a commit begin, and one that is refused, or that nobody leads, stops them all: it starts anew again
 * and again. Here each is asked alone then, and one that nobody tells of begins at 0 for KafkaJS. Nothing is fetched from there: a partition is paused until its start is known,
 * and sought to it then. While no broker answers at all it stays an error. Changes this cluster object only; calling it again changes nothing more.
 */
export const tolerateUntoldStarts = (cluster: Asking): void => {
  if (changed.has(cluster)) return;
  changed.add(cluster);
  const ask = cluster.fetchTopicsOffset.bind(cluster);
  cluster.fetchTopicsOffset = async (asked) => {
    try {
      return await ask(asked);
    } catch (error) {
      if (!isAboutPartitions(error)) throw error;
      return await Promise.all(asked.map((topic) => eachAlone(ask, topic)));
    }
  };
};

const eachAlone = async (ask: Asking["fetchTopicsOffset"], question: Asked[number]) => ({
  topic: question.topic,
  partitions: await Promise.all(
    question.partitions.map(async ({ partition }) => {
      try {
        const [found] = await ask([{ ...question, partitions: [{ partition }] }]);
        return { partition, offset: found?.partitions[0]?.offset ?? "0" };
      } catch (error) {
        if (!isAboutPartitions(error)) throw error;
        return { partition, offset: "0" };
      }
    }),
  ),
});

/** The broker refused, or there is none that leads: KafkaJS looks for a broker −1 then. */
const isAboutPartitions = (error: unknown): boolean =>
  (error as { type?: string }).type !== undefined || (error as Error).name === "KafkaJSBrokerNotFound";

const changed = new WeakSet<Asking>();
