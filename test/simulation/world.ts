import assert from "node:assert/strict";
import { Random } from "#test/support/random.js";
import { VirtualClock } from "#test/support/virtual-clock.js";
import { Broker, type LogRecord } from "./broker.js";
import { Ledger } from "./ledger.js";
import { type Faults, Process, type ProcessOptions } from "./process.js";

export interface Weather {
  readonly crashes: boolean;
  /**
   * `kept`: every rebalance leaves each process what it had. `moved`: partitions move and members come, and the broker answers. `any`:
   * members are also lost and lose their membership, and the broker fails.
   */
  readonly rebalances: "none" | "kept" | "moved" | "any";
  readonly ambiguous: boolean;
  readonly commitAnswersLost: boolean;
}

const CALM: Faults = {
  smtpDown: false,
  deferred: 0,
  refused: 0,
  partly: 0,
  ambiguous: 0,
  slowestMs: 100,
  commitFails: 0,
  commitAnswerLost: 0,
  readFails: 0,
  deadLetterFails: 0,
};

const STORM_MS = 25_000;
const AFTERMATH_MS = 120_000;

/**
 * A seeded world: producers, a broker, a consumer group of one or two processes, an SMTP server, a dead-letter topic; all of it fails at
 * random for 25 s, then nothing fails any more. Every commit, mail and dead letter is held against the ledger the moment it happens.
 */
export class World {
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #faults: Faults = { ...CALM };
  readonly #ledger: Ledger;
  readonly #broker: Broker;
  readonly #weather: Weather;
  readonly #options: ProcessOptions;
  /** Partitions move while some recipients have a mail and others don't. Counts for the same windows only: see `core/reached.ts`. */
  readonly #halves: boolean;
  #processes: Process[] = [];
  #named = 0;
  #rebalancing = false;
  #storm = true;
  #failure: unknown;

