import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SEVERITIES, type Severity } from "#src/core/alert.js";
import { ByteReader } from "#src/core/checkpoint-bytes.js";
import { decodeFaults, encodeFaults } from "#src/core/checkpoint-faults.js";
import { Faults } from "#src/core/faults.js";
import { FaultsOracle, type OracleFault, type ToldAlert } from "#test/support/faults-oracle.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:volume -- core/faults.property";
const ORIGIN = 1_790_000_000;
const FORGET_S = 10;
const DEVICES = 3;

type Action =
  | (Pick<ToldAlert, "device" | "type" | "severity" | "resolved" | "muted"> & {
      readonly do: "alert";
      readonly wait: number;
      readonly late: number;
    })
  /** Each of so many types of a device fires. */
  | { readonly do: "flood"; readonly device: number; readonly types: number; readonly wait: number }
  /** So many alerts are read again. */
  | { readonly do: "restart"; readonly again: number };

interface Bounds {
  readonly max?: number;
  /** What a checkpoint has room for. */
  readonly told?: number;
  readonly bytes?: number;
}

const actions = (floods: boolean): fc.Arbitrary<Action[]> => {
  const alert = fc.record({
    do: fc.constant("alert" as const),
    device: fc.nat(DEVICES - 1),
    type: fc.nat(3),
    severity: fc.constantFrom(...SEVERITIES),
    resolved: fc.constantFrom(false, false, true),
    muted: fc.constantFrom(false, false, true),
    wait: fc.constantFrom(0, 0, 1, 3, FORGET_S, FORGET_S + 1, 25),
    late: fc.constantFrom(0, 0, 0, 1, 4, FORGET_S),
  });
  const flood = fc.record({
    do: fc.constant("flood" as const),
    device: fc.nat(DEVICES - 1),
    types: fc.integer({ min: 62, max: 68 }),
    wait: fc.constantFrom(0, 1, 25),
  });
  const restart = fc.record({ do: fc.constant("restart" as const), again: fc.nat(6) });
  return fc.array(
    fc.oneof(
      { weight: 16, arbitrary: alert },
      { weight: 1, arbitrary: restart },
      ...(floods ? [{ weight: 1, arbitrary: flood }] : []),
    ),
    { maxLength: 60, size: "max" },
  );
};

