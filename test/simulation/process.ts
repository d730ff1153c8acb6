import assert from "node:assert/strict";
import type { Alert } from "#src/core/alert.js";
import type { LogName } from "#src/core/log-history.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { Assignments } from "#src/runtime/assignments.js";
import { decodeCheckpoint, encodeCheckpoint } from "#src/runtime/commit-metadata.js";
import { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import { Delivery } from "#src/runtime/delivery.js";
import { FleetGathering } from "#src/runtime/fleet.js";
import {
  type Addressing,
  type AlertSource,
  type Attachment,
  type CommitOutcome,
  type CommitRequest,
  type CommittedPartition,
  type Digest,
  digestsOf,
  type EpochAnswer,
  type EpochQuestion,
  type MailContent,
  type Muted,
  type MutedDevice,
  type RenderedMail,
  type SendOutcome,
  type SentMail,
} from "#src/runtime/ports.js";
import { runShutdown, type StopParts, stopSteps } from "#src/runtime/shutdown.js";
import { everybody } from "#test/support/addressing.js";
import { quietLog, quietMetrics } from "#test/support/quiet.js";
import type { Random } from "#test/support/random.js";
import { type LogRecord, MUTED, serialOf, withSerials } from "./broker.js";
import { Exposure } from "./exposure.js";
import { Fetcher, MAX_BATCH } from "./fetcher.js";
import { RECIPIENTS } from "./ledger.js";
import { Membership } from "./membership.js";
import { Network } from "./network.js";
import { checkOwnWindows } from "./own-windows.js";
import { ProcessClock } from "./process-clock.js";
import { attachMs, Punctual, recordMs } from "./punctual.js";
import { GATHER_MS, ROUTING_MS_MAX, WINDOW_MS } from "./scenario.js";
import { SlowBatches } from "./slow-batches.js";
import { checkSince } from "./true-since.js";
import type { Sabotage, Surroundings } from "./world.js";

const ENDS_EVERY_MS = 400;
/** Longer than the slowest answer. */
const SMTP_TIMEOUT_MS = 5_000;
const HANDOVER_MS = 1_500;
/** `SHUTDOWN_TIMEOUT`: a tenth of it is for the last commit. */
const STOP_MS = 25_000;
const DEAD_LETTERS_AT_ONCE = 64;
const OF_CHECKPOINTS: ReadonlySet<Sabotage> = new Set(["announcement", "settled", "pin", "counted"]);

/** One instance of the product between a simulated broker and a simulated SMTP server. */
export class Process implements AlertSource {
  readonly name: string;
  readonly assignments: Assignments;
  readonly delivery: Delivery;
  readonly exposure: Exposure;
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #clock: ProcessClock;
  readonly #network: Network;
  readonly #membership: Membership;
  readonly #fetcher: Fetcher;
  readonly #deadLetters: DeadLetterQueue;
  readonly #punctual: Punctual;
  /** Checkpoints of its own, as committed. */
  readonly #own = new Set<string>();
  readonly #positions = new WeakMap<object, number>();
  readonly #devicesInFlight = new Set<string>();
  /** Serials of muted alerts of a device, since some were put on record. */
  readonly #muted = new Map<string, Set<number>>();
  #owned: readonly number[] = [];
  #sending = 0;
  #writing = 0;
  #stopping = false;

  constructor(name: string, random: Random, world: Surroundings) {
    this.name = name;
    this.#world = world;
    this.#random = random;
    const { options, sabotage } = world;
    const clock = new ProcessClock(world.clock);
    this.#clock = clock;
    this.#network = new Network(world.clock, clock, random);
    // What is known of half-delivered windows goes with the end of a log.
    const exposedMax = world.losesEnds ? Number.POSITIVE_INFINITY : options.connections;
    this.exposure = new Exposure(world.broker, world.ledger, exposedMax);
    const shared = { clock, log: quietLog, random: random.next, metrics: quietMetrics };
    this.#deadLetters = new DeadLetterQueue({ ...shared, sink: { write: (letter) => this.#write(letter) } });
    this.delivery = new Delivery({
      ...shared,
      mailer: {
        send: (mail, to) => this.#send(mail, to),
        probe: async () => ({ kind: "reachable", loginOffered: false }),
        connections: () => ({ busy: this.#sending, idle: 0 }),
        close: async () => undefined,
      },
      renderer: {
        render: (content, { look }) => ({
          // The parts that the real one hashes.
          messageId: `${digestsOf(content)
            .map((one) => `${one.partition} ${one.deviceId} ${one.windowStart} ${one.idOffset}`)
            .sort()
            .join(", ")} ${look.locale ?? ""}`,
          subject: "",
          from: "",
          raw: content as unknown as Buffer,
        }),
      },
      router: { route: () => this.#route() },
      // As where thousands close at once.
      slice: 2,
      ...(world.isOnRecord ? { sent: { record: (mail) => this.#record(mail) } } : {}),
      ...(options.readers === "fleet" || options.readers === "storm"
        ? {
            gathering: new FleetGathering(
              {
                by: options.readers === "fleet" ? "recipient" : "device",
                maxMails: 1,
                gatherMs: GATHER_MS,
                listed: Number.POSITIVE_INFINITY,
              },
              { clock, onFolded: () => undefined, onSettled: () => undefined },
            ),
          }
        : {}),
      attach: (content) => this.#attach(content),
      options: {
        connections: options.connections,
        retryInitialMs: 200,
        retryMaxMs: 2_000,
        retryBudgetMs: options.retryBudgetMs,
        catchUpAfterMs: options.catchUpAfterMs,
      },
    });
    this.#punctual = new Punctual(this, world);
    this.#fetcher = new Fetcher({
      clock,
      random,
      broker: world.broker,
      cut: () => this.#network.cut,
      listener: {
        position: (partition) => this.assignments.position(partition),
        mayTake: (partition, epoch) => world.sabotage === "epochs" || this.assignments.mayTake(partition, epoch),
        takeable: (partition, records) => this.assignments.takeable(partition, records),
        outOfRange: (partition) => this.assignments.outOfRange(partition),
        records: (partition, records, next) => this.assignments.records(partition, records, next),
      },
      slow: world.slow
        ? new SlowBatches({
            clock,
            busyFor: (ms) => this.#busyFor(ms),
            // Of the instance's name: seeds of other weathers stay what they were.
            seed: [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), world.options.partitions),
            whole: sabotage === "whole-batches",
          })
        : undefined,
    });
    this.assignments = new Assignments({
      ...shared,
      source: this,
      delivery: this.delivery,
      worker: {
        ...shared,
        topic: "alerts",
        options: {
          windowSizeMs: WINDOW_MS,
          graceMs: options.graceMs,
          maxListed: 100_000,
          catchUpAfterMs: options.catchUpAfterMs,
          firingForgetMs: options.firingForgetMs,
          repeatIntervalsMs: options.repeatIntervalsMs,
        },
        urgentSeverity: options.urgent ? "critical" : undefined,
        mutes: { mutedBy: (_, __, whole) => this.#mutedBy(whole()) },
        mutedLog: { muted: (devices) => this.#recordMuted(devices) },
        codec: createAlertCodec(),
        maxExposed: sabotage === "exposure" ? 1_000 : options.connections,
        delivery: this.delivery,
        deadLetters: this.#deadLetters,
      },
      options: {
        bufferMaxAlerts: options.bufferMaxAlerts,
        bufferMaxBytes: Number.POSITIVE_INFINITY,
        handoverMs: HANDOVER_MS,
        handoverMaxMs: SMTP_TIMEOUT_MS + HANDOVER_MS,
      },
    });
    this.#membership = new Membership({
      name,
      group: world.group,
      clock,
      ask: (act, hear) => this.#network.ask(act, hear),
      deliver: (action) => this.#network.deliver(action),
      restarts: () => random.chance(0.5),
      lateLease: sabotage === "late-lease",
      listener: {
        joining: () => this.assignments.joining(),
        held: () => this.assignments.held(),
        joined: (generation, partitions, how) => this.#joined(generation, partitions, how),
        left: () => {
          world.note(`${name} starts its client anew`);
          this.#fetcher.left();
          this.assignments.left();
        },
        expired: () => {
          world.note(`the group goes on without ${name}`);
          if (world.slow && clock.alive)
            world.fail(new Error(`G5: ${name}, which is only slow, is put out of its group`));
          this.exposure.excuseAll();
        },
      },
    });
    this.#membership.start();
    this.#askEnds();
  }

  get alive(): boolean {
    return this.#clock.alive;
  }

  /** It runs, and reaches the broker. */
  get isWell(): boolean {
    return this.#clock.alive && !this.#clock.frozen && !this.#network.cut && !this.#stopping;
  }

  /** A request or its answer may still be missed. */
  get wasCut(): boolean {
    return this.#network.wasCut;
  }

  /** A member of the group, and done. */
  get isSettled(): boolean {
    return this.hasLease && this.assignments.ready && this.delivery.inFlight === 0;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  get sending(): number {
    return this.#sending;
  }

  get paused(): number {
    return this.#fetcher.paused;
  }

  get owned(): readonly number[] {
    return this.#owned;
  }

  appended(): void {
    this.#fetcher.wake();
  }

  crash(): void {
    for (const partition of this.#world.broker.logs.keys()) this.#checkExposure(partition);
    this.exposure.excuseAll();
    this.#clock.die();
  }

  freeze(forMs: number, atBeat: boolean): void {
    if (atBeat) this.#membership.atBeat(() => this.#freeze(forMs));
    else this.#freeze(forMs);
  }

  #freeze(forMs: number): void {
    this.exposure.excuseAll();
    this.#clock.freeze();
    this.#world.clock.after(forMs, () => this.#clock.thaw());
  }

  #busyFor(ms: number): void {
    this.#clock.freeze();
    this.#world.clock.after(ms, () => this.#clock.thaw());
  }

  cut(forMs: number): void {
    this.exposure.excuseAll();
    this.#network.cutFor(forMs, () => this.#fetcher.wake());
  }

  /** As a SIGTERM does it. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    let confirmed = false;
    const parts: StopParts = {
      finishMails: () => this.assignments.drain(),
      finishDeadLetters: () => this.#deadLetters.drain(),
      commit: async (withinMs) => {
        confirmed = await this.assignments.commitFinally(withinMs);
      },
      leaveGroup: async () => {
        if (!confirmed || !this.#membership.isMember) this.exposure.excuseAll();
        this.#membership.leave();
      },
      closeConnections: async () => undefined,
    };
    await runShutdown(stopSteps(parts, STOP_MS), { clock: this.#clock, log: quietLog });
    this.#clock.die();
    this.#world.note(`${this.name} has stopped`);
  }

  seek(partition: number, offset: number): void {
    this.#fetcher.seek(partition, offset);
  }

  readonly unreadable = new Set<number>();
  readonly fetchedBytes = 0;

  setPaused(partitions: ReadonlySet<number>): void {
    this.#fetcher.setPaused(partitions);
  }

  get hasLease(): boolean {
    return this.#world.sabotage === "lease" ? true : this.#membership.hasLease;
  }

  get canCommit(): boolean {
    return this.#fetcher.batchCame && !this.#membership.isOut;
  }

  commit(requests: readonly CommitRequest[]): Promise<CommitOutcome> {
    const { moods, broker, note } = this.#world;
    const fence = this.#membership.fence();
    const { moves } = broker;
    for (const { metadata } of requests) this.#own.add(metadata);
    return new Promise((resolve) => {
      this.#network.ask(
        (): CommitOutcome => {
          if (this.#random.chance(moods.broker.commitFails)) return "failed";
          if (broker.moves !== moves) return "failed";
          if (!fence()) return "rejected";
          broker.apply(requests);
          note(
            () => `${this.name} commits ${requests.map(({ partition, offset }) => `${partition}/${offset}`).join(" ")}`,
          );
          return this.#random.chance(moods.broker.commitAnswerLost) ? "failed" : "committed";
        },
        (answer) => resolve(answer ?? "failed"),
      );
    });
  }

  committed(partitions: readonly number[]): Promise<readonly CommittedPartition[]> {
    const { moods, broker } = this.#world;
    return new Promise((resolve, reject) => {
      this.#network.ask(
        () => {
          if (this.#random.chance(moods.broker.readFails)) return undefined;
          return partitions.map((partition): CommittedPartition => {
            const committed = broker.committed.get(partition);
            const { offset, metadata = null } = committed ?? {};
            return {
              partition,
              log: broker.logOf(partition),
              ...this.#read(broker.logOf(partition), offset, metadata),
              logStart: 0,
              logEnd: broker.endOf(partition),
              logStable: broker.stableOf(partition),
            };
          });
        },
        (answer) => (answer === undefined ? reject(new Error("no answer")) : resolve(answer)),
      );
    });
  }

  endsOfEpochs(questions: readonly EpochQuestion[]): Promise<readonly EpochAnswer[]> {
    const { sabotage, broker } = this.#world;
    return new Promise((resolve) => {
      this.#network.ask(
        () =>
          questions.map(({ partition, epoch }): EpochAnswer => {
            if (sabotage === "epochs") return { kind: "unsupported", partition, epoch };
            return { kind: "end", partition, epoch, ...broker.endOfEpoch(partition, epoch) };
          }),
        (answers) => resolve(answers ?? []),
      );
    });
  }

  /** What others committed, unless a defect spoils it. */
  #read(
    log: LogName,
    offset: number | undefined,
    metadata: string | null,
  ): { readonly offset: number | undefined; readonly metadata: string | null } {
    const { sabotage } = this.#world;
    const as = { offset, metadata };
    if (offset === undefined || metadata === null || this.#own.has(metadata)) return as;
    if (sabotage === undefined || !OF_CHECKPOINTS.has(sabotage)) return as;
    const checkpoint = decodeCheckpoint(metadata, offset, log);
    if (checkpoint === undefined) return as;
    if (sabotage === "announcement")
      return { offset, metadata: encodeCheckpoint({ ...checkpoint, handingOver: 0 }, log).metadata };
    if (sabotage === "settled")
      return { offset, metadata: encodeCheckpoint({ ...checkpoint, settled: [] }, log).metadata };
    if (sabotage === "counted") {
      const { faults, ...others } = checkpoint;
      const uncounted = faults === undefined ? {} : { faults: { ...faults, upTo: offset } };
      return { offset, metadata: encodeCheckpoint({ ...others, ...uncounted }, log).metadata };
    }
    const [first, ...settled] = checkpoint.settled;
    if (first?.[0] !== offset) return as;
    const position = first[1] + 1;
    const { early: _, ...rest } = checkpoint;
    return { offset: position, metadata: encodeCheckpoint({ ...rest, position, settled }, log).metadata };
  }

  /** Held against G4 and G6 after every step. */
  check(): void {
    const { options } = this.#world;
    assert.ok(this.delivery.inFlight <= options.connections, `G6: ${this.delivery.inFlight} mails in flight`);
    assert.ok(this.#writing <= DEAD_LETTERS_AT_ONCE, `G6: ${this.#writing} dead letters written at once`);
    let buffered = 0;
    for (const worker of this.assignments.workers) {
      buffered += worker.read.bufferedAlerts;
      const before = this.#positions.get(worker) ?? 0;
      assert.ok(worker.position >= before, `G5: ${this.name} reads ${worker.partition}/${worker.position} again`);
      this.#positions.set(worker, worker.position);
    }
    // One batch fills it, one more was under way.
    const most = options.bufferMaxAlerts + 2 * MAX_BATCH;
    assert.ok(buffered <= most, `G6: ${buffered} alerts are buffered, and ${most} is the most`);
    this.#punctual.look();
  }

  #joined(generation: number, partitions: readonly number[], how: { sameMember: boolean; alone: boolean }): void {
    this.#world.note(() => `${this.name} has ${partitions.join(" ") || "nothing"} in generation ${generation}`);
    for (const partition of this.#owned.filter((owned) => !partitions.includes(owned))) {
      // A handover needs the broker.
      if (this.#world.brokerFails || this.#network.wasCut || !how.sameMember) this.exposure.excuseAll(partition);
    }
    this.#owned = partitions;
    // Mails under way from partitions that were lost may meet those of their new owner: then order is held against the ledger only.
    this.#devicesInFlight.clear();
    this.#fetcher.joined(generation, partitions);
    this.assignments.joined(partitions, how);
  }

  #askEnds(): void {
    const { broker, sabotage } = this.#world;
    this.#clock.after(ENDS_EVERY_MS, () => {
      this.#askEnds();
      const at = this.#clock.now();
      this.#network.ask(
        () =>
          new Map(
            broker.logs.map(({ length }, partition) => {
              const stable = broker.stableOf(partition);
              return [partition, { start: 0, end: sabotage === "stable-end" ? stable : length, stable }];
            }),
          ),
        (ends) => ends !== undefined && this.assignments.endOffsets(at, ends),
      );
    });
  }

  /** As reading a window back: the partition may be lost meanwhile. */
  #attach({ windowStart }: MailContent): Promise<Attachment | undefined> {
    const ms = attachMs(windowStart);
    if (ms === 0) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#clock.after(ms, () => resolve({ alerts: [], unread: 0, beyond: 0 }));
    });
  }

  #record({ content, recipients, presumed = [] }: SentMail): Promise<void> {
    return new Promise((resolve) => {
      const { clock, ledger, note } = this.#world;
      clock.after(recordMs(content.windowStart), () => {
        for (const digest of digestsOf(content).map(withSerials)) ledger.onRecord(digest, recipients, presumed);
        if (presumed.length > 0) note(() => `${this.name} presumes that ${presumed.join(" and ")} have a mail`);
        this.#clock.run(resolve);
      });
    });
  }

  #mutedBy({ type, deviceId, message }: Alert): Muted | undefined {
    if (type !== MUTED) return undefined;
    const asked = this.#muted.get(deviceId) ?? new Set();
    const serial = serialOf(message);
    // It is read again, so what was read behind it will be, too: perhaps later than this one is put on record.
    if (asked.has(serial)) for (const other of asked) if (other > serial) asked.delete(other);
    this.#muted.set(deviceId, asked.add(serial));
    return { how: "mute", route: { number: 1, name: undefined } };
  }

  #recordMuted(devices: readonly MutedDevice[]): Promise<void> {
    const asked = devices.map((device) => ({ device, serials: [...(this.#muted.get(device.deviceId) ?? [])] }));
    for (const { device } of asked) this.#muted.delete(device.deviceId);
    return new Promise((resolve) => {
      const { broker, clock, ledger, note } = this.#world;
      clock.after(this.#random.between(1, 200), () => {
        for (const { device, serials } of asked) {
          const { partition, alerts } = device;
          ledger.muted(partition, { serials, isThere: (serial) => broker.has(partition, serial) }, alerts);
        }
        note(() => `${this.name} puts muted alerts of ${devices.map(({ deviceId }) => deviceId).join(" ")} on record`);
        this.#clock.run(resolve);
      });
    });
  }

  #write(letter: Parameters<Surroundings["ledger"]["deadLetter"]>[0]): Promise<undefined> {
    this.#writing++;
    return new Promise((resolve, reject) => {
      const { clock, moods, ledger, note } = this.#world;
      clock.after(this.#random.between(3, 120), () => {
        const written = !this.#random.chance(moods.broker.deadLetterFails);
        if (written) {
          ledger.deadLetter(letter);
          note(() => `a dead letter of ${this.name}: ${letter.kind}`);
        }
        this.#clock.run(() => {
          this.#writing--;
          if (letter.kind === "window") {
            const to = letter.recipients.map(({ address }) => address);
            const wereWaitedFor = this.#punctual.areWaitedFor(to);
            this.#punctual.ended(letter.digest.deviceId, to, { wereWaitedFor, accepted: [], over: to });
          }
          if (written) resolve(undefined);
          else reject(new Error("not written"));
        });
      });
    });
  }

  #send(rendered: RenderedMail, to: readonly string[]): Promise<SendOutcome> {
    return new Promise((resolve) => {
      try {
        this.#attempt(rendered.raw as unknown as MailContent, rendered.messageId, to, resolve);
      } catch (error) {
        this.#world.fail(error);
      }
    });
  }

  #route(): readonly Addressing[] | Promise<readonly Addressing[]> {
    const [one, two] = RECIPIENTS;
    const together = [everybody(...RECIPIENTS)];
    switch (this.#world.options.readers) {
      case "together":
      case "fleet":
        return together;
      case "apart":
      case "storm":
        return [{ ...everybody(one), look: { locale: "xx" } }, everybody(two)];
      case "asked":
        return new Promise((resolve) =>
          this.#clock.after(this.#random.between(1, ROUTING_MS_MAX), () => resolve(together)),
        );
    }
  }

  #attempt(
    content: MailContent,
    messageId: string,
    to: readonly string[],
    resolve: (outcome: SendOutcome) => void,
  ): void {
    const { options, ledger, smtp, note } = this.#world;
    const digests = digestsOf(content).map(withSerials);
    const about = digests
      .map(
        ({ deviceId, partition, listed }) => `${deviceId} ${partition}/${listed.map(({ offset }) => offset).join(",")}`,
      )
      .join(" + ");
    note(() => `${this.name} sends ${about} to ${to.map((address) => address.split("@")[0]).join(" and ")}`);
    for (const { partition, listed } of digests)
      for (const { offset } of listed)
        assert.ok(
          ledger.maySend(partition, offset, to),
          `G3: ${this.name} mails ${partition}/${offset} again, without need`,
        );
    assert.ok(this.#membership.isMember, `G2: ${this.name} starts a mail while the group decides whose it is`);
    assert.ok(this.#membership.hasLease, `G3: ${this.name} starts a mail without a lease`);
    assert.ok(this.#membership.isCurrent, `G3: ${this.name} starts a mail after the group went on without it`);
    const attempts = digestsOf(content).map((original) => {
      const digest = withSerials(original);
      const places = original.listed.map(({ offset }) => offset);
      return { digest, ...this.exposure.started(digest, places, messageId, to, "devices" in content) };
    });
    const wereWaitedFor = this.#punctual.areWaitedFor(to);
    this.#sending++;
    assert.ok(this.#sending <= options.connections, `G6: ${this.#sending} attempts at once`);
    for (const { deviceId, partition } of digests) {
      for (const key of this.#underWay(deviceId, to)) {
        assert.ok(!this.#devicesInFlight.has(key), `G2: two mails of ${deviceId} at once`);
        this.#devicesInFlight.add(key);
      }
      this.#checkExposure(partition);
    }
    const devices = digests.map(({ deviceId }) => deviceId);
    for (const { digest, first } of attempts) {
      if (first) this.#punctual.started(digest, to, devices);
      // Until it is seen that a log lost its end, its position lies above it, and nothing seems to be unread.
      if (options.inOrder && !options.few && !this.#world.losesEnds) checkOwnWindows(digest);
    }
    for (const digest of digestsOf(content)) this.#checkSince(digest);
    const taken = (recipients: readonly string[]): void =>
      note(() => `${about} is accepted for ${recipients.map((address) => address.split("@")[0]).join(" and ")}`);
    smtp.attempt({ digests, messageId, to, taken }, this.#random, (outcome) => {
      this.#clock.run(() => {
        this.#sending--;
        for (const { digest, heard } of attempts) {
          for (const key of this.#underWay(digest.deviceId, to)) this.#devicesInFlight.delete(key);
          const result = { accepted: accepted(to, outcome), over: refused(to, outcome) };
          this.#punctual.ended(digest.deviceId, to, { wereWaitedFor, ...result });
          heard(accepted(to, outcome));
        }
        note(() => `${this.name} hears ${outcome.kind} of ${about}`);
        resolve(outcome);
      });
    });
  }

  #checkSince(digest: Digest): void {
    const { broker, options, losesEnds } = this.#world;
    // What a process left behind in another cluster is held against nothing here.
    if (!this.#clock.alive) return;
    checkSince(digest, broker.logs[digest.partition] as readonly LogRecord[], options, losesEnds || broker.moves > 0);
  }

  /** Of what there is one at a time: mails of a device, for each reader, for one may wait for a mail that others have. */
  #underWay(deviceId: string, to: readonly string[]): readonly string[] {
    return to.map((address) => `${deviceId} ${address}`);
  }

  #checkExposure(partition: number): void {
    // What a process left behind in another cluster is held against nothing here.
    if (!this.#clock.alive) return;
    this.exposure.check(partition);
  }
}

const accepted = (to: readonly string[], outcome: SendOutcome): readonly string[] => {
  if (outcome.kind !== "accepted") return [];
  const failed = new Set([...outcome.refused, ...outcome.deferred].map(({ address }) => address));
  return to.filter((address) => !failed.has(address));
};

/** For good. */
const refused = (to: readonly string[], outcome: SendOutcome): readonly string[] => {
  if (outcome.kind === "refused") return to;
  return outcome.kind === "accepted" ? outcome.refused.map(({ address }) => address) : [];
};
