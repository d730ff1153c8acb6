import { Random } from "#test/support/random.js";
import { FORGET_MS } from "./true-since.js";
import type { Weather } from "./weathers.js";

/** What the SMTP server does to a share of the mails; rates from 0 to 1. */
export interface SmtpMood {
  readonly down: boolean;
  readonly deferred: number;
  readonly refused: number;
  /** One recipient of the mail is refused, or deferred. */
  readonly partly: number;
  /** The mailbox of the second recipient takes nothing. */
  readonly full: boolean;
  /** The connection is lost after the final dot, or the reply is nonsense: the mail was taken, or not, or will be a little later. */
  readonly ambiguous: number;
  /** So with all mails, for so long that some are presumed to have come. */
  readonly silent: boolean;
  /** 4xx after the data, and the mail was taken all the same. */
  readonly lies: number;
  readonly slowestMs: number;
  /** Takes so many recipients in one transaction, the others in the next; 0: as many as there are. */
  readonly recipientsMax: number;
  /** Greets so many connections at once, the others with 421; 0: as many as there are. */
  readonly connectionsMax: number;
  /** Refuses whatever comes from us: a block list, a relay that is closed, a quota. */
  readonly refusesUs: boolean;
  /** Only the mails of this device; undefined: all. */
  readonly device: string | undefined;
}

export interface BrokerMood {
  readonly commitFails: number;
  /** The commit was applied, its answer got lost. */
  readonly commitAnswerLost: number;
  readonly readFails: number;
  readonly deadLetterFails: number;
}

export type RecordKind = "alert" | "tombstone" | "unreadable" | "marker" | "muted";

export interface Produced {
  readonly kind: RecordKind;
  readonly device: string;
  /** Its timestamp lies this far back; negative: in the future. */
  readonly agoMs: number;
  /** Critical, and whether it says that something is over; absent: neither. */
  readonly critical?: "firing" | "resolved";
}

/** `process`: counts those that are alive, round and round. */
export type Happening =
  | { readonly kind: "records"; readonly partition: number; readonly records: readonly Produced[] }
  | { readonly kind: "smtp"; readonly mood: SmtpMood; readonly forMs: number }
  | { readonly kind: "broker"; readonly mood: BrokerMood; readonly forMs: number }
  | { readonly kind: "crash"; readonly process: number; readonly backAfterMs: number }
  /** `atBeat`: once its next heartbeat is under way. */
  | { readonly kind: "freeze"; readonly process: number; readonly forMs: number; readonly atBeat: boolean }
  | { readonly kind: "cut"; readonly process: number; readonly forMs: number }
  /** What is written to the partition from now on, and before it ends, nobody is given to read. */
  | { readonly kind: "transaction"; readonly partition: number; readonly forMs: number }
  | { readonly kind: "join" }
  | { readonly kind: "leave"; readonly process: number }
  | { readonly kind: "rebalance"; readonly claimsLost: boolean }
  /** All processes are stopped, and started again in a cluster to which the records and the group's offsets were mirrored. */
  | { readonly kind: "mirror" }
  /** An unclean election takes the last records of a log away; a producer that waited writes others at once, or none does. */
  | {
      readonly kind: "lose-end";
      readonly partition: number;
      readonly lost: number;
      readonly records: readonly Produced[];
    };

/** Happens `steps` steps of the scheduler after `at` milliseconds: at any step, then. */
export type Event = Happening & { readonly at: number; readonly steps: number };

export interface Options {
  readonly partitions: number;
  readonly processes: number;
  readonly inOrder: boolean;
  /** Some timestamps lie in the future: they count as the moment of reading, so that a replay comes to other windows. */
  readonly future: boolean;
  readonly graceMs: number;
  /** `URGENT_SEVERITY=critical`. */
  readonly urgent: boolean;
  /** A route mutes some alerts. */
  readonly mutes: boolean;
  /** `FIRING_FORGET` */
  readonly firingForgetMs: number;
  readonly connections: number;
  readonly catchUpAfterMs: number;
  /** `REPEAT_INTERVALS`; undefined: off. */
  readonly repeatIntervalsMs: readonly number[] | undefined;
  readonly retryBudgetMs: number;
  readonly bufferMaxAlerts: number;
  /** It is that of a few alerts: full buffers close windows early. */
  readonly few: boolean;
  /** Only one device, and the dead-letter topic, have trouble. */
  readonly apart: boolean;
  readonly readers: Readers;
}

/**
 * How the two readers get a mail: in one message, in one each, after somebody was asked who they are, in one with all devices of a window (`fleet`), or
 * each in such a one of their own (`storm`).
 */
export type Readers = "together" | "apart" | "asked" | "fleet" | "storm";

