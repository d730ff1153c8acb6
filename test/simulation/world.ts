import assert from "node:assert/strict";
import { Random } from "#test/support/random.js";
import { VirtualClock } from "#test/support/virtual-clock.js";
import { Broker } from "./broker.js";
import type { Exposure } from "./exposure.js";
import { Group } from "./group.js";
import { Ledger } from "./ledger.js";
import { Moods } from "./moods.js";
import { Process } from "./process.js";
import type { Event, Options, Scenario } from "./scenario.js";
import { SmtpServer } from "./smtp.js";

/**
 * A defect put in on purpose, to see that the simulation finds it: mails start without a lease, or with one that counts from the answer to a heartbeat;
 * more mails are exposed than may be; whoever reads a checkpoint sees no mails in flight, or nothing settled, or begins after the early mails that it
 * has to know of; the last stable offset is taken for the end of the log; nobody asks whether a log has lost its end; a checkpoint
 * counts in every cluster; a batch of large alerts is taken whole.
 */
export type Sabotage =
  | "lease"
  | "late-lease"
  | "exposure"
  | "announcement"
  | "settled"
  | "pin"
  | "counted"
  | "stable-end"
  | "epochs"
  | "binding"
  | "whole-batches";

/** What a process finds around itself. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly options: Options;
  readonly broker: Broker;
  readonly group: Group;
  readonly ledger: Ledger;
  readonly moods: Moods;
  readonly smtp: SmtpServer;
  readonly sabotage: Sabotage | undefined;
  /** The broker may fail in this world, so that a handover may fail as well. */
  readonly brokerFails: boolean;
  /** Logs may lose their ends, so that what was read has to be read again. */
  readonly losesEnds: boolean;
  /** Some fetches take longer than the session. */
  readonly slow: boolean;
  /** Every mail is put on record before it is settled. */
  readonly isOnRecord: boolean;
  /** One line of the trace, when one is wanted. */
  readonly note: (line: string | (() => string)) => void;
  readonly fail: (error: unknown) => void;
}

const AFTERMATH_MS = 120_000;
const REJOIN_MS = 20_000;
const MAX_PROCESSES = 4;
const MAX_STEPS = 200_000;

/**
 * Producers, a broker, a consumer group of one to four processes, an SMTP server, a dead-letter topic: what happens to them is a list of events, then
 * nothing fails any more. Every commit, mail and dead letter is held against the ledger the moment it happens, every process after every step.
 */
export class World {
  readonly #scenario: Scenario;
  readonly #clock = new VirtualClock();
  readonly #moods = new Moods(() => this.#clock.elapsed());
  readonly #broker: Broker;
  readonly #group: Group;
  readonly #ledger: Ledger;
  readonly #around: Surroundings;
  readonly #trace: string[] | undefined;
  readonly #due: { event: Event; steps: number }[] = [];
  #processes: Process[] = [];
  /** Also of those that are gone. */
  readonly #exposures: Exposure[] = [];
  #names = 0;
  #steps = 0;
  #failure: { readonly error: unknown } | undefined;

  /** `trace` collects a line for each thing that happens. */
  constructor(scenario: Scenario, sabotage?: Sabotage, trace?: string[]) {
    const { options, weather } = scenario;
    this.#scenario = scenario;
    this.#trace = trace;
    // What leaves as one after a replay depends on what comes together then.
    const folds = options.readers === "fleet" || options.readers === "storm";
    const losesEnds = weather.happenings["lose-end"] !== undefined;
    // In a mirror offsets are others, and so are Message-IDs.
    const isMirrored = weather.happenings.mirror !== undefined;
    const sameMails = !options.future && !weather.few && !folds && !losesEnds && !isMirrored;
    this.#ledger = new Ledger({ inOrder: options.inOrder, sameMails, allWelcome: weather.manners === true });
    this.#broker = new Broker(options.partitions, this.#ledger);
    this.#group = new Group(this.#clock, options.partitions);
    this.#around = {
      clock: this.#clock,
      options,
      broker: this.#broker,
      group: this.#group,
      ledger: this.#ledger,
      moods: this.#moods,
      smtp: new SmtpServer(this.#clock, this.#ledger, this.#moods),
      sabotage,
      brokerFails: weather.happenings.broker !== undefined,
      losesEnds,
      slow: weather.slow === true,
      isOnRecord: weather.ambiguous,
      note: (line) => {
        if (trace !== undefined) this.#note(typeof line === "string" ? line : line());
      },
      fail: (error) => this.fail(error),
    };
  }

  get steps(): number {
    return this.#steps;
  }

  get repeats(): number {
    return this.#ledger.repeats;
  }

  get heldMails(): number {
    return this.#ledger.heldMails;
  }

  get earlyMails(): number {
    return this.#ledger.earlyMails;
  }

  get presumed(): number {
    return this.#ledger.presumedAlerts;
  }

