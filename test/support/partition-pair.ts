import assert from "node:assert/strict";
import fc from "fast-check";
import { SEVERITIES, type Severity } from "#src/core/alert.js";
import type { HoldId } from "#src/core/commit-frontier.js";
import type { Delivered } from "#src/core/delivered.js";
import { typeWord } from "#src/core/faults.js";
import type { CountedFacts } from "#src/core/full-windows.js";
import { type Effect, type Input, type MailContents, Partition, type PendingMail } from "#src/core/partition.js";
import { type EventTime, eventTimeOf, wallTime } from "#src/core/time.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { trueFiring, trueSince } from "#test/support/since-oracle.js";
import { written } from "#test/support/written.js";
import {
  type OracleAlert,
  type OracleMail,
  type OracleOptions,
  type OracleWindow,
  offsetsOf,
  PartitionOracle,
  runsOf,
} from "./partition-oracle.js";

/** One thing that happens to a partition. Times are milliseconds before now; picks are taken modulo what there is. */
export type Action =
  | {
      readonly do: "alert";
      readonly device: number;
      readonly agoMs: number;
      readonly severity: Severity;
      readonly type: string | undefined;
      readonly resolved: boolean;
      readonly length: number;
      readonly urgent: boolean;
    }
  | { readonly do: "tombstone" | "unreadable"; readonly agoMs: number }
  | { readonly do: "muted"; readonly agoMs: number; readonly device: number; readonly resolved: boolean }
  | { readonly do: "gap"; readonly offsets: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "known-end"; readonly agoMs: number; readonly unread: number }
  | { readonly do: "settle"; readonly pick: number; readonly untold?: boolean }
  | { readonly do: "pass"; readonly pick: number }
  | { readonly do: "reach"; readonly pick: number; readonly recipient: number }
  | { readonly do: "let-go" }
  | { readonly do: "commit" }
  | { readonly do: "crash" };

export const SIZE_MS = 1000;
/** No alert comes later. */
const LATE_MS = 4000;
const ORIGIN = 1_790_000_000_000;
const ago = (max: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 4, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.nat(max) });

export const actionOf = (more: {
  restarts: boolean;
  future: boolean;
  urgent: boolean;
  repeats?: boolean;
}): fc.Arbitrary<Action> => {
  const agoMs = more.future
    ? fc.oneof({ weight: 9, arbitrary: ago(LATE_MS) }, { weight: 1, arbitrary: fc.constant(-2500) })
    : ago(LATE_MS);
  return fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant("alert" as const),
        device: fc.nat(3),
        agoMs,
        severity: fc.constantFrom(...SEVERITIES),
        type: fc.constantFrom("A", "B", undefined),
        resolved: fc.boolean(),
        length: fc.oneof(
          { weight: 20, arbitrary: fc.nat(60) },
          { weight: 1, arbitrary: fc.constantFrom(65_518, 65_519, 80_000) },
        ),
        urgent: more.urgent ? fc.constantFrom(true, false, false, false) : fc.constant(false),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("tombstone" as const, "unreadable" as const), agoMs }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("muted" as const), agoMs, device: fc.nat(3), resolved: fc.boolean() }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("gap" as const),
        offsets: fc.oneof(
          { weight: 12, arbitrary: fc.integer({ min: 1, max: 3 }) },
          { weight: 1, arbitrary: fc.constant(4100) },
        ),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.oneof(fc.nat(400), fc.nat(2500)) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("known-end" as const),
        agoMs: fc.nat(200),
        unread: fc.constantFrom(0, 0, 0, 1),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("settle" as const),
        pick: fc.nat(20),
        untold: more.repeats === true ? fc.constantFrom(false, false, false, true) : fc.constant(false),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), pick: fc.nat(20) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("reach" as const),
        pick: fc.nat(20),
        recipient: fc.integer({ min: 1, max: 3 }),
      }),
    },
    ...(more.repeats === true ? [{ weight: 1, arbitrary: fc.constant({ do: "let-go" as const }) }] : []),
    ...(more.restarts
      ? [
          { weight: 3, arbitrary: fc.constant({ do: "commit" as const }) },
          { weight: 1, arbitrary: fc.constant({ do: "crash" as const }) },
        ]
      : []),
  );
};

