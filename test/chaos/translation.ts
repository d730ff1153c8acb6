/** One fault for `alert-digest translate`, with topics, a group, instances and books of its own. */

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "#tools/simulator/random.js";
import { followTopic } from "../support/follow-topic.js";
import { createTopic } from "../support/kafka-admin.js";
import { readTopic as readCommitted } from "../support/read-topic.js";
import { untilStill, watchCalm } from "./calm.js";
import type { KafkaFault } from "./faults.js";
import { startInstances } from "./instances.js";
import { readLog } from "./log-reader.js";
import type { KafkaScene, PhaseOptions } from "./phase.js";
import { ALERT_ID, startTraffic } from "./traffic.js";
import { type TranslationAccount, translationAccount } from "./translation-books.js";

export interface TranslationResult extends TranslationAccount {
  readonly fault: string;
  readonly seed: number;
  readonly rounds: number;
  /** From the beginning of a fault until every alert was written as fast as usual again. */
  readonly recoverySeconds: number;
  readonly faultSeconds: number;
  readonly revived: number;
  /** Goals missed, one line each; empty when all is well. */
  readonly missed: readonly string[];
  readonly logs: ReadonlyMap<string, readonly unknown[]>;
}

const PARTITIONS = 12;
/** A transaction takes some tens of milliseconds; this machine has other things to do as well. */
const USUAL_AGE_MS = 3_000;
/** Transactions of the dead are ended by the broker. */
const LATE_MS = 12_000;

export async function runTranslation(
  options: Omit<PhaseOptions, "fault" | "sink" | "slackMs"> & { readonly fault: KafkaFault },
): Promise<TranslationResult> {
  const { cluster, fault, signal } = options;
  const random = seededRandom(options.seed);
  const topic = `chaos-translate-${fault.name}-${randomBytes(3).toString("hex")}`;
  const [input, base] = [`${topic}.input`, `${topic}.group`];
  const { brokers } = cluster.kafka;
  for (const name of [input, topic, `${topic}.dead-letters`]) await createTopic(brokers, name, PARTITIONS);
  const more = { TRANSLATE_FROM: input };
  const instances = await startInstances({ cluster, smtpPort: 1, topic, group: base, args: ["translate"], more });
  const ends: (() => Promise<unknown>)[] = [() => instances.close()];
  try {
    for (let slot = 0; slot < fault.instances; slot++) await instances.launch(slot);
    for (let slot = 0; slot < fault.instances; slot++) await instances.waitReady(slot);
    const { devices, rate } = options;
    const traffic = await startTraffic({
      ...{ brokers, topic: input, devices, rate, badRecords: false, signal },
      random: seededRandom(options.seed + 1),
    });
    const seen = await followAlerts(brokers, topic, (ids) => ids.forEach(traffic.settled));
    ends.push(() => seen.close());
    const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal });
    const scene: Omit<KafkaScene, "round"> = {
      ...{ random, instances, cluster, signal, wait },
      group: `${base}.translate.${input}`,
      nextSign: () => seen.next(signal),
    };
    const watch = watchCalm({ traffic, instances, usualAgeMs: USUAL_AGE_MS, wait });
    const problems: string[] = [];
    let [rounds, recoveryMs, faultMs] = [0, 0, 0];
    try {
      await wait(2_000);
      await watch.calm(performance.now());
      const begunAt = performance.now();
      while (rounds === 0 || (performance.now() - begunAt < options.budgetMs && rounds < (fault.maxRounds ?? 1_000))) {
        await wait(random.whole(0, 2_000));
        const since = performance.now();
        await fault.run({ ...scene, round: rounds });
        rounds++;
        faultMs = Math.max(faultMs, performance.now() - since);
        await instances.revive();
        for (const slot of instances.running) await instances.waitReady(slot);
        recoveryMs = Math.max(recoveryMs, await watch.calm(since));
      }
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`after ${rounds} rounds: ${(error as Error).message}`);
    } finally {
      watch.stop();
    }
    await traffic.stop();
    await untilStill(traffic, wait);
    for (const slot of instances.running) await instances.stop(slot).catch((error) => problems.push(error.message));
    await wait(LATE_MS);
    const { alerts: sent } = await readLog(brokers, input);
    const books = translationAccount({
      input,
      sent,
      acknowledged: traffic.acknowledged,
      written: await readCommitted(brokers, topic),
      deadLetters: (await readCommitted(brokers, `${topic}.dead-letters`)).length,
    });
    return {
      ...books,
      fault: fault.name,
      seed: options.seed,
      rounds,
      recoverySeconds: recoveryMs / 1_000,
      faultSeconds: faultMs / 1_000,
      revived: instances.revived,
      missed: [...books.missed, ...problems, ...instances.problems],
      logs: instances.logs(),
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** Tells of the alerts that a reader of committed records sees. */
const followAlerts = async (brokers: string, topic: string, onAlerts: (ids: readonly string[]) => void) => {
  const waiting = new Set<() => void>();
  const { close } = await followTopic({
    ...{ brokers, topic, groupId: `${topic}.follower`, commits: true, maxWaitMs: 100 },
    onRecords: (records) => {
      onAlerts(records.flatMap(({ value }) => [...new Set(String(value).match(ALERT_ID) ?? [])]));
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  });
  return {
    next: (signal: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        waiting.add(resolve);
        signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      }),
    close,
  };
};
