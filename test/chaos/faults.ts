/** What is done to the system, one fault each. A script ends with everything running and healed again. */

import { LOG_FAULTS } from "./log-faults.js";
import { badMoment } from "./moments.js";
import type { KafkaScene, Scene } from "./phase.js";

export interface Fault {
  readonly name: string;
  /** For the matrix. */
  readonly title: string;
  readonly brokers: 1 | 3;
  /** Instances at the start. */
  readonly instances: number;
  /**
   * `in-flight`: an instance ends, or is cut off, without being able to say what it has sent. `free`: the log is another than the one that was read, so what
   * was said of it counts no more; repeats are counted, and are no goal.
   */
  readonly repeats: "never" | "in-flight" | "free";
  /** Of the alerts topic; the cluster's own where nothing is said. */
  readonly topic?: { readonly replicas: number; readonly config: Readonly<Record<string, string>> };
  /** The brokers lose what they had acknowledged: that is the fault. What they lost may be in a mail or not. */
  readonly losesRecords?: true;
  /** Instances that one round hits; default 1. */
  readonly victims?: number;
  readonly maxRounds?: number;
  readonly badRecords?: boolean;
  /** Windows become dead letters. */
  readonly refuses?: boolean;
  /** What takes its time and is no part of the fault; `run` gets what it resolves to. */
  prepare?(scene: Scene): Promise<unknown>;
  run(scene: Scene, prepared?: unknown): Promise<void>;
}

const FREEZE_MS = 40_000;
const BLACK_HOLE_MS = 25_000;
const FREE_SLOT = 3;

const anyOf = ({ random, instances }: KafkaScene): number => random.pick(instances.running);

const rollingRestart = async (scene: KafkaScene): Promise<void> => {
  for (const slot of [...scene.instances.running]) {
    await scene.instances.stop(slot);
    await scene.instances.start(slot);
  }
};

/** Something is wrong with the mail server for a while. */
const smtpFor = async (scene: Scene, begin: () => void, end: () => void): Promise<void> => {
  begin();
  try {
    await scene.wait(scene.random.whole(6_000, 15_000));
  } finally {
    end();
  }
};

const cutOff = async (
  { wait, signal }: KafkaScene,
  proxies: readonly { blackHole(): void; heal(): void }[],
  ms: number,
): Promise<void> => {
  for (const proxy of proxies) proxy.blackHole();
  try {
    await wait(ms);
  } finally {
    for (const proxy of proxies) proxy.heal();
    signal.throwIfAborted();
  }
};

const freeze =
  (ms: number) =>
  async (scene: KafkaScene): Promise<void> => {
    const slot = anyOf(scene);
    await badMoment(scene);
    scene.instances.signal(slot, "SIGSTOP");
    try {
      await scene.wait(ms);
    } finally {
      scene.instances.signal(slot, "SIGCONT");
    }
  };

/** One that hits instances and brokers only. */
export interface KafkaFault extends Omit<Fault, "prepare" | "run"> {
  run(scene: KafkaScene): Promise<void>;
}

