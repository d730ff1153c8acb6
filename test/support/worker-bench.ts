import type { Severity } from "#src/core/alert.js";
import type { PartitionStart } from "#src/core/partition.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { CHECKPOINT_MAX_CHARS, type CheckpointRoom } from "#src/runtime/commit-metadata.js";
import { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import type { Delivery } from "#src/runtime/delivery.js";
import type { MailJob, MailOwner, Undeliverable } from "#src/runtime/mail-job.js";
import { PartitionWorker } from "#src/runtime/partition-worker.js";
import type { CommitRequest, DeadLetterSink, Digest, Metrics, SourceRecord } from "#src/runtime/ports.js";
import { Slices } from "#src/runtime/turns.js";
import { quietLog, quietMetrics } from "./quiet.js";
import { SECOND_0, VirtualClock } from "./virtual-clock.js";

/** Why a mail was given up: it does not matter which mail. */
export const WHY: Undeliverable = {
  stage: "smtp",
  reason: "message-refused",
  detail: "",
  attempts: 1,
  messageId: undefined,
  recipients: [],
  failure: undefined,
};

export type AlertAt = readonly [device: string, seconds: number, more?: object, record?: Partial<SourceRecord>];

export interface WorkerBenchOptions {
  readonly start?: Partial<PartitionStart>;
  readonly committed?: CommitRequest;
  readonly catchUpAfterMs?: number;
  readonly urgentSeverity?: Severity | undefined;
  readonly slice?: number;
  readonly repeatIntervalsMs?: readonly number[];
  readonly write?: DeadLetterSink["write"];
  /** Of a checkpoint. */
  readonly chars?: number;
}

/** One partition at second 1100, windows of 30 s, merged after five minutes; mails that start are listed in `started`. */
export const workerBench = ({
  start = {},
  committed,
  catchUpAfterMs = 300_000,
  urgentSeverity,
  slice,
  repeatIntervalsMs,
  write = async () => undefined,
  chars = CHECKPOINT_MAX_CHARS,
}: WorkerBenchOptions = {}) => {
  const clock = new VirtualClock(SECOND_0 + 1_100_000);
  const mailedAfter: number[] = [];
  const urgentMails: string[] = [];
  const counted: unknown[] = [];
  const closed: unknown[] = [];
  const metrics = new Proxy(quietMetrics, {
    get: (quiet, name: keyof Metrics) => {
      if (name === "alertMailed") return (seconds: number) => void mailedAfter.push(seconds);
      if (name === "urgentMailed") return () => void urgentMails.push("urgent");
      if (name === "windowClosed") return (...what: unknown[]) => void closed.push(what);
      if (name === "alertRepaired" || name === "alertsBySeverity")
        return (...what: unknown[]) => void counted.push(what);
      return quiet[name];
    },
  });
  const shared = { clock, log: quietLog, metrics, random: () => 0.5 };
  const jobs: MailJob[] = [];
  const shed: MailOwner[] = [];
  const asked = { commits: 0 };
  const group = { hasLease: true };
  const worker = new PartitionWorker(
    { partition: 0, log: undefined },
    { position: 0, time: undefined, marks: [], settled: [], ...start },
    committed,
    {
      ...shared,
      topic: "alerts",
      urgentSeverity,
      options: { windowSizeMs: 30_000, graceMs: 2_000, maxListed: 200, catchUpAfterMs, repeatIntervalsMs },
      codec: createAlertCodec(),
      delivery: {
        submit: (job: MailJob) => void jobs.push(job),
        shed: (owner: MailOwner) => void shed.push(owner),
        slices: new Slices(clock, slice),
      } as unknown as Delivery,
      deadLetters: new DeadLetterQueue({ ...shared, sink: { write } }),
      room: { chars } as CheckpointRoom,
      maxExposed: 2,
      group,
      commits: { commitSoon: () => void asked.commits++ },
    },
  );
  const read = (...alerts: readonly AlertAt[]): void => {
    const from = worker.position;
    const records = alerts.map(([deviceId, seconds, more, record], index) => ({
      offset: from + index,
      timestampMs: SECOND_0 + seconds * 1000,
      key: Buffer.from(deviceId),
      value: Buffer.from(JSON.stringify({ deviceId, message: "m", ...more })),
      ...record,
    }));
    worker.take(records, from + records.length);
  };
  const digest = (index: number): Digest => (jobs[index] as MailJob).compose() as Digest;
  const started = (): string[] =>
    jobs.map((job) => {
      const { deviceId, listed } = job.compose() as Digest;
      return `${deviceId}: ${listed.map(({ offset }) => offset).join(" ")}`;
    });
  /** What was composed stays, as its alerts are gone once it is settled. */
  const keep = (index: number): MailJob => {
    const job = jobs[index] as MailJob;
    const composed = job.compose();
    const kept = Object.assign(Object.create(job) as MailJob, { compose: () => composed });
    jobs[index] = kept;
    return job;
  };
  const accept = (index: number): void => {
    const job = keep(index);
    job.accepted((jobs[index] as MailJob).compose());
  };
  const commit = (handingOver = false): void => worker.commitConfirmed(worker.sendCommit(handingOver));
  return {
    ...{ worker, clock, jobs, asked, group, shed, mailedAfter, urgentMails, counted, closed },
    ...{ read, digest, started, keep, accept, commit },
  };
};
