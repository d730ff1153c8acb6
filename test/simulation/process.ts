import assert from "node:assert/strict";
import { alertCodec } from "#src/kafka/decode.js";
import { Assignments } from "#src/runtime/assignments.js";
import type { Clock } from "#src/runtime/clock.js";
import { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import { Delivery } from "#src/runtime/delivery.js";
import type {
  AlertSource,
  CommitOutcome,
  CommitRequest,
  CommittedPartition,
  Digest,
  RecipientFailure,
  RenderedMail,
  SendOutcome,
  SmtpFailure,
} from "#src/runtime/ports.js";
import { quietLog, quietMetrics } from "#test/support/quiet.js";
import type { Random } from "#test/support/random.js";
import type { VirtualClock } from "#test/support/virtual-clock.js";
import type { Broker } from "./broker.js";
import { type Ledger, RECIPIENTS } from "./ledger.js";

/** Chances of what goes wrong; changed while the world runs. */
export interface Faults {
  smtpDown: boolean;
  deferred: number;
  refused: number;
  partly: number;
  ambiguous: number;
  slowestMs: number;
  commitFails: number;
  /** The commit was applied, its answer got lost. */
  commitAnswerLost: number;
  readFails: number;
  deadLetterFails: number;
}

export interface ProcessOptions {
  readonly windowSizeMs: number;
  readonly graceMs: number;
  readonly connections: number;
  readonly catchUpAfterMs: number;
  readonly retryBudgetMs: number;
  readonly bufferMaxAlerts: number;
}

const failure = (reason: SmtpFailure["reason"]): SmtpFailure => ({
  phase: "data",
  reason,
  reply: "450 later",
  code: 450,
});
const failureOf = (address: string, reason: SmtpFailure["reason"]): RecipientFailure => ({
  ...failure(reason),
  address,
});

/** One instance of the product between a simulated broker and a simulated SMTP server. */
export class Process implements AlertSource {
  readonly name: string;
  readonly #world: { clock: VirtualClock; random: Random; broker: Broker; ledger: Ledger; faults: Faults };
  readonly assignments: Assignments;
  readonly delivery: Delivery;
  readonly deadLetters: DeadLetterQueue;
  readonly #options: ProcessOptions;
  alive = true;
  #generation = -1;
  #assigned: readonly number[] = [];
  #joining = true;
  #batchCame = false;
  #paused: ReadonlySet<number> = new Set();
  readonly #fetchAt = new Map<number, number>();
  #inFlight = 0;
  #devicesInFlight = new Set<string>();

  constructor(
    name: string,
    options: ProcessOptions,
    world: { clock: VirtualClock; random: Random; broker: Broker; ledger: Ledger; faults: Faults },
  ) {
    this.name = name;
    this.#world = world;
    this.#options = options;
    const clock: Clock = {
      now: () => world.clock.now(),
      elapsed: () => world.clock.elapsed(),
      after: (ms, action) => world.clock.after(ms, () => this.alive && action()),
    };
    const shared = { clock, log: quietLog, random: world.random.next, metrics: quietMetrics };
    this.deadLetters = new DeadLetterQueue({
      ...shared,
      sink: {
        write: (letter) =>
          this.#later(5, 200, (resolve, reject) => {
            if (world.random.chance(world.faults.deadLetterFails)) return reject(new Error("not written"));
            world.ledger.deadLetter(letter);
            resolve(undefined);
          }),
      },
    });
    this.delivery = new Delivery({
      ...shared,
      mailer: {
        send: (mail, to) => this.#send(mail, to),
        connections: () => ({ busy: this.#inFlight, idle: 0 }),
        close: async () => undefined,
      },
      renderer: {
        render: (digest) => ({ messageId: "<id>", subject: "", from: "", raw: digest as unknown as Buffer }),
      },
      router: { recipientsOf: () => [...RECIPIENTS] },
      options: {
        connections: options.connections,
        retryInitialMs: 200,
        retryMaxMs: 2000,
        retryBudgetMs: options.retryBudgetMs,
      },
    });
    this.assignments = new Assignments({
      ...shared,
      source: this,
      delivery: this.delivery,
      worker: {
        ...shared,
        topic: "alerts",
        options: {
          windowSizeMs: options.windowSizeMs,
          graceMs: options.graceMs,
          maxListed: 100_000,
          catchUpAfterMs: options.catchUpAfterMs,
        },
        codec: alertCodec,
        maxExposed: 100,
        delivery: this.delivery,
        deadLetters: this.deadLetters,
      },
      options: {
        bufferMaxAlerts: options.bufferMaxAlerts,
        bufferMaxBytes: Number.POSITIVE_INFINITY,
        handoverMs: 1_500,
        handoverMaxMs: 60_000,
      },
    });
    this.#fetchSoon();
    this.#askEndsSoon();
  }

  /** Under the member ID it had before. */
  #isMember = false;

  crash(): void {
    this.alive = false;
  }

  /** A rebalance begins: until it has ended no mail may start. */
  notice(): void {
    this.#joining = true;
    this.assignments.joining();
  }

  /** The membership is over; a commit needs a batch of the next one. */
  leave(): void {
    this.#joining = true;
    this.#batchCame = false;
    this.#assigned = [];
    this.#isMember = false;
    this.assignments.left();
  }

  join(generation: number, partitions: readonly number[], alone: boolean): void {
    this.#generation = generation;
    this.#assigned = partitions;
    this.#joining = false;
    // Mails under way from partitions that were lost may meet those of their new owner: then order is held against the ledger only.
    this.#devicesInFlight = new Set();
    this.#fetchAt.clear();
    this.assignments.joined(partitions, { sameMember: this.#isMember, alone });
    this.#isMember = true;
  }

  seek(partition: number, offset: number): void {
    this.#fetchAt.set(partition, offset);
  }

  setPaused(partitions: ReadonlySet<number>): void {
    this.#paused = new Set(partitions);
  }

  get hasLease(): boolean {
    return this.alive && !this.#joining;
  }

  get canCommit(): boolean {
    return this.#batchCame;
  }

  commit(requests: readonly CommitRequest[]): Promise<CommitOutcome> {
    const generation = this.#generation;
    const { random, faults, broker } = this.#world;
    return this.#later(5, 300, (resolve) => {
      if (random.chance(faults.commitFails)) return resolve("failed");
      if (!broker.apply(requests, generation)) return resolve("rejected");
      resolve(random.chance(faults.commitAnswerLost) ? "failed" : "committed");
    });
  }

  committed(partitions: readonly number[]): Promise<readonly CommittedPartition[]> {
    const { random, faults, broker } = this.#world;
    return this.#later(5, 500, (resolve, reject) => {
      if (random.chance(faults.readFails)) return reject(new Error("no answer"));
      resolve(
        partitions.map((partition) => {
          const committed = broker.committed.get(partition);
          return {
            partition,
            offset: committed?.offset,
            metadata: committed?.metadata ?? null,
            logStart: 0,
            logEnd: broker.endOf(partition),
          };
        }),
      );
    });
  }

  #fetchSoon(): void {
    const { clock, random, broker } = this.#world;
    clock.after(random.between(20, 120), () => {
      if (!this.alive) return;
      const ready = this.#assigned.filter((partition) => !this.#paused.has(partition));
      if (ready.length > 0) {
        const partition = random.pick(ready);
        const at = this.#fetchAt.get(partition) ?? broker.committed.get(partition)?.offset ?? 0;
        const records = (broker.logs[partition] ?? []).slice(at, at + random.between(1, 30));
        // What was fetched may come after the partition was lost, paused or sought.
        const generation = this.#generation;
        clock.after(
          random.chance(0.8) ? 0 : random.between(1, 400),
          () => this.alive && records.length > 0 && this.#batch(generation, partition, at, records),
        );
      }
      this.#fetchSoon();
    });
  }

  #batch(generation: number, partition: number, at: number, records: Broker["logs"][number]): void {
    if (generation !== this.#generation) return;
    this.#batchCame = true;
    const expected = this.assignments.position(partition);
    if (expected === undefined) return;
    if (at !== expected) {
      this.seek(partition, expected);
      return;
    }
    const next = at + records.length;
    this.assignments.records(
      partition,
      records.filter((record) => record.kind !== "marker"),
      next,
    );
    this.#fetchAt.set(partition, next);
  }

  #askEndsSoon(): void {
    const { clock, random, broker } = this.#world;
    clock.after(random.between(100, 400), () => {
      if (!this.alive) return;
      const at = clock.now();
      clock.after(random.between(5, 100), () => {
        if (!this.alive) return;
        this.assignments.endOffsets(
          at,
          new Map(broker.logs.map((log, partition) => [partition, { start: 0, end: log.length }])),
        );
      });
      this.#askEndsSoon();
    });
  }

  #send(mail: RenderedMail, to: readonly string[]): Promise<SendOutcome> {
    const digest = mail.raw as unknown as Digest;
    const { random, faults, ledger, broker } = this.#world;
    for (const { offset } of digest.listed) {
      assert.ok(
        !broker.isCommitted(digest.partition, offset),
        `G3: ${offset} is committed as settled, and mailed again`,
      );
    }
    assert.equal(this.#joining, false, `G2: ${this.name} starts a mail while the group decides whose it is`);
    this.#inFlight++;
    assert.ok(this.#inFlight <= this.#options.connections, `${this.#inFlight} attempts at once`);
    const inFlight = this.#devicesInFlight;
    assert.ok(!inFlight.has(digest.deviceId), `G2: two mails of ${digest.deviceId} at once`);
    inFlight.add(digest.deviceId);
    const conclude = (): SendOutcome => {
      if (faults.smtpDown) return { kind: "unreachable", failure: failure("connection-refused") };
      if (random.chance(faults.deferred))
        return { kind: "deferred", failure: failure("message-deferred"), refused: [] };
      if (random.chance(faults.refused))
        return { kind: "refused", failure: failure("message-refused"), recipients: [] };
      if (random.chance(faults.ambiguous)) {
        if (random.chance(0.5)) ledger.accepted(digest, to);
        return { kind: "ambiguous", failure: failure("timeout"), refused: [] };
      }
      const bad = random.chance(faults.partly) ? random.pick(to) : undefined;
      const good = to.filter((address) => address !== bad);
      if (bad !== undefined && good.length === 0)
        return { kind: "deferred", failure: failure("recipient-deferred"), refused: [] };
      ledger.accepted(digest, good);
      const forGood = random.chance(0.3);
      return {
        kind: "accepted",
        reply: "250 OK",
        refused: bad !== undefined && forGood ? [failureOf(bad, "recipient-refused")] : [],
        deferred: bad !== undefined && !forGood ? [failureOf(bad, "recipient-deferred")] : [],
      };
    };
    return this.#later(5, faults.slowestMs, (resolve) => {
      this.#inFlight--;
      inFlight.delete(digest.deviceId);
      resolve(conclude());
    });
  }

  /** Something the world does in its own time. It happens also when this process is gone; then nobody hears of it. */
  #later<T>(
    fromMs: number,
    toMs: number,
    act: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#world.clock.after(this.#world.random.between(fromMs, toMs), () =>
        act(
          (value) => this.alive && resolve(value),
          (error) => this.alive && reject(error),
        ),
      );
    });
  }
}