const ONE_BROKER: readonly KafkaFault[] = [
  {
    name: "restart",
    title: "rolling restart (SIGTERM)",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: rollingRestart,
  },
  {
    name: "join",
    title: "an instance joins",
    brokers: 1,
    instances: 2,
    repeats: "never",
    maxRounds: 3,
    run: async ({ instances }) => {
      await instances.start(instances.running.length);
    },
  },
  {
    name: "leave",
    title: "an instance leaves",
    brokers: 1,
    instances: 4,
    repeats: "never",
    maxRounds: 3,
    run: async (scene) => {
      await badMoment(scene);
      await scene.instances.stop(anyOf(scene));
    },
  },
  {
    name: "storm",
    title: "rebalance storm: joins and leaves in a row",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async ({ instances, random, wait }) => {
      for (let turn = 0; turn < 3; turn++) {
        const starting = [FREE_SLOT, FREE_SLOT + 1].map((slot) => instances.launch(slot));
        await Promise.all(starting);
        await wait(random.whole(500, 4_000));
        const leaving = random.pick([0, 1, 2]);
        await instances.stop(leaving);
        await wait(random.whole(0, 1_500));
        await instances.launch(leaving);
        await wait(random.whole(0, 3_000));
        await instances.stop(FREE_SLOT);
        await instances.stop(FREE_SLOT + 1);
      }
    },
  },
  {
    name: "kill",
    title: "`kill -9`",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    run: async (scene) => {
      const slot = anyOf(scene);
      await badMoment(scene);
      await scene.instances.kill(slot);
      await scene.wait(scene.random.whole(0, 3_000));
      await scene.instances.launch(slot);
    },
  },
  {
    name: "freeze",
    title: "frozen for 40 s (SIGSTOP)",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    run: freeze(FREEZE_MS),
  },
  {
    name: "short-freeze",
    title: "frozen for 12 s, less than its session",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    run: freeze(12_000),
  },
  {
    name: "broker-kill",
    title: "the only broker: `kill -9`, back after 1–10 s",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      await badMoment(scene);
      await scene.cluster.kafka.kill();
      await scene.wait(scene.random.whole(1_000, 10_000));
      await scene.cluster.kafka.restart();
    },
  },
  {
    name: "broker-restart",
    title: "the only broker: clean restart",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      await badMoment(scene);
      await scene.cluster.kafka.stop();
      await scene.cluster.kafka.restart();
    },
  },
  {
    name: "broker-freeze",
    title: "the only broker: silent for 20 s (SIGSTOP)",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      await badMoment(scene);
      scene.cluster.kafka.freeze();
      try {
        await scene.wait(20_000);
      } finally {
        scene.cluster.kafka.thaw();
      }
    },
  },
  {
    name: "kafka-black-hole",
    title: "network black hole between one instance and Kafka, 25 s",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    run: async (scene) => {
      const slot = anyOf(scene);
      await badMoment(scene);
      await cutOff(scene, scene.cluster.proxiesOf(slot), BLACK_HOLE_MS);
    },
  },
  {
    name: "kafka-short-hole",
    title: "network black hole between one instance and Kafka, 6 s",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      const slot = anyOf(scene);
      await badMoment(scene);
      await cutOff(scene, scene.cluster.proxiesOf(slot), 6_000);
    },
  },
  {
    name: "kafka-reset",
    title: "all connections of one instance to Kafka reset, five times",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      const slot = anyOf(scene);
      for (let turn = 0; turn < 5; turn++) {
        await badMoment(scene);
        for (const proxy of scene.cluster.proxiesOf(slot)) proxy.reset();
      }
    },
  },
];

const THREE_BROKERS: readonly KafkaFault[] = [
  {
    name: "one-of-three",
    title: "one of three brokers: `kill -9`, back after 1–10 s",
    brokers: 3,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      const broker = scene.random.whole(0, 2);
      await badMoment(scene);
      await scene.cluster.kafka.kill(broker);
      await scene.wait(scene.random.whole(1_000, 10_000));
      await scene.cluster.kafka.restart();
    },
  },
  {
    name: "coordinator-kill",
    title: "the group's coordinator of three brokers: `kill -9`, back after 5–15 s",
    brokers: 3,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      const broker = await scene.cluster.coordinatorOf(scene.group);
      await badMoment(scene);
      await scene.cluster.kafka.kill(broker);
      await scene.wait(scene.random.whole(5_000, 15_000));
      await scene.cluster.kafka.restart();
    },
  },
  {
    name: "coordinator",
    title: "the coordinator moves: its broker, of three, restarts cleanly",
    brokers: 3,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      const broker = await scene.cluster.coordinatorOf(scene.group);
      await badMoment(scene);
      await scene.cluster.kafka.stop(broker);
      await scene.wait(scene.random.whole(1_000, 5_000));
      await scene.cluster.kafka.restart();
    },
  },
];

/** What is done to `alert-digest translate`, too. */
export const KAFKA_FAULTS: readonly KafkaFault[] = [...ONE_BROKER, ...THREE_BROKERS];