interface LogRecord {
  readonly kind: "alert" | "tombstone" | "unreadable" | "muted";
  readonly offset: number;
  readonly eventTime: EventTime;
  readonly deviceId: string;
  readonly severity: Severity;
  readonly type: string | undefined;
  readonly resolved: boolean;
  readonly bytes: Uint8Array;
  readonly urgent: boolean;
}

const whoHas = (delivered: readonly Delivered[] = [], offset: number): number[] =>
  delivered
    .filter(({ runs }) => runs.some(([first, last]) => first <= offset && offset <= last))
    .flatMap(({ recipients }) => recipients);

/** A `Partition` and its oracle, led through the same actions and compared after each. */
export class PartitionPair {
  readonly options: OracleOptions;
  core: Partition;
  oracle: PartitionOracle;
  now = ORIGIN;
  #restarts = 0;
  readonly log: LogRecord[] = [];
  #logEnd = 0;
  /** By what settles them, as the core knows it: mails and dead letters under way. */
  readonly #mails = new Map<HoldId, { mail: PendingMail; offsets: number[]; passed: boolean }>();
  /** Of a hold for muted alerts several. */
  readonly #letters = new Map<HoldId, number[]>();
  /** That muted alerts may still join. */
  #muted: HoldId | undefined;
  #committed: { metadata: string; offset: number; oracle: PartitionOracle };
  readonly #factsOf = (bytes: Uint8Array): CountedFacts => {
    const { severity, type, resolved } = this.log.findLast(
      ({ offset }) => offset === Buffer.from(bytes).readUInt32BE(),
    ) as LogRecord;
    return { severity, type, status: resolved ? "resolved" : "firing" };
  };
  /** Offset → how often a mail with it was settled. */
  readonly mailed = new Map<number, number>();

  constructor(options: OracleOptions) {
    this.options = options;
    this.core = new Partition(options, { position: 0, time: undefined, marks: [], settled: [] }, this.#factsOf);
    this.oracle = new PartitionOracle(options);
    this.#committed = { metadata: "", offset: 0, oracle: this.oracle.clone() };
  }

  run(action: Action): void {
    switch (action.do) {
      case "alert":
      case "tombstone":
      case "unreadable":
      case "muted":
        this.#produce(action);
        this.#readAll();
        break;
      case "gap":
        this.#logEnd += action.offsets;
        this.#readAll();
        break;
      case "wait":
        this.now += action.ms;
        break;
      case "known-end": {
        this.#readAll();
        const endOffset = this.#logEnd + action.unread;
        const at = this.now - action.agoMs;
        this.#expect(
          this.core.step({ kind: "known-end", at: wallTime(at), endOffset }),
          this.oracle.knownEnd(at, endOffset),
        );
        break;
      }
      case "settle":
        this.#settle(action.pick, action.untold);
        break;
      case "pass":
        this.#pass(action.pick);
        break;
      case "let-go":
        this.#expect(this.core.step({ kind: "let-go", alerts: Number.POSITIVE_INFINITY }), this.oracle.letGo());
        break;
      case "reach": {
        const { mail, offsets } = this.#picked([...this.#mails.values()], action.pick) ?? {};
        if (mail === undefined) break;
        this.core.step({ kind: "reached", id: mail.id, recipients: [action.recipient] });
        this.oracle.mailReached(offsets ?? [], action.recipient);
        break;
      }
      case "commit": {
        const { metadata, overflowed } = encodeCheckpoint(this.core.checkpoint());
        assert.equal(overflowed, false);
        this.#committed = { metadata, offset: this.core.frontier, oracle: this.oracle.clone() };
        break;
      }
      case "crash":
        this.#restart();
        break;
    }
    this.compare();
  }

  /** Lets the wall clock close everything and settles it. */
  finish(): void {
    this.#readAll();
    this.now += 100 * SIZE_MS;
    this.run({ do: "known-end", agoMs: 0, unread: 0 });
    for (let pick = 0; this.#mails.size + this.#letters.size > 0; pick += 7) this.run({ do: "settle", pick });
    assert.equal(this.core.frontier, this.#logEnd);
    assert.equal(this.core.position, this.#logEnd);
    assert.deepEqual(
      [this.core.read.windowsOpen, this.core.read.windowsPending, this.core.read.bufferedAlerts],
      [0, 0, 0],
    );
    assert.ok(
      this.core.read.bufferedBytes < 200_000,
      `${this.core.read.bufferedBytes} bytes are kept with nothing to keep`,
    );
    assert.deepEqual(this.core.checkpoint().settled, []);
    const alerts = this.log.filter((record) => record.kind === "alert").map((record) => record.offset);
    for (const offset of alerts) assert.ok((this.mailed.get(offset) ?? 0) >= 1, `alert ${offset} is in no mail`);
  }

  compare(): void {
    const { core, oracle } = this;
    const unsettled = oracle.unsettled();
    assert.equal(core.position, oracle.position, "position");
    assert.equal(core.frontier, oracle.frontier, "frontier");
    assert.equal(core.read.windowsOpen, unsettled.filter((window) => window.state === "open").length, "open windows");
    assert.equal(
      core.read.windowsPending,
      unsettled.filter((window) => window.state !== "open").length,
      "pending windows",
    );
    const buffered = unsettled.reduce((sum, window) => sum + oracle.kept(window), 0);
    const pending = unsettled.filter((window) => window.state !== "open");
    const held = pending.filter(({ state }) => state === "held");
    assert.equal(core.read.windowsHeld, held.length, "held windows");
    const due = pending.filter((window) => oracle.isDue(window) && window.state !== "held");
    const pendingAlerts = due.reduce((sum, window) => sum + oracle.kept(window), 0);
    if (this.#folds) this.#compareFolded(held);
    else {
      assert.equal(core.read.bufferedAlerts, buffered, "buffered alerts");
      assert.equal(core.read.pendingAlerts, pendingAlerts, "buffered alerts that wait for a mail");
    }
    assert.equal(
      core.read.windowsDue,
      core.read.holdsBack ? core.read.windowsDue : due.length,
      "windows whose mail is due",
    );
    const passed = pending.filter(({ state }) => state === "passed");
    const passedAlerts = passed.reduce((sum, window) => sum + oracle.kept(window), 0);
    assert.equal(core.read.windowsPassed, passed.length, "passed");
    if (this.#folds) assert.ok(core.read.passedAlerts <= passedAlerts, "alerts of those passed");
    else assert.equal(core.read.passedAlerts, passedAlerts, "alerts of those passed");
    const waiting = this.#letGo(pending);
    const ends = pending
      .filter((window) => window.state !== "passed" && !this.#repeats(window))
      .map((window) => oracle.endOf(window))
      .filter((end) => end <= oracle.watermark)
      .concat(waiting);
    assert.equal(
      core.read.oldestPendingWindowEnd,
      ends.length === 0 ? undefined : Math.min(...ends),
      "oldest pending window",
    );
    const quiet = pending.filter((window) => window.state === "passed" || this.#repeats(window));
    const apart = new Set(quiet.flatMap(({ alerts }) => alerts.map(({ offset }) => offset)));
    const first = oracle.unsettledOffsets().find((offset) => !apart.has(offset));
    const times = this.log.flatMap(({ offset, eventTime }) => (offset === first ? [eventTime as number] : []));
    const oldest = Math.min(...times, ...waiting);
    assert.equal(
      core.read.oldestUnsettledEventTime,
      oldest === Number.POSITIVE_INFINITY ? undefined : oldest,
      "oldest event time",
    );
    const { settled, delivered } = core.checkpoint();
    assert.deepEqual(settled, oracle.settledRuns(), "settled above the frontier");
    for (const window of unsettled)
      for (const { offset } of window.alerts)
        assert.deepEqual(whoHas(delivered, offset), window.delivered, `who has ${offset}`);
    // A closed window never grows, a mail under way never changes.
    for (const { mail, offsets } of this.#mails.values()) {
      assert.deepEqual(core.mails.offsetRuns(mail), runsOf(offsets));
      const [one, ...others] = oracle.withAny(offsets);
      const all = one?.delivered.filter((tag) => others.every((window) => window.delivered.includes(tag)));
      assert.deepEqual([...core.mails.deliveredTo(mail)], all, "who has all of a mail");
      if (this.#folds) continue;
      const listed = oracle.withAny(offsets).flatMap((window) => oracle.listed(window));
      const entries = core.mails.contents(mail).entries.map((entry) => `${entry.offset} ${entry.bytes.length}`);
      const written = listed.map(
        ({ offset }) => `${offset} ${this.log.find((one) => one.offset === offset)?.bytes.length}`,
      );
      assert.deepEqual(entries.toSorted(), written.toSorted(), "what it lists");
      this.#compareSince(mail, offsets);
      this.#compareFiring(mail, offsets);
    }
  }

  /** What a mail says of since when something fires is true, and is not said only where too much came after. */
  #compareSince(mail: PendingMail, offsets: readonly number[]): void {
    for (const { offset, type, deviceId, resolved } of this.log) {
      if (resolved || !offsets.includes(offset)) continue;
      const heard = this.log.filter(
        (one) => one.deviceId === deviceId && one.type === type && one.offset < this.core.position,
      );
      const { seconds, later } = trueSince(heard, offset, this.options.firingForgetMs);
      const began = this.core.mails.began(mail, type, offset);
      const isCertain = later <= 3 && this.options.firingForgetMs > LATE_MS;
      if (began === undefined) assert.ok(!isCertain, `since when ${offset} fires is known`);
      else assert.ok(seconds.includes(began / 1000), `${offset} fires since ${began / 1000}, not ${seconds}`);
    }
  }

  /** What a mail says that fires beside what it tells of does so, and nothing else does. */
  #compareFiring(mail: PendingMail, offsets: readonly number[]): void {
    const windowEnd = Math.max(...mail.windows.map(({ bucket }) => bucket.start)) + this.options.windowSizeMs;
    const own = this.log.filter(({ offset }) => offsets.includes(offset)).map(({ type }) => type);
    const said = this.core.mails.firingBeside(mail, new Set(own.map((type) => type ?? "")), true);
    // Those without a type may be muted.
    for (const type of ["A", "B"].filter((one) => !own.includes(one))) {
      const heard = this.log.filter(
        (one) => one.deviceId === mail.deviceId && one.type === type && one.offset < this.core.position,
      );
      const { firingForgetMs } = this.options;
      const { fires, later } = trueFiring(heard, offsets.at(-1) ?? 0, windowEnd, firingForgetMs);
      if (later > 3 || firingForgetMs <= LATE_MS) continue;
      // What is over by now may have been so then, as far as a restart knows.
      const isOver = later > 0 || heard.some(({ offset, resolved }) => resolved && offset > (offsets.at(-1) ?? 0));
      if (this.#restarts > 0 && isOver) continue;
      assert.equal(
        said.some((one) => one.type === typeWord(type)),
        fires,
        `${mail.deviceId} ${type} fires beside ${offsets}`,
      );
    }
  }

  /** Held windows share what a mail lists, which is not worked out here. */
  get #folds(): boolean {
    return this.options.repeatIntervalsMs !== undefined && this.options.maxListed < 100;
  }

  #repeats({ news }: OracleWindow): boolean {
    return this.options.repeatIntervalsMs !== undefined && !news;
  }

  /** Since when those wait that told nothing new, and are held no more: by mail, and by device behind one. */
  #letGo(pending: readonly OracleWindow[]): number[] {
    const { oracle } = this;
    const since = (windows: readonly OracleWindow[]): number[] => {
      const repeats = windows.filter((window) => this.#repeats(window));
      const ends = windows.map((window) => oracle.endOf(window));
      const letGo = repeats.flatMap(({ letGoAt }) => letGoAt ?? []);
      return repeats.length === 0 ? [] : [letGo.length === 0 ? Math.max(...ends) : Math.min(...letGo)];
    };
    return [...new Set(pending.map(({ deviceId }) => deviceId))].flatMap((deviceId) => {
      const own = pending.filter((window) => window.deviceId === deviceId);
      const behind = own.filter((window) => window.state === "closed" && window.letGoAt !== undefined);
      return [...since(own.filter(({ state }) => state === "mailing")), ...since(behind)];
    });
  }

  /** What is in memory of a device's held windows is at most what a mail lists, and as many again. */
  #compareFolded(held: readonly OracleWindow[]): void {
    const devices = new Set(held.map(({ deviceId }) => deviceId)).size;
    const others = this.oracle.unsettled().filter(({ state }) => state !== "held");
    const most = others.reduce((sum, window) => sum + window.alerts.length, 0);
    assert.ok(this.core.read.bufferedAlerts <= most + devices * 2 * this.options.maxListed, "buffered alerts");
  }

  #produce(action: Action & { do: "alert" | "tombstone" | "unreadable" | "muted" }): void {
    const offset = this.#logEnd++;
    const alert = action.do === "alert" ? action : undefined;
    const told = "device" in action ? action : undefined;
    this.log.push({
      kind: action.do,
      offset,
      eventTime: eventTimeOf(this.now - action.agoMs, wallTime(this.now)),
      deviceId: `device-${told?.device}`,
      severity: alert?.severity ?? "info",
      type: alert?.type,
      resolved: told?.resolved ?? false,
      bytes: bytesOf(offset, alert?.length ?? 0),
      urgent: alert?.urgent ?? false,
    });
  }

  #readAll(): void {
    for (const record of this.log) {
      if (record.offset < this.oracle.position) continue;
      const { kind, offset, eventTime, deviceId, severity, type, resolved, urgent } = record;
      if (kind === "muted")
        this.oracle.heard.push({ offset, eventTime, deviceId, severity, type, resolved, muted: true });
      const expected =
        kind === "alert"
          ? this.oracle.alert({ offset, eventTime, deviceId, severity, type, resolved }, urgent)
          : kind === "tombstone"
            ? this.oracle.tombstone(offset, eventTime)
            : this.oracle.unreadable(offset, eventTime);
      this.#expect(this.#feed(record), expected);
    }
    this.oracle.gap(this.#logEnd);
    this.#expect(this.core.step({ kind: "gap", nextOffset: this.#logEnd, now: wallTime(this.now) }), []);
  }

  #feed(record: LogRecord): Effect[] {
    const effects = this.core.step(inputOf(record, this.#muted));
    for (const effect of effects) {
      if (effect.kind === "muted") this.#muted = effect.id;
      if (effect.kind !== "dead-letter" && effect.kind !== "muted") continue;
      this.#letters.set(effect.id, [...(this.#letters.get(effect.id) ?? []), record.offset]);
    }
    return effects;
  }

  #settle(pick: number, mayBeUntold = false): void {
    const ids = [...this.#mails.keys(), ...this.#letters.keys()];
    const id = ids[pick % ids.length];
    if (id === undefined) return;
    const letter = this.#letters.get(id);
    if (letter !== undefined) {
      this.#letters.delete(id);
      if (id === this.#muted) this.#muted = undefined;
      for (const offset of letter) this.oracle.deadLetterWritten(offset);
      this.#expect(this.core.step({ kind: "settled", id, now: wallTime(this.now) }), []);
      return;
    }
    const { mail, offsets, passed } = this.#mails.get(id) as { mail: PendingMail; offsets: number[]; passed: boolean };
    this.#mails.delete(id);
    for (const offset of offsets) this.mailed.set(offset, (this.mailed.get(offset) ?? 0) + 1);
    const untold = mayBeUntold && !passed && this.core.mails.deliveredTo(mail).size === 0;
    const expected = this.oracle.mailSettled(mail.deviceId, offsets, this.now, untold);
    this.#expect(this.core.step({ kind: "settled", id, now: wallTime(this.now), untold }), expected);
  }

  #pass(pick: number): void {
    const { mail } = this.#picked([...this.#mails.values()], pick) ?? {};
    if (mail === undefined) return;
    const known = this.#mails.get(mail.id) as { mail: PendingMail; offsets: number[]; passed: boolean };
    const again = known.passed;
    known.passed = true;
    const expected = again ? [] : this.oracle.mailPassed(mail.deviceId, this.now);
    this.#expect(this.core.step({ kind: "passed", id: mail.id, now: wallTime(this.now) }), expected);
  }

  #picked<T>(all: readonly T[], pick: number): T | undefined {
    return all[pick % all.length];
  }

  /** Everything since the last commit is forgotten; what the checkpoint covers is read again and must come to the same state. */
  #restart(): void {
    this.#restarts++;
    const { metadata, offset, oracle } = this.#committed;
    const start = decodeCheckpoint(metadata, offset) ?? { position: offset, time: undefined, marks: [], settled: [] };
    assert.equal(start.position, offset);
    this.core = new Partition(this.options, start, this.#factsOf);
    this.oracle = oracle.clone();
    this.oracle.restart();
    this.#mails.clear();
    this.#letters.clear();
    this.#muted = undefined;
    // Restarted anew at any point of its replay, it must know as much as before.
    for (const record of this.log) {
      if (record.offset < offset || record.offset >= this.oracle.position) continue;
      for (const effect of this.#feed(record)) if (effect.kind === "mail") this.#noteMail(effect.mail);
      const again = decodeCheckpoint(encodeCheckpoint(this.core.checkpoint()).metadata, this.core.frontier);
      assert.ok(again !== undefined, "a checkpoint taken during a replay can be read");
    }
    const end = { kind: "gap", nextOffset: this.oracle.position, now: wallTime(this.now) } as const;
    for (const effect of this.core.step(end)) {
      if (effect.kind === "mail") this.#noteMail(effect.mail);
    }
    // Of a part that is settled, the urgent alert alone is needed from then on.
    for (const window of this.oracle.windows)
      if (window.early && window.state === "settled") window.readFrom = (window.alerts.at(-1) as OracleAlert).offset;
    for (const { mail } of this.#mails.values()) this.#mergeMore(mail);
    const expected = this.oracle.unsettled().filter((window) => window.state === "mailing");
    assert.deepEqual(
      [...this.#mails.values()]
        .flatMap(({ mail }) => mail.windows.map(({ bucket }) => `${mail.deviceId} ${bucket.start}`))
        .sort(),
      expected.map((window) => `${window.deviceId} ${window.start}`).sort(),
      "mails under way after the replay",
    );
  }

  /** More may have come due for merging by now. Then they join what was under way, or waited first; never the other way round. */
  #mergeMore(mail: PendingMail): void {
    const { deviceId, windows } = mail;
    const unsettled = this.oracle.unsettled(deviceId);
    assert.equal(windows[0]?.bucket.start, unsettled[0]?.start, "the first window of a mail, which identifies it");
    if (windows.length === 1) return;
    const oldest = unsettled[0] as OracleWindow;
    const isLong = this.now - this.oracle.endOf(oldest) > this.options.catchUpAfterMs;
    assert.ok(isLong || this.options.repeatIntervalsMs !== undefined, "merged before its time");
    for (const window of unsettled) {
      if (window.state === "open" || window.delivered.join() !== oldest.delivered.join()) break;
      window.state = "mailing";
    }
  }

  #noteMail(mail: PendingMail): void {
    const offsets = this.core.mails
      .offsetRuns(mail)
      .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
    this.#mails.set(mail.id, { mail, offsets, passed: false });
  }

  #expect(effects: readonly Effect[], mails: readonly OracleMail[]): void {
    const due = effects.flatMap((effect) => (effect.kind === "mail" ? [effect.mail] : []));
    const byDevice = <T extends { deviceId: string }>(list: readonly T[]): T[] =>
      [...list].sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
    assert.deepEqual(
      byDevice(due).map((mail) => mail.deviceId),
      byDevice(mails).map((mail) => mail.deviceId),
      "mails due",
    );
    for (const [index, mail] of byDevice(due).entries()) {
      const expected = byDevice(mails)[index] as OracleMail;
      for (const other of this.#mails.values())
        assert.ok(other.passed || other.mail.deviceId !== mail.deviceId, "two mails of a device at once");
      this.#compareContents(mail, expected);
      this.#mails.set(mail.id, { mail, offsets: offsetsOf(expected), passed: false });
    }
  }

  /** Each alert is counted once, listed or not. */
  #compareCounts({ count, entries, full }: MailContents, windows: readonly OracleWindow[]): void {
    const alerts = windows.flatMap((window) => window.alerts);
    const uncounted = entries.filter(({ counted }) => !counted).map(({ offset }) => offset);
    assert.equal(count, alerts.length, "count");
    assert.equal((full?.count ?? 0) + uncounted.length, alerts.length, "counted or listed");
    const offsets = new Set(alerts.map(({ offset }) => offset));
    assert.ok(
      entries.every(({ offset }) => offsets.has(offset)),
      "what it lists",
    );
    assert.ok(entries.length >= Math.min(alerts.length, this.options.maxListed), "as many as a mail lists");
    for (const severity of SEVERITIES) {
      const listed = alerts.filter((alert) => alert.severity === severity && uncounted.includes(alert.offset));
      const all = alerts.filter((alert) => alert.severity === severity);
      assert.equal((full?.bySeverity[severity] ?? 0) + listed.length, all.length, severity);
    }
  }

  #comparePart({ part, toldEarly }: MailContents, windows: readonly OracleWindow[]): void {
    const [first] = windows;
    const early = first === undefined ? undefined : this.oracle.earlyPartOf(first);
    const isRest = early !== undefined && early !== first;
    const before = windows.slice(0, -1);
    const isEarly = windows.at(-1)?.early === true && before.every((window) => this.#repeats(window));
    // What told nothing new is not certain after a restart.
    if (this.#restarts === 0 || before.length === 0 || windows.at(-1)?.early !== true)
      assert.equal(part, isEarly ? "early" : isRest ? "rest" : undefined, "part");
    assert.equal(toldEarly, part === "rest" ? early?.alerts.length : undefined, "told early");
  }

  #compareContents(mail: PendingMail, expected: OracleMail): void {
    const contents = this.core.mails.contents(mail);
    const { windows } = expected;
    const offsets = offsetsOf(expected);
    assert.equal(contents.windowStart, windows[0]?.start);
    this.#comparePart(contents, windows);
    assert.equal(contents.windowEnd, Math.max(...windows.map((window) => this.oracle.endOf(window))));
    assert.deepEqual([contents.firstOffset, contents.lastOffset], [offsets[0], offsets.at(-1)]);
    if (this.#folds) {
      this.#compareCounts(contents, windows);
      return;
    }
    const listed = windows.flatMap((window) => this.oracle.listed(window)).sort((a, b) => a.offset - b.offset);
    assert.deepEqual(
      contents.entries.map(({ offset, eventTime, late }) => ({ offset, eventTime, late })),
      listed.map(({ offset, eventTime, late }) => ({ offset, eventTime, late })),
    );
    for (const { offset, bytes } of contents.entries) {
      const written = this.log.find((record) => record.offset === offset)?.bytes;
      assert.ok(written !== undefined && Buffer.from(written.buffer).equals(bytes), `bytes of alert ${offset}`);
    }
    const full = windows.filter(({ alerts }) => alerts.length > this.options.maxListed).flatMap(({ alerts }) => alerts);
    assert.equal(contents.count, offsets.length);
    assert.equal(contents.full?.count ?? 0, full.length);
    assert.equal(contents.entries.filter(({ counted }) => !counted).length, offsets.length - full.length);
    for (const severity of SEVERITIES) {
      assert.equal(
        contents.full?.bySeverity[severity] ?? 0,
        full.filter((alert) => alert.severity === severity).length,
      );
    }
    assert.equal(contents.full?.resolved ?? 0, full.filter(({ resolved }) => resolved).length);
    for (const type of ["A", "B", undefined]) {
      const own = full.filter((alert) => alert.type === type).sort((a, b) => a.offset - b.offset);
      const word = contents.full?.byType.get(type ?? "");
      assert.equal(word?.count ?? 0, own.length);
      assert.equal(word?.offset, own.at(-1)?.offset, `last word on ${type}`);
      if (word !== undefined) assert.equal(word.since === undefined, own.at(-1)?.resolved, `whether ${type} is over`);
    }
  }
}

/** They begin with the offset, by which an alert is found again. */
const bytesOf = (offset: number, length: number): Uint8Array => {
  const bytes = Buffer.alloc(Math.max(4, length), offset);
  bytes.writeUInt32BE(offset);
  return new Uint8Array(bytes);
};

const inputOf = (
  { kind, offset, eventTime, deviceId, severity, type, resolved, bytes, urgent }: LogRecord,
  hold: HoldId | undefined,
): Input => {
  if (kind === "tombstone" || kind === "unreadable") return { kind, offset, eventTime };
  const status = resolved ? "resolved" : "firing";
  const says = { severity, status, type, occurredAt: undefined, bytes } as const;
  const device = written(deviceId);
  return kind === "muted"
    ? { kind, offset, eventTime, hold, device, says }
    : { kind, offset, eventTime, device, says, urgent };
};
