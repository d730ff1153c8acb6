import { createAlertCodec } from "#src/formats/codec.js";
import { Assignments } from "#src/runtime/assignments.js";
import { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import { Delivery } from "#src/runtime/delivery.js";
import type {
  AlertCodec,
  AlertSource,
  CommitOutcome,
  CommitRequest,
  CommittedPartition,
  Digest,
  EpochAnswer,
  EpochQuestion,
  LogEnd,
  SendOutcome,
  SourceRecord,
} from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { TEST_LOG } from "#test/support/checkpoints.js";
import { quietLog, recordingMetrics } from "#test/support/quiet.js";
import { SECOND_0, settled, VirtualClock } from "#test/support/virtual-clock.js";

export const ALONE = { sameMember: true, alone: true };
export const ACCEPTED: SendOutcome = { kind: "accepted", reply: "250 OK", refused: [], deferred: [] };

/** The whole runtime, led by hand: the group answers when the test says so, mails are accepted at once unless held. */
export const runtimeBench = (
  options: {
    bufferMaxAlerts?: number;
    bufferMaxBytes?: number;
    maxExposed?: number;
    catchUpAfterMs?: number;
    repeatIntervalsMs?: readonly number[];
    prepare?: AlertCodec["prepare"];
    /** All alerts of this device are muted, and put on record. */
    mutedDevice?: string;
  } = {},
) => {
  const clock = new VirtualClock(SECOND_0);
  const { metrics, calls } = recordingMetrics();
  const warnings: string[] = [];
  const log = { ...quietLog, warn: (_: object, message: string) => warnings.push(message) };
  const shared = { clock, log, metrics, random: () => 0.5 };
  const committed = new Map<number, { offset: number; metadata: string | null }>();
  const world = {
    clock,
    committed,
    mails: [] as Digest[],
    /** Of each write of muted alerts: whose they are, and what ends it. */
    mutedWrites: [] as { readonly devices: readonly string[]; readonly end: () => void }[],
    metrics: calls,
    warnings,
    commits: [] as CommitRequest[],
    /** `offset.metadata.max.bytes` of the broker; it commits what fits, and answers with the error of what does not. */
    metadataMax: 4096,
    commitOutcome: "committed" as CommitOutcome,
    commitDelayMs: 0,
    canCommit: true,
    /** Fetched and not taken yet. */
    fetchedBytes: 0,
    seeks: [] as number[],
    /** As if no leader answered. */
    endOfEpoch: (_: EpochQuestion): EpochAnswer[] => [],
    logEnd: 1000,
    paused: new Set<number>() as ReadonlySet<number>,
    smtp: (): Promise<SendOutcome> => Promise.resolve(ACCEPTED),
    /** From now on mails stay in flight; what it gives answers the last one. */
    holdMail: (): ((outcome: SendOutcome) => void) => {
      let answer = (_: SendOutcome): void => undefined;
      world.smtp = () => new Promise((resolve) => (answer = resolve));
      return (outcome) => answer(outcome);
    },
    /** Answers to reads of the committed offsets wait here while set. */
    reads: undefined as (() => void)[] | undefined,
  };
  const source: AlertSource = {
    hasLease: true,
    unreadable: new Set<number>(),
    get fetchedBytes() {
      return world.fetchedBytes;
    },
    get canCommit() {
      return world.canCommit;
    },
    seek: (_, offset) => world.seeks.push(offset),
    setPaused: (partitions) => {
      world.paused = partitions;
    },
    commit: async (requests) => {
      const delay = world.commitDelayMs;
      if (delay > 0) await new Promise<void>((resolve) => clock.after(delay, resolve));
      if (world.commitOutcome === "committed") {
        const fitting = requests.filter(({ metadata }) => metadata.length <= world.metadataMax);
        world.commits.push(...fitting);
        for (const { partition, offset, metadata } of fitting) committed.set(partition, { offset, metadata });
        if (fitting.length < requests.length) return "too-large";
      }
      return world.commitOutcome;
    },
    endsOfEpochs: async (questions) => questions.flatMap((question) => world.endOfEpoch(question)),
    committed: async (partitions) => {
      if (world.reads !== undefined) await new Promise<void>((resolve) => world.reads?.push(resolve));
      return partitions.map((partition): CommittedPartition => {
        const at = committed.get(partition);
        return {
          partition,
          offset: at?.offset,
          metadata: at?.metadata ?? null,
          log: TEST_LOG,
          logStart: 0,
          logEnd: world.logEnd,
          logStable: world.logEnd,
        };
      });
    },
  };
  const deadLetters = new DeadLetterQueue({ ...shared, sink: { write: async () => undefined } });
  const delivery = new Delivery({
    ...shared,
    mailer: {
      send: (mail) => {
        world.mails.push(mail.raw as unknown as Digest);
        return world.smtp();
      },
      probe: async () => ({ kind: "reachable", loginOffered: false }),
      connections: () => ({ busy: 0, idle: 0 }),
      close: async () => undefined,
    },
    renderer: {
      render: (digest) => ({ messageId: "", subject: "", from: "", raw: digest as unknown as Buffer }),
    },
    router: { route: () => [everybody("a@example.org")] },
    options: { connections: 8, retryInitialMs: 1000, retryMaxMs: 60_000, retryBudgetMs: 900_000 },
  });
  const assignments = new Assignments({
    ...shared,
    source,
    delivery,
    worker: {
      ...shared,
      topic: "alerts",
      options: {
        windowSizeMs: 30_000,
        graceMs: 2_000,
        maxListed: 200,
        catchUpAfterMs: options.catchUpAfterMs ?? Number.POSITIVE_INFINITY,
        repeatIntervalsMs: options.repeatIntervalsMs,
      },
      codec: { ...createAlertCodec(), ...(options.prepare && { prepare: options.prepare }) },
      maxExposed: options.maxExposed ?? 100,
      delivery,
      deadLetters,
      ...(options.mutedDevice !== undefined && {
        mutes: {
          mutedBy: ({ deviceId }) =>
            deviceId === options.mutedDevice ? { how: "mute", route: { number: 1, name: "night" } } : undefined,
        },
        mutedLog: {
          muted: (devices) =>
            new Promise((end) => world.mutedWrites.push({ devices: devices.map(({ deviceId }) => deviceId), end })),
        },
      }),
    },
    options: {
      bufferMaxAlerts: options.bufferMaxAlerts ?? 1000,
      bufferMaxBytes: options.bufferMaxBytes ?? Number.POSITIVE_INFINITY,
      handoverMs: 1_500,
      handoverMaxMs: 60_000,
    },
  });
  const read = (partition: number, alerts: readonly (readonly [device: string, seconds: number])[]): void => {
    const from = assignments.position(partition) ?? 0;
    const records = alerts.map(
      ([deviceId, seconds], index): SourceRecord => ({
        offset: from + index,
        timestampMs: SECOND_0 + seconds * 1000,
        key: Buffer.from(deviceId),
        value: Buffer.from(JSON.stringify({ deviceId, message: "m" })),
      }),
    );
    assignments.records(partition, records, from + records.length);
  };
  const mailed = (): string[] =>
    world.mails.map(
      ({ deviceId, windowStart, listed }) =>
        `${deviceId} ${(windowStart - SECOND_0) / 1000}: ${listed.map((each) => each.offset).join(" ")}`,
    );
  const pausedFor = (partition: number): readonly string[] =>
    assignments.states().find((state) => state.partition === partition)?.paused ?? [];
  return { ...world, world, assignments, delivery, read, mailed, pausedFor };
};

/** Of one partition: high watermark and last stable offset. */
export const endsAt = (end: number, stable = end): ReadonlyMap<number, LogEnd> =>
  new Map([[0, { start: 0, end, stable }]]);

/** The same at second 40, with partition 0 assigned and loaded. */
export const joinedBench = async (
  ...options: Parameters<typeof runtimeBench>
): Promise<ReturnType<typeof runtimeBench>> => {
  const bench = runtimeBench(...options);
  await bench.clock.advance(40_000);
  bench.assignments.joined([0], ALONE);
  await settled();
  return bench;
};