  /** Resolves when everything is committed, and rejects with what does not hold. */
  async run(): Promise<void> {
    const { events, options } = this.#scenario;
    for (let i = 0; i < options.processes; i++) this.#start();
    let end = 0;
    for (const event of events) {
      const lasts = "forMs" in event ? event.forMs : "backAfterMs" in event ? event.backAfterMs : 0;
      end = Math.max(end, event.at + lasts);
      this.#clock.after(event.at, () => this.#due.push({ event, steps: event.steps }));
    }
    await this.#until(end + 1, () => false);
    for (const { event } of this.#due.splice(0)) this.#happen(event);
    // The last records of the log have to be mailed although nothing comes after them.
    const done = await this.#until(this.#clock.elapsed() + AFTERMATH_MS, () => this.#broker.done);
    assert.ok(done, `G1: nothing fails any more, and still not everything is committed: ${this.#describe()}`);
    for (const [partition, log] of this.#broker.logs.entries())
      for (const { kind, offset, serial } of log)
        assert.ok(this.#ledger.isSettled(kind, partition, serial), `G1: ${kind} ${partition}/${offset} is lost`);
    // Whoever was cut off still has to find out what the others did.
    // And whoever read what a log has lost since still mails it.
    const keepsLost = ({ assignments }: Process): boolean =>
      this.#around.losesEnds &&
      [...assignments.workers].some(({ read: { windowsOpen, windowsPending } }) => windowsOpen + windowsPending > 0);
    await this.#until(this.#clock.elapsed() + REJOIN_MS, () =>
      this.#processes.every((process) => process.isSettled && !keepsLost(process)),
    );
    for (const { assignments } of this.#processes)
      for (const {
        read: { bufferedAlerts, windowsOpen, windowsPending },
      } of assignments.workers)
        assert.deepEqual(
          [bufferedAlerts, windowsOpen, windowsPending],
          [0, 0, 0],
          "G6: nothing is kept of what is settled",
        );
  }

  /** Failed checks and bugs inside timers and promises end the run. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  async #until(until: number, done: () => boolean): Promise<boolean> {
    while (!done() && (await this.#clock.step(until))) {
      assert.ok(++this.#steps < MAX_STEPS, "the world does not come to rest");
      for (let i = this.#due.length - 1; i >= 0; i--) {
        const due = this.#due[i] as { event: Event; steps: number };
        if (due.steps-- > 0) continue;
        this.#due.splice(i, 1);
        this.#happen(due.event);
      }
      for (const process of this.#processes) process.check();
      if (this.#failure !== undefined) throw this.#failure.error;
    }
    return done();
  }

  #start(): void {
    const name = `process-${this.#names++}`;
    const process = new Process(name, new Random(this.#scenario.seed * 31 + this.#names), this.#around);
    this.#processes.push(process);
    this.#exposures.push(process.exposure);
  }

  #happen(event: Event): void {
    if (this.#trace !== undefined && event.kind !== "records") this.#note(`*** ${event.kind}`);
    const processes = this.#processes;
    const one = "process" in event ? processes[event.process % processes.length] : undefined;
    switch (event.kind) {
      case "records":
        for (const record of event.records)
          this.#broker.append(event.partition, record, this.#clock.now(), this.#clock.elapsed());
        for (const process of processes) process.appended();
        return;
      case "smtp":
        this.#clock.after(event.forMs, this.#moods.addSmtp(event.mood));
        return;
      case "broker":
        this.#clock.after(event.forMs, this.#moods.addBroker(event.mood));
        return;
      case "crash":
        one?.crash();
        this.#processes = processes.filter((process) => process !== one);
        this.#clock.after(event.backAfterMs, () => this.#start());
        return;
      case "freeze":
        one?.freeze(event.forMs, event.atBeat);
        return;
      case "cut":
        one?.cut(event.forMs);
        return;
      case "transaction":
        this.#clock.after(event.forMs, this.#holding(event.partition));
        return;
      case "join":
        if (processes.length < MAX_PROCESSES) this.#start();
        return;
      case "leave":
        if (one === undefined || processes.filter((process) => !process.isStopping).length === 1) return;
        void one.stop().then(
          () => {
            this.#processes = this.#processes.filter((process) => process !== one);
          },
          (error: unknown) => this.fail(error),
        );
        return;
      case "lose-end":
        for (const exposure of this.#exposures) exposure.excuseHalves(event.partition);
        this.#broker.loseEnd(event.partition, event.lost);
        for (const record of event.records)
          this.#broker.append(event.partition, record, this.#clock.now(), this.#clock.elapsed());
        for (const process of processes) process.appended();
        return;
      case "mirror":
        this.#moveToMirror();
        return;
      case "rebalance":
        this.#group.rebalance(event.claimsLost);
        return;
    }
  }

  /** Returns how the transaction ends. */
  #holding(partition: number): () => void {
    const end = this.#broker.openTransaction(partition);
    return () => {
      end();
      for (const process of this.#processes) process.appended();
    };
  }

  /** Whoever runs the product stops it here, and starts it there. */
  #moveToMirror(): void {
    const count = Math.max(1, this.#processes.length);
    for (const process of this.#processes) process.crash();
    this.#broker.moveToMirror(this.#around.sabotage !== "binding");
    // What the checkpoint called settled above the committed offset does not count there.
    for (const [partition, log] of this.#broker.logs.entries()) {
      const from = this.#broker.committed.get(partition)?.offset ?? 0;
      this.#ledger.excuse(
        partition,
        log.slice(from).map(({ serial }) => serial),
      );
    }
    this.#processes = [];
    for (let i = 0; i < count; i++) this.#start();
  }

  #note(line: string): void {
    this.#trace?.push(`${String(Math.round(this.#clock.elapsed())).padStart(6)} ms  ${line}`);
  }

  #describe(): string {
    const committed = this.#broker.logs.map(
      (log, partition) => `${partition}: ${this.#broker.committed.get(partition)?.offset ?? 0} of ${log.length}`,
    );
    const processes = this.#processes.map(
      ({ name, assignments, delivery }) =>
        `${name} ${JSON.stringify({ ready: assignments.ready, inFlight: delivery.inFlight, circuitOpen: delivery.circuitOpen, states: assignments.states() })}`,
    );
    return [...committed, ...processes].join("; ");
  }
}