export const FAULTS: readonly Fault[] = [
  ...ONE_BROKER,
  {
    name: "kafka-slow",
    title: "Kafka 400 ms away from one instance, which then restarts",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      const slot = anyOf(scene);
      for (const proxy of scene.cluster.proxiesOf(slot)) proxy.delay(400);
      try {
        await scene.wait(6_000);
        await scene.instances.stop(slot);
        await scene.instances.start(slot);
      } finally {
        for (const proxy of scene.cluster.proxiesOf(slot)) proxy.delay(0);
      }
    },
  },
  {
    name: "smtp-black-hole",
    title: "network black hole between one instance and SMTP, 25 s",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    run: async (scene) => {
      const slot = anyOf(scene);
      await badMoment(scene);
      await cutOff(scene, [scene.instances.smtpProxyOf(slot)], BLACK_HOLE_MS);
    },
  },
  {
    name: "smtp-down",
    title: "SMTP server down for 6–15 s",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    victims: 3,
    run: async (scene) => {
      await badMoment(scene);
      await scene.sink.stop();
      try {
        await scene.wait(scene.random.whole(6_000, 15_000));
      } finally {
        await scene.sink.start();
      }
    },
  },
  {
    name: "smtp-reset",
    title: "all SMTP connections reset, five times",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    victims: 15,
    run: async (scene) => {
      for (let turn = 0; turn < 5; turn++) {
        await badMoment(scene);
        scene.sink.dropConnections();
      }
    },
  },
  {
    name: "smtp-stall",
    title: "SMTP server silent for 6–15 s",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    victims: 3,
    run: async (scene) =>
      smtpFor(
        scene,
        () => scene.sink.stallAll(),
        () => scene.sink.resume(),
      ),
  },
  {
    name: "smtp-after-dot",
    title: "SMTP takes a third of the mails and drops the connection before its reply, 6–15 s",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) =>
      smtpFor(
        scene,
        () => scene.sink.afterDot(() => (scene.random.next() < 0.33 ? "take-and-drop" : "accept")),
        () => scene.sink.afterDot(undefined),
      ),
  },
  {
    name: "smtp-4xx",
    title: "SMTP 421, 450, 451, 452 to half of everything, 6–15 s",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      const some = (code: number) => () => (scene.random.next() < 0.15 ? { code } : undefined);
      await smtpFor(
        scene,
        () => {
          scene.sink.behave({ onMail: some(451), onRcpt: some(450), onData: some(421) });
          scene.sink.afterDot(() => (scene.random.next() < 0.2 ? { code: 452 } : "accept"));
        },
        () => {
          scene.sink.behave({ onMail: undefined, onRcpt: undefined, onData: undefined });
          scene.sink.afterDot(undefined);
        },
      );
    },
  },
  {
    name: "smtp-5xx",
    title: "SMTP 554 to a third of the mails, 6–15 s: dead letters",
    refuses: true,
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) =>
      smtpFor(
        scene,
        () => scene.sink.afterDot(() => (scene.random.next() < 0.33 ? { code: 554 } : "accept")),
        () => scene.sink.afterDot(undefined),
      ),
  },
  {
    name: "bad-records",
    title: "3 % bad records, and a rolling restart",
    brokers: 1,
    instances: 3,
    repeats: "never",
    badRecords: true,
    run: rollingRestart,
  },
  {
    name: "all-at-once",
    title: "SMTP silent, then a leave, a join and `kill -9` while mails wait",
    brokers: 1,
    instances: 3,
    repeats: "in-flight",
    victims: 4,
    run: async (scene) => {
      const { sink, instances, wait, random } = scene;
      sink.stallAll();
      try {
        await wait(random.whole(1_000, 4_000));
        const [first, second] = random.next() < 0.5 ? [0, 1] : [1, 2];
        const stopping = instances.stop(first as number);
        await wait(random.whole(0, 3_000));
        sink.resume();
        await stopping;
        await instances.launch(first as number);
        await wait(random.whole(0, 3_000));
        await instances.kill(second as number);
        await instances.launch(second as number);
      } finally {
        sink.resume();
      }
    },
  },
  ...THREE_BROKERS,
  ...LOG_FAULTS,
];
