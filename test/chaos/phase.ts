/** One fault, with a topic, a group, instances and books of its own. */

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "#tools/simulator/random.js";
import { seededRandom } from "#tools/simulator/random.js";
import { createTopic, withAdmin } from "../support/kafka-admin.js";
import { type Account, account } from "./books.js";
import { untilDone, untilStill, watchCalm } from "./calm.js";
import type { Cluster } from "./cluster.js";
import type { Fault } from "./faults.js";
import { GRACE_MS, type Instances, SMTP_CONNECTIONS, startInstances, WINDOW_MS } from "./instances.js";
import { readDeadLetters, readLog } from "./log-reader.js";
import type { Sink } from "./sink.js";
import { startTraffic, type Traffic } from "./traffic.js";

export interface PhaseOptions {
  readonly cluster: Cluster;
  readonly sink: Sink;
  readonly fault: Fault;
  readonly seed: number;
  /** Rounds begin while less than this has passed; there is always one. */
  readonly budgetMs: number;
  readonly devices: number;
  readonly rate: number;
  readonly signal: AbortSignal;
  /** How long after its window's end and the grace an alert may still wait for its mail before that counts as trouble. Default 2.5 s. */
  readonly slackMs?: number;
  say(line: string): void;
}

/** What a fault's script works with. */
export interface Scene {
  readonly round: number;
  readonly random: Random;
  readonly instances: Instances;
  readonly cluster: Cluster;
  readonly group: string;
  readonly topic: string;
  readonly traffic: Traffic;
  readonly sink: Sink;
  readonly signal: AbortSignal;
  /** Resolves when the next mail was taken and has no reply yet; of a translation, when its next alert is there. */
  nextSign(): Promise<void>;
  wait(ms: number): Promise<void>;
  /** Resolves when `done` says so; asks again and again, also when it fails. Rejects after two minutes. */
  until(what: string, done: () => Promise<boolean>): Promise<void>;
  /** Undone when the phase ends, last first. */
  defer(undo: () => Promise<unknown>): void;
  /** Instances, traffic and books go on with the topic of that name there. */
  moveTo(cluster: Cluster): Promise<void>;
}

/** What a script needs that hits instances and brokers only. */
export type KafkaScene = Pick<
  Scene,
  "round" | "random" | "instances" | "cluster" | "group" | "signal" | "nextSign" | "wait"
>;

export interface PhaseResult extends Account {
  readonly fault: string;
  readonly seed: number;
  readonly brokers: number;
  readonly rounds: number;
  /** Longest time from the beginning of a fault until every alert was mailed as fast as usual again; the fault's own time is in it. */
  readonly recoverySeconds: number;
  /** Longest time that a round of the fault itself took. */
  readonly faultSeconds: number;
  /** Mails that may be repeated by the rules. */
  readonly allowedRepeatedMails: number;
  readonly revived: number;
  /** Goals missed, one line each; empty when all is well. */
  readonly missed: readonly string[];
  readonly logs: ReadonlyMap<string, readonly unknown[]>;
}

const PARTITIONS = 12;
/** An alert waits for its window's end, grace, the watermark's step, and the mail server. */
const USUAL_SLACK_MS = 2_500;
const LATE_REPEATS_MS = 2_000;

