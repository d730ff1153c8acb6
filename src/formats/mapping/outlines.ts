/**
 * What the records of a topic have in common, byte by byte: a producer writes all of them alike, and only some of their values differ. A record that is
 * written as one before it need not be walked name by name.
 */

/** A value of a record that another record may have another one in place of. */
export interface Leaf {
  readonly from: number;
  readonly to: number;
  readonly place: number;
}

/** Nobody looks there. */
export const NO_PLACE = -1;

/** Fixed bytes, four at least, and the value behind them. */
interface Step {
  /** By words; the last one ends with them, and may overlap the one before it. */
  readonly words: Int32Array;
  readonly length: number;
  readonly place: number;
}

/** Where the values of records stand that are written alike. Those that are the same in all of them, and that nobody looks at, are fixed bytes too. */
export interface Outline {
  readonly steps: readonly Step[];
  /** Behind the last value. */
  readonly tail: Buffer;
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
    this.#bytes = Buffer.from(record);
    this.#leaves = leaves;
    this.#varies = leaves.map(({ place }) => place !== NO_PLACE);
    this.shape = leaves
      .map(({ from }, index) => record.toString("latin1", leaves[index - 1]?.to ?? 0, from))
      .concat(record.toString("latin1", leaves.at(-1)?.to ?? 0).trimEnd())
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
    const steps: Step[] = [];
    let fixedFrom = 0;
    for (const [index, { from, to, place }] of this.#leaves.entries()) {
      if (this.#varies[index] !== true) continue;
      const length = from - fixedFrom;
      const words = Int32Array.from({ length: Math.ceil(length / 4) }, (_, word) =>
        this.#bytes.readInt32BE(fixedFrom + Math.min(word * 4, length - 4)),
      );
      steps.push({ words, length, place });
      fixedFrom = to;
    }
    return { steps, tail: Buffer.from(this.#bytes.toString("latin1", fixedFrom).trimEnd(), "latin1") };
  }
}

/** The bytes at `at` are a step's. */
export const isStep = (view: DataView, at: number, { words, length }: Step): boolean => {
  const last = words.length - 1;
  if (at + length > view.byteLength) return false;
  for (let i = 0; i < last; i++) if (view.getInt32(at + i * 4) !== words[i]) return false;
  return view.getInt32(at + length - 4) === words[last];
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