/** Everything that a seed decides before the world begins. The same scenario runs the same way each time, also with fewer events. */
export interface Scenario {
  readonly seed: number;
  readonly weather: Weather;
  readonly options: Options;
  readonly events: readonly Event[];
}

/** How long mails wait for others to leave with, where they may. */
export const GATHER_MS = 300;
/** How long it takes at most to hear who is told. */
export const ROUTING_MS_MAX = 300;

export const WINDOW_MS = 1_000;
const STORM_MS = 12_000;
/** Three attempts fit in. */
const SILENCE_MS = 20_000;
const DEVICES = 4;

export const deviceName = (partition: number, device: number): string => `device-${partition}-${device}`;

export const scenarioOf = (seed: number, weather: Weather): Scenario => {
  const random = new Random(seed);
  // Apart, so that a seed is the same world with and without.
  const urgency = new Random(seed * 7 + 3);
  const muting = new Random(seed * 11 + 5);
  const repeating = new Random(seed * 13 + 9);
  const { few, apart } = weather;
  const inOrder = random.chance(0.5);
  const repeats = repeating.chance(0.5) ? repeating.pick([[2_000], [3_000, 6_000], [1_000, 2_000, 5_000]]) : undefined;
  const options: Options = {
    partitions: random.between(1, 3),
    processes: weather.happenings.join === undefined ? 1 : random.between(1, 2),
    inOrder,
    future: !inOrder && random.chance(0.3),
    graceMs: random.pick([0, 200, 1500]),
    urgent: urgency.chance(0.5),
    mutes: muting.chance(0.5),
    firingForgetMs: new Random(seed * 13 + 7).chance(0.7) ? FORGET_MS : 2_000,
    connections: apart ? 8 : random.between(1, 4),
    catchUpAfterMs: catchUpOf(random.pick([Number.POSITIVE_INFINITY, 3000]), repeats),
    repeatIntervalsMs: repeats,
    retryBudgetMs: random.pick([500, 5000]),
    apart,
    few,
    bufferMaxAlerts: few ? random.between(3, 15) : 10_000,
    readers: random.chance(0.5) ? "together" : random.pick(["apart", "asked", "fleet", "storm"] as const),
  };
  const events: Event[] = [];
  const add = (at: number, happening: Happening): void => {
    events.push({ ...happening, at, steps: random.chance(0.5) ? 0 : random.between(1, 12) });
  };
  for (let at = random.between(1, 300); at < STORM_MS; at += random.between(1, 700))
    add(at, recordsOf(random, urgency, options, weather));
  const kinds = Object.entries(weather.happenings) as [Happening["kind"], number][];
  const sum = kinds.reduce((total, [, weight]) => total + weight, 0);
  for (let at = random.between(200, 2500); sum > 0 && at < STORM_MS; at += random.between(100, 2500)) {
    const kind = pickWeighted(kinds, random.next() * sum);
    add(at, happeningOf(kind, random, urgency, options, weather));
  }
  // Last, so that a seed is the same world with and without.
  if (weather.silent === true && random.chance(0.5)) add(random.between(0, STORM_MS), silence(random, options));
  // Once: whose fault a refusal is that comes and goes from second to second, nobody could tell.
  if (weather.manners === true && random.chance(0.5)) add(random.between(0, STORM_MS), refusal(random));
  const some = options.mutes ? events.map((event) => withMuted(event, muting)) : events;
  return { seed, weather, options, events: some.sort((a, b) => a.at - b.at) };
};

/** What is held leaves together. */
const catchUpOf = (afterMs: number, repeats: readonly number[] | undefined): number =>
  repeats === undefined ? afterMs : Math.min(afterMs, 3_000);

/** Some of the alerts are of the kind that is muted. */
const withMuted = (event: Event, muting: Random): Event => {
  if (event.kind !== "records" && event.kind !== "lose-end") return event;
  const mute = (one: Produced): Produced =>
    one.kind === "alert" && muting.chance(0.2) ? { ...one, kind: "muted" } : one;
  return { ...event, records: event.records.map(mute) };
};

/** `at`: between 0 and the sum of the weights. */
const pickWeighted = <K>(weights: readonly (readonly [K, number])[], at: number): K => {
  let before = 0;
  for (const [kind, weight] of weights) {
    before += weight;
    if (at < before) return kind;
  }
  return (weights.at(-1) as readonly [K, number])[0];
};