export async function runPhase(options: PhaseOptions): Promise<PhaseResult> {
  const { cluster, sink, fault, signal } = options;
  const random = seededRandom(options.seed);
  const usualAgeMs = WINDOW_MS + GRACE_MS + (options.slackMs ?? USUAL_SLACK_MS);
  const topic = `chaos-${fault.name}-${randomBytes(3).toString("hex")}`;
  const group = `${topic}.group`;
  let { brokers } = cluster.kafka;
  await createTopic(brokers, topic, PARTITIONS, fault.topic?.config, fault.topic?.replicas);
  await cluster.kafka.createTopic(`${topic}.dead-letters`, PARTITIONS);
  const instances = await startInstances({ cluster, smtpPort: sink.port, topic, group });
  const deferred: (() => Promise<unknown>)[] = [];
  try {
    for (let slot = 0; slot < fault.instances; slot++) await instances.launch(slot);
    for (let slot = 0; slot < fault.instances; slot++) await instances.waitReady(slot);
    const traffic = await startTraffic({
      brokers,
      topic,
      devices: options.devices,
      rate: options.rate,
      badRecords: fault.badRecords ?? false,
      random: seededRandom(options.seed + 1),
      signal,
    });
    sink.begin(traffic.settled);
    const wait = (ms: number) => sleep(ms, undefined, { signal });
    const scene: Omit<Scene, "round"> = {
      ...{ random, instances, cluster, group, topic, traffic, sink, signal, wait },
      nextSign: () => sink.nextMail(signal),
      until: (what, done) => untilDone(what, done, wait),
      defer: (undo) => void deferred.push(undo),
      async moveTo(other) {
        brokers = other.kafka.brokers;
        instances.moveTo(other);
        await traffic.resume(brokers);
      },
    };

    const watch = watchCalm({ traffic, instances, usualAgeMs, wait });
    const problems: string[] = [];
    let rounds = 0;
    let recoveryMs = 0;
    let faultMs = 0;
    try {
      await wait(WINDOW_MS * 2);
      await watch.calm(performance.now());
      const prepared = await fault.prepare?.({ ...scene, round: 0 });
      const begunAt = performance.now();
      while (rounds === 0 || (performance.now() - begunAt < options.budgetMs && rounds < (fault.maxRounds ?? 1_000))) {
        await wait(random.whole(0, WINDOW_MS));
        const since = performance.now();
        await fault.run({ ...scene, round: rounds }, prepared);
        rounds++;
        faultMs = Math.max(faultMs, performance.now() - since);
        await instances.revive();
        for (const slot of instances.running) await instances.waitReady(slot);
        const tookMs = await watch.calm(since);
        recoveryMs = Math.max(recoveryMs, tookMs);
        options.say(`  round ${rounds}: recovered after ${(tookMs / 1_000).toFixed(1)} s`);
      }
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`after ${rounds} rounds: ${(error as Error).message}`);
    } finally {
      watch.stop();
    }
    await traffic.stop();
    await untilStill(traffic, wait);
    await wait(LATE_REPEATS_MS);
    for (const slot of instances.running) await instances.stop(slot).catch((error) => problems.push(error.message));
    await sink.read();

    const log = await readLog(brokers, topic);
    const deadLetters = await readDeadLetters(brokers, `${topic}.dead-letters`);
    if (deadLetters.deadLetterAlerts.length > 0 && fault.refuses !== true)
      problems.push(`${deadLetters.deadLetterAlerts.length} alerts became dead letters though no mail was refused`);
    const books = account({
      ...log,
      ...deadLetters,
      acknowledged: traffic.acknowledged,
      mails: [...sink.mails],
    });
    problems.push(...instances.problems, ...(await overCommitted(brokers, group, topic)));
    const allowedRepeatedMails =
      (fault.repeats === "in-flight" ? rounds * (fault.victims ?? 1) * SMTP_CONNECTIONS : 0) + sink.droppedAfterDot;
    return {
      ...books,
      fault: fault.name,
      seed: options.seed,
      brokers: cluster.size,
      rounds,
      recoverySeconds: recoveryMs / 1_000,
      faultSeconds: faultMs / 1_000,
      allowedRepeatedMails,
      revived: instances.revived,
      missed: [...missedGoals(books, allowedRepeatedMails, fault), ...problems],
      logs: instances.logs(),
    };
  } finally {
    sink.afterDot(undefined);
    await instances.close();
    for (const undo of deferred.reverse()) await undo();
  }
}

export function missedGoals(
  books: Account,
  allowedRepeatedMails: number,
  fault: Pick<Fault, "repeats" | "losesRecords"> = { repeats: "in-flight" },
): string[] {
  const { lost, repeated, repeatedSameId, repeatedMails, outOfOrder, unknown, lostByBroker } = books;
  const some = (ids: readonly string[]) => ids.slice(0, 5).join(" ");
  const counts = fault.repeats !== "free";
  const keeps = fault.losesRecords !== true;
  const goals: [boolean, string][] = [
    [lost.length > 0, `lost ${lost.length}: ${some(lost)}`],
    [outOfOrder.length > 0, `out of order at ${outOfOrder.length} devices: ${some(outOfOrder)}`],
    [
      counts && (repeatedMails > allowedRepeatedMails || (repeated.length > 0 && allowedRepeatedMails === 0)),
      `repeated ${repeated.length} alerts in ${repeatedMails} mails, allowed ${allowedRepeatedMails} mails: ${some(repeated)}`,
    ],
    [
      counts && repeatedSameId < repeated.length,
      `repeated under another Message-ID: ${repeated.length - repeatedSameId} of ${repeated.length} alerts`,
    ],
    [keeps && unknown.length > 0, `mailed, never produced: ${some(unknown)}`],
    [keeps && lostByBroker.length > 0, `the broker lost what it had acknowledged: ${some(lostByBroker)}`],
  ];
  return goals.flatMap(([missed, text]) => (missed ? [text] : []));
}

/** Everything was mailed, so everything may be committed; nothing beyond it. */
async function overCommitted(brokers: string, group: string, topic: string): Promise<string[]> {
  return withAdmin(brokers, async (admin) => {
    const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    const ends = await admin.fetchTopicOffsets(topic);
    return (offsets?.partitions ?? []).flatMap(({ partition, offset }) => {
      const end = ends.find((one) => one.partition === partition)?.offset ?? "0";
      return Number(offset) > Number(end)
        ? [`partition ${partition} is committed to ${offset}, its end is ${end}`]
        : [];
    });
  });
}
