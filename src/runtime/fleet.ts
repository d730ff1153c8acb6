/** Several mails that leave as one: because their reader would get too many of one window, or wants one (`DIGEST_BY=recipient`). */

import type { Clock } from "./clock.js";
import { FleetJob } from "./fleet-job.js";
import type { MailJob } from "./mail-job.js";
import { type Addressing, type Because, everyoneOf } from "./ports.js";
import { SharedJob } from "./shared-job.js";

export interface FleetOptions {
  readonly by: "device" | "recipient";
  /** Mails that a recipient gets of one window before they are folded; undefined: any number. */
  readonly maxMails: number | undefined;
  /** How long mails of one window wait for each other, from the first one on. */
  readonly gatherMs: number;
  /** Alerts of each device that a fleet mail may list; what it says of a device is a summary of all. */
  readonly listed: number;
}

interface Gathered {
  readonly job: MailJob;
  readonly addressings: readonly Addressing[];
  /** Recipients who are still to get it. */
  readonly missing: readonly string[];
}

/** What one reader is to get. */
export interface Reader {
  readonly address: string;
  readonly addressing: Addressing;
  /** One of the mails does not show it to others: what is made of all of them does not either. */
  isBlind: boolean;
  /** Indices of the mails. */
  readonly mails: number[];
  /** Of all of them. */
  readonly because: Because[];
}

type HandOn = (job: MailJob, addressings: readonly Addressing[]) => void;

/**
 * Keeps the mails of one window for a moment, so that it is known how many each reader would get. For those who would get too many they become one;
 * others get theirs as ever. Windows of the partitions close at nearly the same time; one that is later than the moment is counted with those before
 * it, and folded with those beside it. Of this process alone: what other instances send is not known here.
 */
export class FleetGathering {
  readonly #options: FleetOptions;
  readonly #clock: Clock;
  readonly #onFolded: (mails: number) => void;
  readonly #onSettled: (outcome: "accepted" | "presumed" | "dead_lettered") => void;
  /** By the window's end (`MailJob.leavesWith`); the mails that wait. */
  readonly #waiting = new Map<number, Gathered[]>();
  /** By the window's end: recipient → mails handed on. Of the last windows. */
  readonly #counts = new Map<number, Map<string, number>>();

  /** `onFolded`: how many mails became one for somebody; `onSettled`: what became of such a one. */
  constructor(
    options: FleetOptions,
    deps: {
      clock: Clock;
      onFolded: (mails: number) => void;
      onSettled: (outcome: "accepted" | "presumed" | "dead_lettered") => void;
    },
  ) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#onFolded = deps.onFolded;
    this.#onSettled = deps.onSettled;
  }

  /** Keeps the mail for a moment, or hands it on with others as one. */
  offer(job: MailJob, addressings: readonly Addressing[], handOn: HandOn): void {
    const { leavesWith = job.windowEnd } = job;
    const gathered = this.#waiting.get(leavesWith);
    const one = { job, addressings, missing: job.missing(addressings.flatMap(everyoneOf)) };
    if (gathered !== undefined) {
      gathered.push(one);
      return;
    }
    this.#waiting.set(leavesWith, [one]);
    this.#clock.after(this.#options.gatherMs, () => this.#release(leavesWith, handOn));
  }

  #release(windowEnd: number, handOn: HandOn): void {
    const gathered = (this.#waiting.get(windowEnd) ?? []).filter(({ job }) => job.owner.isWanted());
    this.#waiting.delete(windowEnd);
    const counts = this.#countsOf(windowEnd);
    const folded = new Map<string, Reader[]>();
    const singly = new Set<Reader>();
    for (const reader of readersOf(gathered)) {
      const before = counts.get(reader.address) ?? 0;
      const fold = reader.mails.length > 1 && this.#folds(before + reader.mails.length);
      counts.set(reader.address, before + (fold ? 1 : reader.mails.length));
      if (!fold) singly.add(reader);
      else {
        const key = JSON.stringify([reader.addressing.look, reader.mails]);
        folded.set(key, [...(folded.get(key) ?? []), reader]);
      }
    }
    if (folded.size === 0) for (const { job, addressings } of gathered) handOn(job, addressings);
    else this.#handOnFolded(gathered, singly, [...folded.values()], handOn);
  }

  /** `singly` and `fleets`: every reader is in one of them, those of a fleet get the same mails. */
  #handOnFolded(
    gathered: readonly Gathered[],
    singly: ReadonlySet<Reader>,
    fleets: readonly (readonly Reader[])[],
    handOn: HandOn,
  ): void {
    const shared = gathered.map(({ job, addressings, missing }) => {
      const someHaveIt = missing.length < addressings.flatMap(everyoneOf).length;
      return new SharedJob(job, someHaveIt);
    });
    const reason = this.#options.by === "recipient" ? "asked" : "storm";
    for (const readers of fleets) {
      const [first] = readers;
      if (first === undefined) continue;
      const to = addressingOf(first.addressing.look, readers);
      const addresses = everyoneOf(to);
      for (const some of chunks(first.mails, MOST_DEVICES)) {
        const parts = some.map((index) => (shared[index] as SharedJob).part(() => addresses, { counts: false }));
        this.#onFolded(parts.length);
        handOn(new FleetJob(parts, { reason, listed: this.#options.listed }, this.#onSettled), [to]);
      }
    }
    const singlyOf = gathered.map(() => new Set<string>());
    for (const { address, mails } of singly) for (const index of mails) singlyOf[index]?.add(address);
    gathered.forEach(({ job, addressings }, index) => {
      const whole = shared[index] as SharedJob;
      if (whole.parts === 0) {
        handOn(job, addressings);
        return;
      }
      const others = addressings
        .map((one) => only(one, singlyOf[index] as ReadonlySet<string>))
        .filter((one) => everyoneOf(one).length > 0);
      if (others.length > 0)
        handOn(
          whole.part(() => others.flatMap(everyoneOf), { counts: true }),
          others,
        );
    });
  }

  #folds(mails: number): boolean {
    return this.#options.by === "recipient" || mails > (this.#options.maxMails ?? Number.POSITIVE_INFINITY);
  }

  #countsOf(windowEnd: number): Map<string, number> {
    let counts = this.#counts.get(windowEnd);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(windowEnd, counts);
      const [oldest] = this.#counts.keys();
      if (this.#counts.size > WINDOWS_COUNTED && oldest !== undefined) this.#counts.delete(oldest);
    }
    return counts;
  }
}