/** A partition's faults and their oracle, told the same. */
class Pair {
  readonly #oracle = new FaultsOracle(FORGET_S * 1000);
  readonly #bounds: Bounds;
  readonly #log: ToldAlert[] = [];
  faults: Faults;
  #frontier = 0;
  #now = ORIGIN;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.faults = new Faults(FORGET_S * 1000, { position: 0 }, bounds.max);
  }

  run(action: Action): void {
    if (action.do === "restart") this.#restart(action.again);
    else if (action.do === "alert") {
      this.#now += action.wait;
      this.#hears({ ...action, at: this.#now - action.late, offset: this.#log.length });
    } else {
      this.#now += action.wait;
      const says = { device: action.device, severity: "warning", resolved: false, muted: false } as const;
      for (let type = 0; type < action.types; type++)
        this.#hears({ ...says, type, at: this.#now, offset: this.#log.length });
    }
  }

  #hears(alert: ToldAlert): void {
    const expected = this.#oracle.news(alert);
    this.#log.push(alert);
    this.#oracle.heard(alert);
    const news = this.#tell(alert);
    if (alert.muted) return;
    const what = `${alert.device}/${alert.type} at ${alert.offset}`;
    if (this.#isBounded) assert.ok(news !== "nothing" || expected.includes("nothing"), `${what}: ${expected}`);
    else assert.ok(expected.includes(news), `${what}: ${news}, not ${expected}`);
  }

  #tell({ device, type, offset, at, severity, resolved, muted }: ToldAlert): string {
    const status = resolved ? "resolved" : "firing";
    const says = { severity, status, typeWord: type } as const;
    return this.faults.heard(device, 0, { offset, eventTime: at * 1000, says, isMuted: muted });
  }

  #restart(again: number): void {
    const position = this.#log.length;
    this.#frontier = Math.max(this.#frontier, position - again);
    const { told, bytes, max } = this.#bounds;
    let facts = this.faults.facts(position, this.#frontier, told);
    if (facts !== undefined && bytes !== undefined) {
      const encoded = encodeFaults(facts, this.#frontier, bytes);
      facts = encoded.length === 0 ? undefined : decodeFaults(new ByteReader(Uint8Array.from(encoded)), this.#frontier);
    }
    // A device with many types is told whole, also what is over before the frontier: whoever knows more says less.
    this.#oracle.restart(this.#isBounded ? 0 : this.#frontier);
    this.faults = new Faults(FORGET_S * 1000, { position: this.#frontier, faults: facts }, max);
    for (const alert of this.#log.slice(this.#frontier)) {
      const news = this.#tell(alert);
      if (facts !== undefined) assert.equal(news, "counted");
    }
  }

  get #isBounded(): boolean {
    return this.#bounds.max !== undefined;
  }

  compare(): void {
    const { max } = this.#bounds;
    if (max !== undefined) assert.ok(this.faults.count <= max, `${this.faults.count} of ${max}`);
    for (let device = 0; device < DEVICES; device++) {
      this.#compareFiring(device);
      const types = new Set(this.#oracle.alerts.filter((one) => one.device === device).map(({ type }) => type));
      for (const type of types) {
        const faults = this.#oracle.faults(device, type);
        for (const [index, fault] of faults.entries()) this.#compareBegan(fault, faults.length - index);
      }
    }
  }

  #compareFiring(device: number): void {
    const expected = this.#oracle.firing(device);
    const { time } = this.#oracle;
    const firing = this.faults.firing(device, 0, this.#log.length, time * 1000).map(({ last: _, ...one }) => one);
    if (!this.#isBounded) {
      const known = firing.map(({ since, ...one }) => ({ ...one, since: since === undefined ? since : since / 1000 }));
      assert.deepEqual(known.toSorted(byType), expected.toSorted(byType), `what fires of ${device}`);
      return;
    }
    for (const { type, worst, since } of firing) {
      const true_ = expected.find((one) => one.type === type) ?? assert.fail(`${device}/${type} does not fire`);
      assert.ok(SEVERITIES.indexOf(worst) <= SEVERITIES.indexOf(true_.worst as Severity), "how bad");
      if (since !== undefined) assert.equal(since / 1000, true_.since, `since when ${device}/${type} fires`);
    }
  }

  /** `fromLast`: 1 for the last fault of its type. */
  #compareBegan({ alerts, began, isUnsure }: OracleFault, fromLast: number): void {
    if (isUnsure) return;
    for (const { device, type, offset } of alerts) {
      if (offset < this.#frontier) continue;
      const known = this.faults.began(device, 0, type, offset);
      const what = `since when ${offset} of ${device}/${type} fires`;
      if (this.#isBounded) assert.ok(known === undefined || known / 1000 === began, `${what}: ${known}, not ${began}`);
      else assert.equal(known === undefined ? undefined : known / 1000, fromLast > 4 ? undefined : began, what);
    }
  }
}

const byType = (a: { readonly type: number }, b: { readonly type: number }): number => a.type - b.type;

test("what each alert tells, what fires, how bad and since when is as the slow oracle says, over silences, late alerts, muted ones and restarts", () => {
  checkProperty(
    fc.property(actions(false), (all) => {
      const pair = new Pair({});
      for (const action of all) {
        pair.run(action);
        pair.compare();
      }
    }),
    { runs: 150, rerun },
  );
});

test("where there is too little room, in memory and in checkpoints, news stays news, and nothing false is said of what fires and since when", () => {
  const bounds = fc.integer({ min: 1, max: 70 }).chain((max) =>
    fc.record({
      max: fc.constant(max),
      told: fc.integer({ min: 1, max }),
      bytes: fc.integer({ min: 10, max: 1000 }),
    }),
  );
  checkProperty(
    fc.property(bounds, actions(true), (of, all) => {
      const pair = new Pair(of);
      for (const action of all) {
        pair.run(action);
        pair.compare();
      }
    }),
    { runs: 50, rerun },
  );
});
