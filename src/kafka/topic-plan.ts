/** What a topic is created with, and what is left of that where the cluster's policy forbids some of it. Pure. */

export interface TopicPlan {
  readonly topic: string;
  readonly partitions: number;
  /** −1: the broker's default. */
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

/** What the broker answered: the name of its error, and its own words. */
export interface Refusal {
  readonly type: string;
  readonly sentence: string;
}

/** Refusals of what was asked for; any other one (a missing right, a topic that is there) would come again. */
export const isAboutSettings = ({ type }: Refusal): boolean =>
  type === "POLICY_VIOLATION" || type === "INVALID_CONFIG" || type === "INVALID_REPLICATION_FACTOR";

/**
 * The next best plan after a refusal; undefined: nothing is left to try. A policy is somebody's own program, and its words are all we learn: a setting that they name
 * is made smaller or left to the broker. Where they name nothing, all settings are, and then the number of replicas.
 */
export const nextPlan = (plan: TopicPlan, { type, sentence }: Refusal): TopicPlan | undefined => {
  const replicas = REPLICATION_FACTORS[REPLICATION_FACTORS.indexOf(plan.replicationFactor) + 1];
  const withReplicas = replicas === undefined ? undefined : { ...plan, replicationFactor: replicas };
  if (type === "INVALID_REPLICATION_FACTOR" || /replica/i.test(sentence)) return withReplicas;
  const names = Object.keys(plan.config);
  const named = names.filter((name) => sentence.includes(name));
  if (named.length > 0) return { ...plan, config: without(plan.config, named, sentence) };
  if (names.length > 0) {
    const config = plan.config[LARGEST] === undefined ? {} : without(plan.config, [LARGEST], sentence);
    return { ...plan, config };
  }
  return withReplicas;
};

/** As somebody types it. `bootstrapServer`: one address of the cluster. */
export const creationCommand = (plan: TopicPlan, bootstrapServer: string): string =>
  [
    `kafka-topics.sh --bootstrap-server ${bootstrapServer} --create --topic ${plan.topic} --partitions ${plan.partitions}`,
    ...(plan.replicationFactor === -1 ? [] : [`--replication-factor ${plan.replicationFactor}`]),
    ...Object.entries(plan.config).map(([name, value]) => `--config ${name}=${value}`),
  ].join(" ");

const without = (
  config: TopicPlan["config"],
  names: readonly string[],
  sentence: string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      if (!names.includes(name)) return [[name, value]];
      const smaller = name === LARGEST ? smallerSize(Number(value), sentence) : undefined;
      return smaller === undefined ? [] : [[name, String(smaller)]];
    }),
  );

/** The largest size below the refused one that the sentence names, else 8 MiB, which several managed clusters have as their limit. */
const smallerSize = (refused: number, sentence: string): number | undefined => {
  const named = [...sentence.matchAll(/\d{7,}/g)].map(([digits]) => Number(digits));
  const fitting = [...named, EIGHT_MIB].filter((size) => size < refused && size >= DEFAULT_SIZE);
  const inSentence = fitting.filter((size) => named.includes(size));
  return inSentence.length > 0 ? Math.max(...inSentence) : fitting[0];
};

const LARGEST = "max.message.bytes";
const EIGHT_MIB = 8 * 1024 * 1024;
/** A broker without any setting takes so much. */
const DEFAULT_SIZE = 1_048_588;
/** Managed clusters ask for three. */
const REPLICATION_FACTORS: readonly number[] = [-1, 3, 2];