/** A reader is an address and how its mails look. */
export const readersOf = (gathered: readonly Pick<Gathered, "addressings" | "missing">[]): Iterable<Reader> => {
  const readers = new Map<string, Reader>();
  gathered.forEach(({ addressings, missing }, index) => {
    const still = new Set(missing);
    for (const addressing of addressings) {
      const blind = new Set(addressing.bcc);
      for (const address of everyoneOf(addressing)) {
        if (!still.has(address)) continue;
        const key = JSON.stringify([address, addressing.look]);
        const reader = readers.get(key);
        const isBlind = blind.has(address);
        if (reader === undefined)
          readers.set(key, { address, addressing, isBlind, mails: [index], because: [...(addressing.because ?? [])] });
        else {
          reader.isBlind ||= isBlind;
          reader.mails.push(index);
          addReasons(reader.because, addressing.because);
        }
      }
    }
  });
  return readers.values();
};

/** Why each of them is told; where it is not the same, nobody need know of another's reasons. */
const becauseOf = (readers: readonly Reader[]): readonly Because[] => {
  const [first] = readers;
  if (first === undefined) return [];
  const isSame = ({ because }: Reader): boolean =>
    because.length === first.because.length && hasAll(because, first.because);
  return readers.every(isSame) ? first.because : [{ kind: "several" }];
};

/** Those that are not among them: a file that was read again names the same route anew. */
const addReasons = (among: Because[], more: readonly Because[] = []): void => {
  for (const one of more) if (!hasAll(among, [one])) among.push(one);
};

const hasAll = (among: readonly Because[], some: readonly Because[]): boolean =>
  some.every((one) =>
    among.some((known) =>
      known.kind === "route" && one.kind === "route"
        ? known.number === one.number && known.name === one.name
        : known.kind === one.kind,
    ),
  );

const only = (addressing: Addressing, addresses: ReadonlySet<string>): Addressing => {
  const among = (some: readonly string[]): readonly string[] => some.filter((address) => addresses.has(address));
  return { ...addressing, to: among(addressing.to), cc: among(addressing.cc), bcc: among(addressing.bcc) };
};

/** Each where its own first mail has it, but for those whom another one hides. */
export const addressingOf = (look: Addressing["look"], readers: readonly Reader[]): Addressing => {
  const among = (kind: "to" | "cc"): readonly string[] =>
    readers
      .filter(({ address, addressing, isBlind }) => !isBlind && addressing[kind].includes(address))
      .map(({ address }) => address);
  const bcc = readers.filter(({ isBlind }) => isBlind).map(({ address }) => address);
  const because = becauseOf(readers);
  return { look, to: among("to"), cc: among("cc"), bcc, ...(because.length > 0 && { because }) };
};

/** In groups of at most `size`, in order; none of nothing. */
const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  items.length === 0
    ? []
    : items.length <= size
      ? [items]
      : Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

/** In one mail: what is composed at once stays small, and a reader can still find something in it. */
const MOST_DEVICES = 2_000;
const WINDOWS_COUNTED = 20;