  constructor(seed: number, weather: Weather) {
    this.#random = new Random(seed);
    this.#weather = weather;
    const random = this.#random;
    this.#ledger = new Ledger(random.chance(0.5));
    this.#broker = new Broker(random.between(1, 3), this.#ledger);
    this.#halves = weather.rebalances === "moved" && random.chance(0.6);
    this.#options = {
      windowSizeMs: 1000,
      graceMs: random.pick([0, 200, 1500]),
      connections: random.between(1, 4),
      catchUpAfterMs: random.pick([Number.POSITIVE_INFINITY, 3000]),
      retryBudgetMs: random.pick([500, 5000]),
      // A full buffer closes windows early, so a replay comes to other ones. So does a timestamp in the future.
      bufferMaxAlerts: this.#halves ? 10_000 : random.pick([15, 10_000, 10_000]),
    };
  }

  async run(): Promise<void> {
    this.#start(this.#weather.rebalances === "any" ? this.#random.between(1, 2) : 1);
    this.#produce();
    this.#change();
    await this.#until(STORM_MS, () => false);
    this.#storm = false;
    Object.assign(this.#faults, CALM);
    // The last records of the log have to be mailed although nothing comes after them.
    const done = await this.#until(AFTERMATH_MS, () => this.#broker.done);
    const committed = this.#broker.logs.map(
      (log, partition) => `${this.#broker.committed.get(partition)?.offset ?? 0} of ${log.length}`,
    );
    assert.ok(
      done,
      `nothing fails any more, and still not everything is committed: ${committed.join(", ")}; ${this.#describe()}`,
    );
    for (const { assignments } of this.#processes) {
      for (const { bufferedAlerts, windowsOpen, windowsPending } of assignments.workers) {
        assert.deepEqual(
          [bufferedAlerts, windowsOpen, windowsPending],
          [0, 0, 0],
          "nothing is kept of what is settled",
        );
      }
    }
    const { crashes, rebalances, ambiguous } = this.#weather;
    const exactlyOnce = !crashes && rebalances !== "any" && !ambiguous;
    for (const [partition, log] of this.#broker.logs.entries()) {
      for (const { kind, offset } of log) {
        assert.ok(this.#ledger.isSettled(kind, partition, offset), `${kind} ${partition}/${offset} is lost`);
        const times = this.#ledger.timesMailed(partition, offset);
        if (exactlyOnce) assert.ok(times <= 1, `G3: alert ${partition}/${offset} was mailed ${times} times`);
      }
    }
  }

  async #until(ms: number, done: () => boolean): Promise<boolean> {
    const end = this.#clock.elapsed() + ms;
    while (!done() && (await this.#clock.step(end))) if (this.#failure !== undefined) throw this.#failure;
    return done();
  }

  #describe(): string {
    return this.#processes
      .map(({ name, assignments, delivery }) => {
        const workers = [...assignments.workers].map(
          ({ partition, position, windowsOpen, windowsPending, waitsForAnswers, changed }) => ({
            partition,
            position,
            windowsOpen,
            windowsPending,
            waitsForAnswers,
            changed,
          }),
        );
        return `${name}: ${JSON.stringify({ ready: assignments.ready, inFlight: delivery.inFlight, circuitOpen: delivery.circuitOpen, states: assignments.states(), workers })}`;
      })
      .join("\n");
  }

  /** Failed checks and bugs inside timers and promises end the run. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  #produce(): void {
    const random = this.#random;
    this.#clock.after(random.between(1, 400), () => {
      if (!this.#storm) return;
      for (let left = random.chance(0.1) ? random.between(10, 40) : random.between(1, 4); left > 0; left--) {
        const partition = random.between(0, this.#broker.logs.length - 1);
        const kind: LogRecord["kind"] = random.chance(0.9)
          ? "alert"
          : random.pick(["tombstone", "unreadable", "marker"]);
        const ago = this.#ledger.inOrder
          ? 0
          : random.chance(0.3)
            ? random.between(this.#halves ? 0 : -500, 4000)
            : random.between(0, 100);
        this.#broker.append(partition, kind, this.#clock.now() - ago, `device-${partition}-${random.between(0, 3)}`);
      }
      this.#produce();
    });
  }

  #change(): void {
    const random = this.#random;
    this.#clock.after(random.between(200, 3000), () => {
      if (!this.#storm) return;
      const { crashes, rebalances, ambiguous, commitAnswersLost } = this.#weather;
      const some = (max: number): number => (random.chance(0.5) ? 0 : random.next() * max);
      Object.assign(this.#faults, {
        smtpDown: random.chance(0.2),
        deferred: some(0.6),
        refused: some(0.3),
        partly: some(0.5),
        ambiguous: ambiguous ? some(0.3) : 0,
        slowestMs: random.pick([10, 300, 5000]),
        commitFails: some(0.7),
        commitAnswerLost: commitAnswersLost ? some(0.5) : 0,
        readFails: some(0.6),
        deadLetterFails: some(0.7),
      });
      if (rebalances === "moved") Object.assign(this.#faults, { commitFails: 0, readFails: 0 });
      if (rebalances === "moved" && !this.#halves) this.#faults.partly = 0;
      const processes = this.#processes;
      if (crashes && random.chance(0.3)) {
        const victim = random.pick(processes);
        victim.crash();
        this.#processes = processes.filter((process) => process !== victim);
        this.#start(1);
      } else if ((rebalances === "any" || rebalances === "moved") && processes.length < 3 && random.chance(0.15)) {
        this.#start(1);
      } else if (rebalances === "any" && processes.length > 1 && random.chance(0.15)) {
        const leaver = random.pick(processes);
        this.#processes = processes.filter((process) => process !== leaver);
        leaver.crash();
        this.#rebalance();
      } else if (rebalances !== "none" && random.chance(0.4)) {
        this.#rebalance();
      }
      this.#change();
    });
  }

  #start(count: number): void {
    for (; count > 0; count--) {
      const world = {
        clock: this.#clock,
        random: this.#random,
        broker: this.#broker,
        ledger: this.#ledger,
        faults: this.#faults,
      };
      this.#processes.push(new Process(`process-${this.#named++}`, this.#options, world));
    }
    this.#rebalance();
  }

  /** All members notice, then the generation changes, then each learns what it has. */
  #rebalance(): void {
    if (this.#rebalancing) return;
    this.#rebalancing = true;
    const random = this.#random;
    const members = [...this.#processes];
    for (const member of members) {
      this.#clock.after(random.between(0, 500), () => {
        if (!member.alive) return;
        if (random.chance(0.05) && this.#weather.rebalances === "any") member.leave();
        else member.notice();
      });
    }
    this.#clock.after(random.between(501, 800), () => {
      this.#rebalancing = false;
      // Someone came or went meanwhile: once more from the beginning.
      if (members.length !== this.#processes.length || members.some((member) => !this.#processes.includes(member)))
        return this.#rebalance();
      const generation = ++this.#broker.generation;
      const shift =
        this.#weather.rebalances === "any" || this.#weather.rebalances === "moved"
          ? random.between(0, members.length - 1)
          : 0;
      for (const [index, member] of members.entries()) {
        const partitions = [...this.#broker.logs.keys()].filter(
          (partition) => (partition + shift) % members.length === index,
        );
        this.#clock.after(random.between(0, 200), () => {
          if (member.alive && generation === this.#broker.generation)
            member.join(generation, partitions, members.length === 1);
        });
      }
    });
  }
}
