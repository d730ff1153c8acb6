/** The alerts of windows that their documents do not list: only the alerts topic has them. */

import type { CommandClient, RecordRange, StoredRecord } from "../../kafka/command-client.js";
import { headersLength } from "../../runtime/record-headers.js";
import type { Redrivable } from "./plan.js";

/** Where a topic's partitions begin and end. */
export type Ends = ReadonlyMap<number, { readonly start: number; readonly end: number }>;

/** Alerts that are read at once; of one window there may be more. */
const ALERTS_MAX = 200_000;
/** Of letters, or of records, that are in memory together. */
export const BYTES_MAX = 256 * 1024 * 1024;

/** A window's alerts that could be read; undefined: they are more than `BYTES_MAX` bytes. */
export interface Found {
  readonly decision: Redrivable;
  readonly unlisted: readonly StoredRecord[] | undefined;
}

/**
 * In the order given. Who wrote a letter said which offsets it is about, so they may be a whole log's: many small windows are read at once, and each
 * by itself where they are too large together.
 */
export async function* withUnlisted(
  client: Pick<CommandClient, "read">,
  topic: string,
  decisions: readonly Redrivable[],
  ends: Ends,
  limits: { readonly alerts: number; readonly bytes: number } = { alerts: ALERTS_MAX, bytes: BYTES_MAX },
): AsyncGenerator<Found> {
  for (const part of parts(decisions, limits.alerts)) {
    const together = await readUnlisted(client, topic, part, ends, limits.bytes);
    if (together !== undefined) {
      for (const decision of part) yield { decision, unlisted: together.get(decision) ?? [] };
      continue;
    }
    for (const decision of part) {
      const alone = part.length === 1 ? undefined : await readUnlisted(client, topic, [decision], ends, limits.bytes);
      yield { decision, unlisted: alone === undefined ? undefined : (alone.get(decision) ?? []) };
    }
  }
}

/** In order; each part is at least one letter, and reads at most `most` alerts unless one letter has more. */
function* parts(decisions: readonly Redrivable[], most: number): Generator<readonly Redrivable[]> {
  let part: Redrivable[] = [];
  let reads = 0;
  for (const decision of decisions) {
    const more = unlistedCount(decision);
    if (part.length > 0 && reads + more > most) {
      yield part;
      part = [];
      reads = 0;
    }
    part.push(decision);
    reads += more;
  }
  if (part.length > 0) yield part;
}

const unlistedCount = (decision: Redrivable): number =>
  decision.kind === "record" ? 0 : decision.unlisted.reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** What the topic still has of them; undefined: more than `mostBytes`. */
const readUnlisted = async (
  client: Pick<CommandClient, "read">,
  topic: string,
  decisions: readonly Redrivable[],
  ends: Ends,
  mostBytes: number,
): Promise<ReadonlyMap<Redrivable, readonly StoredRecord[]> | undefined> => {
  const found = new Map<Redrivable, StoredRecord[]>();
  const wanted = wantedOf(decisions, topic, ends);
  const byPartition = new Map<number, Wanted[]>();
  for (const one of wanted) {
    const runs = byPartition.get(one.partition);
    if (runs === undefined) byPartition.set(one.partition, [one]);
    else runs.push(one);
  }
  const owners = new Map([...byPartition].map(([partition, runs]) => [partition, new Owners(runs)]));
  let bytes = 0;
  try {
    await client.read(wanted, (record) => {
      const whose = owners.get(record.partition)?.of(record.offset) ?? [];
      if (whose.length > 0) bytes += lengthOf(record);
      if (bytes > mostBytes) throw new Error(`the alerts have more than ${mostBytes} bytes`);
      for (const decision of whose) {
        const records = found.get(decision);
        if (records === undefined) found.set(decision, [record]);
        else records.push(record);
      }
    });
  } catch (error) {
    if (bytes > mostBytes) return undefined;
    throw error;
  }
  return found;
};

interface Wanted extends RecordRange {
  readonly decision: Redrivable;
}

const wantedOf = (decisions: readonly Redrivable[], topic: string, ends: Ends): Wanted[] =>
  decisions.flatMap((decision) => {
    const { partition } = decision.letter.source;
    const log = ends.get(partition);
    if (decision.kind === "record" || log === undefined) return [];
    return decision.unlisted.flatMap(([first, last]) => {
      const [from, to] = [Math.max(first, log.start), Math.min(last + 1, log.end)];
      return from < to ? [{ topic, partition, from, to, decision }] : [];
    });
  });

/** Whose a partition's records are. Letters may name the same offset. */
class Owners {
  /** Ascending by where they begin. */
  readonly #runs: readonly Wanted[];
  #next = 0;
  #under: Wanted[] = [];

  constructor(runs: readonly Wanted[]) {
    this.#runs = [...runs].sort((a, b) => a.from - b.from);
  }

  /** Offsets are asked for in ascending order. */
  of(offset: number): readonly Redrivable[] {
    while ((this.#runs[this.#next]?.from ?? Number.POSITIVE_INFINITY) <= offset)
      this.#under.push(this.#runs[this.#next++] as Wanted);
    if (this.#under.some(({ to }) => to <= offset)) this.#under = this.#under.filter(({ to }) => to > offset);
    return this.#under.map(({ decision }) => decision);
  }
}

/** With something for each record that is kept. */
const lengthOf = ({ key, value, rawHeaders }: StoredRecord): number =>
  (key?.length ?? 0) + (value?.length ?? 0) + headersLength(rawHeaders) + RECORD_BYTES;

const RECORD_BYTES = 200;