const recordsOf = (
  random: Random,
  urgency: Random,
  { partitions, inOrder, future, urgent }: Options,
  { few, happenings }: Weather,
): Happening => {
  const partition = random.between(0, partitions - 1);
  const many = random.chance(few ? 0.25 : 0.06);
  const records = Array.from({ length: many ? random.between(10, 30) : random.between(1, 4) }, (): Produced => {
    const isMarker = happenings.mirror !== undefined && random.chance(0.1);
    const kind = isMarker
      ? "marker"
      : random.chance(0.9)
        ? "alert"
        : random.pick(["tombstone", "unreadable", "marker"] as const);
    const agoMs = inOrder ? 0 : random.chance(0.3) ? random.between(future ? -500 : 0, 4000) : random.between(0, 100);
    const critical =
      urgent && urgency.chance(0.3) ? urgency.pick(["firing", "firing", "resolved"] as const) : undefined;
    const device = deviceName(partition, random.between(0, DEVICES - 1));
    return { kind, device, agoMs, ...(critical === undefined ? {} : { critical }) };
  });
  return { kind: "records", partition, records };
};

const happeningOf = (
  kind: Happening["kind"],
  random: Random,
  urgency: Random,
  options: Options,
  weather: Weather,
): Happening => {
  const some = (max: number): number => (random.chance(0.5) ? 0 : random.next() * max);
  const process = random.between(0, 5);
  switch (kind) {
    case "records":
      return recordsOf(random, urgency, options, weather);
    case "smtp":
      return {
        kind,
        forMs: weather.mailbox === true ? random.between(1000, 9000) : random.between(200, 4000),
        mood:
          weather.mailbox === true
            ? { ...QUIET_SMTP, full: true }
            : weather.apart
              ? { ...QUIET_SMTP, deferred: 0.5, refused: 0.2, slowestMs: 4000, device: deviceName(0, 0) }
              : weather.manners === true
                ? mannersOf(random)
                : {
                    ...QUIET_SMTP,
                    down: random.chance(0.2),
                    deferred: some(0.6),
                    refused: some(0.3),
                    partly: some(0.5),
                    ambiguous: weather.ambiguous ? some(0.3) : 0,
                    lies: weather.ambiguous ? some(0.1) : 0,
                    slowestMs: random.pick([10, 300, 4000]),
                  },
      };
    case "broker":
      return {
        kind,
        forMs: random.between(200, 4000),
        mood: weather.apart
          ? { ...QUIET_BROKER, deadLetterFails: 0.8 }
          : {
              commitFails: some(0.8),
              commitAnswerLost: some(0.6),
              readFails: some(0.6),
              deadLetterFails: some(0.9),
            },
      };
    case "crash":
      return { kind, process, backAfterMs: random.between(1, 2000) };
    case "freeze":
      return {
        kind,
        process,
        forMs: random.pick([random.between(10, 2500), random.between(2500, 9000)]),
        atBeat: random.chance(0.5),
      };
    case "cut":
      return { kind, process, forMs: random.pick([random.between(10, 2500), random.between(2500, 9000)]) };
    case "transaction":
      return {
        kind,
        partition: random.between(0, options.partitions - 1),
        forMs: random.pick([random.between(10, 500), random.between(500, 6000)]),
      };
    case "join":
    case "mirror":
      return { kind };
    case "leave":
      return { kind, process };
    case "rebalance":
      return { kind, claimsLost: weather.claimsLost && random.chance(0.5) };
    case "lose-end": {
      const refill = recordsOf(random, urgency, options, weather);
      const partition = refill.kind === "records" ? refill.partition : 0;
      const records = refill.kind === "records" && random.chance(0.7) ? refill.records : [];
      return { kind, partition, lost: random.between(1, 12), records };
    }
  }
};

/** What real servers do at their defaults, to senders that are all right (docs/mail-servers.md). */
const mannersOf = (random: Random): SmtpMood => ({
  ...QUIET_SMTP,
  recipientsMax: random.pick([0, 1]),
  connectionsMax: random.pick([0, 1, 2]),
  slowestMs: random.pick([100, 300, 4000]),
});

const refusal = (random: Random): Happening => {
  return { kind: "smtp", forMs: random.between(500, 9_000), mood: { ...QUIET_SMTP, refusesUs: true, slowestMs: 10 } };
};

const silence = (random: Random, { partitions }: Options): Happening => {
  const device = deviceName(random.between(0, partitions - 1), random.between(0, DEVICES - 1));
  const mood = { ...QUIET_SMTP, silent: true, device: random.chance(0.7) ? device : undefined };
  return { kind: "smtp", forMs: random.between(SILENCE_MS, 2 * SILENCE_MS), mood };
};

export const QUIET_SMTP: SmtpMood = {
  down: false,
  deferred: 0,
  refused: 0,
  partly: 0,
  full: false,
  ambiguous: 0,
  silent: false,
  lies: 0,
  slowestMs: 100,
  recipientsMax: 0,
  connectionsMax: 0,
  refusesUs: false,
  device: undefined,
};

export const QUIET_BROKER: BrokerMood = { commitFails: 0, commitAnswerLost: 0, readFails: 0, deadLetterFails: 0 };
