import { createRequire } from "node:module";
import type { Admin } from "kafkajs";
import type { Logger } from "../runtime/log.js";
import { creationCommand, isAboutSettings, nextPlan, type Refusal, type TopicPlan } from "./topic-plan.js";

/**
 * Creates the topic, where the cluster's policy forbids some of the settings without those, and warns then. Resolves with what it was created with; undefined when it
 * was there before. Rejects with the broker's own sentence, and with what to do.
 */
export const createTopic = async (
  admin: Pick<Admin, "createTopics">,
  wanted: TopicPlan,
  deps: {
    /** The variable that names the topic. */
    readonly variable: string;
    readonly log: Logger;
    /** What goes wrong without the topic, where that is not plain. */
    readonly otherwise?: string;
  },
): Promise<TopicPlan | undefined> => {
  const refusals: string[] = [];
  let plan = wanted;
  let timeouts = 0;
  for (;;) {
    const refusal = await attempt(admin, plan);
    if (refusal === "exists") return undefined;
    if (refusal === undefined) break;
    // A busy cluster goes on with it all the same: asked again, it says that the topic exists.
    if (refusal.type === TIMED_OUT && ++timeouts < ATTEMPTS_OF_A_BUSY_CLUSTER) continue;
    if (!refusals.includes(refusal.sentence)) refusals.push(refusal.sentence);
    const next = isAboutSettings(refusal) ? nextPlan(plan, refusal) : undefined;
    if (next === undefined) throw new Error(problem(wanted, refusal, refusals, deps));
    plan = next;
  }
  if (plan !== wanted) {
    const { topic, config, replicationFactor } = plan;
    const asked = { config: wanted.config, replicationFactor: wanted.replicationFactor };
    deps.log.warn(
      { topic, refused: refusals.join(" | "), asked, created: { config, replicationFactor } },
      "topic created with other settings than alert-digest asks for: the cluster does not allow those",
    );
  }
  return plan;
};

/** Asks whether the broker would create a topic that is not there, or that this user may not see. Creates nothing; undefined: it would. */
export const whyNotCreated = async (
  admin: Pick<Admin, "createTopics">,
  { topic, config }: Pick<TopicPlan, "topic" | "config">,
  deps: { readonly variable: string; readonly log: Logger },
): Promise<string | undefined> => {
  const asking: typeof admin = { createTopics: (options) => admin.createTopics({ ...options, validateOnly: true }) };
  try {
    await createTopic(asking, { topic, partitions: 1, replicationFactor: -1, config }, deps);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(`topic ${topic} (${deps.variable})`, "it");
  }
};

const attempt = async (
  admin: Pick<Admin, "createTopics">,
  { topic, partitions, replicationFactor, config }: TopicPlan,
): Promise<Refusal | "exists" | undefined> => {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const topics = [{ topic, numPartitions: partitions, replicationFactor, configEntries }];
  try {
    // Asked at once, a broker may not know the topic yet, which KafkaJS would take for a refusal.
    return (await admin.createTopics({ waitForLeaders: false, topics })) ? undefined : "exists";
  } catch (error) {
    if ((error as Error).name === "KafkaJSRequestTimeoutError")
      return { type: TIMED_OUT, sentence: (error as Error).message };
    const [first] = (error as { errors?: readonly { type?: string; message: string }[] }).errors ?? [];
    // Not about this topic: the broker is away, or knows nothing of us.
    if (first === undefined) throw error;
    const { type = "", message } = first;
    return type === "TOPIC_ALREADY_EXISTS" ? "exists" : { type, sentence: message };
  }
};

const problem = (
  wanted: TopicPlan,
  refusal: Refusal,
  refusals: readonly string[],
  { variable, otherwise }: { readonly variable: string; readonly otherwise?: string },
): string => {
  const command = creationCommand(wanted, "HOST:PORT");
  const advice = /AUTHORIZATION/.test(refusal.type)
    ? `grant CREATE, or create it: ${command}`
    : `create it with what the cluster allows; alert-digest asks for: ${command}`;
  const consequence = otherwise === undefined ? "" : `; ${otherwise}`;
  return `topic ${wanted.topic} (${variable}) does not exist and cannot be created (the broker says: ${refusals.join(" | ")}): ${advice}${consequence}`;
};

/** Each attempt lasts some seconds. */
const ATTEMPTS_OF_A_BUSY_CLUSTER = 6;
const TIMED_OUT = "REQUEST_TIMED_OUT";

interface CreateTopicsAnswer {
  readonly topicErrors: readonly { readonly topic: string; readonly errorMessage?: string | null }[];
}
interface ResponseModule {
  parse: (data: CreateTopicsAnswer) => Promise<CreateTopicsAnswer>;
}

/**
 * A broker says in words why it does not create a topic: the sentence of a policy, for example. KafkaJS reads it and throws it away; its error has the text that its
 * code always has. Changes the loaded library; calling it again changes nothing more.
 */
export const keepReasonsOfRefusedTopics = (): void => {
  const require = createRequire(import.meta.url);
  // Version 0 has no words.
  for (const version of [1, 2, 3]) {
    const response = require(`kafkajs/src/protocol/requests/createTopics/v${version}/response.js`) as ResponseModule;
    if (patched.has(response)) continue;
    patched.add(response);
    const { parse } = response;
    response.parse = async (data) => {
      try {
        return await parse(data);
      } catch (error) {
        for (const one of (error as { errors?: { topic?: string; message: string }[] }).errors ?? []) {
          const words = data.topicErrors.find(({ topic }) => topic === one.topic)?.errorMessage?.trim();
          if (words) one.message = words;
        }
        throw error;
      }
    };
  }
};

const patched = new WeakSet<ResponseModule>();
