/**
 * What the records of a topic have in common, byte by byte: a producer writes all of them alike, and only some of their values differ. A record that is
 * written as one before it need not be walked name by name.
 */

import { FixedBytes } from "./fixed-bytes.js";
import type { Plan } from "./plan.js";
import { ESCAPED, TEXT } from "./value-kinds.js";

/** A value of a record that another record may have another one in place of. */
export interface Leaf {
  readonly from: number;
  readonly to: number;
  readonly place: number;
  /** What stands there, as `Places` has it. */
  readonly is: number;
}

/** Nobody looks there. */
export const NO_PLACE = -1;

/** Bytes that are the same in all records, and the values in them that somebody looks at: from where to where, of a text between its quotes. */
export interface FixedPart {
  readonly bytes: FixedBytes;
  readonly values: readonly Leaf[];
}

/** How records are written that are written alike. A value that was the same in all of them is fixed until one comes in which it is another one. */
export interface Outline {
  readonly steps: readonly {
    readonly fixed: FixedPart;
    /** Of the value behind it. */
    readonly place: number;
  }[];
  /** Behind the last value. */
  readonly tail: FixedPart;
  /** The places whose values differ. */
  readonly varying: ReadonlySet<number>;
  /** What follows from the values that are fixed; whoever works it out keeps it here. */
  plan: Plan | undefined;
}

export class Outlines {
  readonly #known: Sample[] = [];
  /** Of those that are known, which one the last record followed. */
  #last = 0;
  #dropped = 0;
  /** How often one may still be learnt. */
  #budget: number = BUDGET_MAX;
  /** Falls with each record that follows none. */
  #worth = WORTH_MAX;
  /** So many records more are not tried. */
  #resting = 0;

  /** How many there are to be tried. */
  get count(): number {
    if (this.#resting === 0) return this.#known.length;
    this.#resting--;
    return 0;
  }

  /** In the order in which they are tried. */
  at(index: number): Outline {
    return (this.#known[this.#numberOf(index)] as Sample).outline;
  }

  followed(index: number): void {
    this.#last = this.#numberOf(index);
    if (this.#worth < WORTH_MAX) this.#worth++;
    if (this.#budget < BUDGET_MAX) this.#budget += EARNED;
  }

  /** A record was tried, and follows none of them. */
  missed(): void {
    if (--this.#worth >= 0) return;
    this.#worth = WORTH_MAX / 4;
    this.#resting = RESTING_RECORDS;
    this.#budget = Math.max(this.#budget, BUDGET_AFTER_REST);
  }

  /** Is it worth while to note where the values of this record stand? */
  mayLearn(record: Buffer): boolean {
    return this.#budget >= 1 && this.#resting === 0 && record.length <= RECORD_MAX;
  }

  /** `leaves`: where they stand in it. */
  learn(record: Buffer, leaves: readonly Leaf[]): void {
    this.#budget--;
    if (leaves.length > LEAVES_MAX) return;
    const sample = new Sample(record, leaves);
    const alike = this.#known.find(({ shape }) => shape === sample.shape);
    if (alike !== undefined) alike.compare(sample);
    else if (this.#known.length < OUTLINES_MAX) this.#last = this.#known.push(sample) - 1;
    else this.#known[this.#dropped++ % OUTLINES_MAX] = sample;
  }

  #numberOf(index: number): number {
    return (this.#last + index) % this.#known.length;
  }
}

/** A record that was walked. */
class Sample {
  readonly #bytes: Buffer;
  readonly #leaves: readonly Leaf[];
  /** By leaf: its value was another one in another record. */
  readonly #varies: boolean[];
  /** What stands between its values; no such byte stands in JSON. */
  readonly shape: string;
  outline: Outline;

  constructor(record: Buffer, leaves: readonly Leaf[]) {
    this.#bytes = Buffer.from(record.toString("latin1").trimEnd(), "latin1");
    this.#leaves = leaves;
    this.#varies = leaves.map(() => false);
    this.shape = [...leaves, undefined]
      .map((leaf, index) => this.#bytes.toString("latin1", leaves[index - 1]?.to ?? 0, leaf?.from))
      .join("\0");
    this.outline = this.#outlined();
  }

  /** One of the same shape: what differs in the two varies. */
  compare(other: Sample): void {
    for (const [index, leaf] of this.#leaves.entries())
      this.#varies[index] ||= !this.#valueOf(leaf).equals(other.#valueOf(other.#leaves[index] as Leaf));
    this.outline = this.#outlined();
  }

  #valueOf({ from, to }: Leaf): Buffer {
    return this.#bytes.subarray(from, to);
  }

  #outlined(): Outline {
    const steps: Outline["steps"][number][] = [];
    let values: Leaf[] = [];
    let fixedFrom = 0;
    const fixedTo = (end: number): FixedPart => {
      const from = fixedFrom;
      return {
        bytes: new FixedBytes(this.#bytes.subarray(from, end)),
        values: values.map((leaf) => within(leaf, from)),
      };
    };
    for (const [index, leaf] of this.#leaves.entries()) {
      if (this.#varies[index]) {
        steps.push({ fixed: fixedTo(leaf.from), place: leaf.place });
        fixedFrom = leaf.to;
        values = [];
      } else if (leaf.place !== NO_PLACE) values.push(leaf);
    }
    const tail = fixedTo(this.#bytes.length);
    return { steps, tail, varying: new Set(steps.map(({ place }) => place)), plan: undefined };
  }
}

/** Its place behind the start of a part. */
const within = ({ from, to, place, is }: Leaf, start: number): Leaf => {
  const quotes = is === TEXT || is === ESCAPED ? 1 : 0;
  return { from: from - start + quotes, to: to - start - quotes, place, is };
};

const OUTLINES_MAX = 4;
const RECORD_MAX = 4_096;
const LEAVES_MAX = 200;
/** To learn one costs as much as to walk a few records; following one earns some of it. */
const BUDGET_MAX = 64;
const EARNED = 1 / 64;
const BUDGET_AFTER_REST = 8;
/** Where as many more records follow none than follow one, they are no topic of one kind of records. */
const WORTH_MAX = 64;
const RESTING_RECORDS = 1_024;
