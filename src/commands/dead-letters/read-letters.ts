import type { KeyNames } from "../../formats/key-names.js";
import { type CommandClient, type RecordRange, rangesOf, type StoredRecord } from "../../kafka/command-client.js";
import { systemClock } from "../../runtime/clock.js";
import type { AlertCodec } from "../../runtime/ports.js";
import { SCHEMAS_WITHIN_MS, Schemas } from "../../runtime/schemas-in-time.js";
import type { LetterFilter, LetterPosition } from "./command.js";
import { matches } from "./filter.js";
import { Journal, journalTopicOf } from "./journal.js";
import { type Letter, nameOf, parseLetter } from "./letter.js";

/** A position that cannot be read; `message` is for the operator. */
export class NoSuchLetter extends Error {
  override readonly name = "NoSuchLetter";
}

/** Clocks differ a little, and a letter's record is younger than the failure it tells of. */
const CLOCK_SLACK_MS = 10 * 60_000;

/** How the records of the alerts topic are read. */
export interface LetterFormats {
  readonly codec: AlertCodec;
  readonly keys: KeyNames;
}

export interface LetterReading extends Pick<LetterFormats, "keys"> {
  readonly topic: string;
  readonly filter: LetterFilter;
  /** That keys cannot be read, because the schema registry is away. */
  readonly tell: (what: string) => void;
}

/**
 * Reads the dead-letter topic as it is now and calls `onLetter` for each letter that fits, in no order over partitions; `onStranger` for what is no
 * letter, or no note, and whether the filter named its position. `limit` is the caller's. Resolves with the notes about what was redriven. Rejects with `NoSuchLetter` for a position that does not exist.
 */
export const readLetters = async (
  client: CommandClient,
  { topic, filter, keys, tell }: LetterReading,
  onLetter: (letter: Letter) => void,
  onStranger: (what: string, named: boolean) => void,
): Promise<Journal> => {
  const journalTopic = journalTopicOf(topic);
  const existing = await client.existing([topic, journalTopic]);
  if (!existing.has(topic)) {
    throw new Error(
      `topic ${topic} (KAFKA_DEAD_LETTER_TOPIC) does not exist, or this user may not see it: grant READ on it, or correct the name`,
    );
  }
  const journal = new Journal();
  const notes = existing.has(journalTopic) ? await rangesOf(client, journalTopic) : [];
  const missing = new Set(filter.positions.map(nameOf));

  const take = (record: StoredRecord): void => {
    const { partition, offset } = record;
    if (record.topic === journalTopic) {
      if (!journal.add(record))
        onStranger(`${journalTopic} ${partition}/${offset} is no note about a redrive; passed over`, false);
      return;
    }
    missing.delete(nameOf(record));
    const parsed = parseLetter(record, keys.deviceOf);
    if (!parsed.ok)
      onStranger(
        `${partition}/${offset} is no dead letter: ${parsed.problem}; passed over`,
        filter.positions.length > 0,
      );
    else if (matches(parsed.letter, filter)) onLetter(parsed.letter);
  };
  const ranges = await lettersRanges(client, topic, filter);
  if (!(await haveKeys(client, ranges, keys))) tell(KEYS_UNREAD);
  await client.read([...ranges, ...notes], take);
  if (missing.size > 0) throw new NoSuchLetter(`${[...missing].join(", ")}: no record there`);
  return journal;
};

/** The letters are read as they come, and a key is read at once: its schema has to be there. Whether it is, for all. */
const haveKeys = async (client: CommandClient, ranges: readonly RecordRange[], keys: KeyNames): Promise<boolean> => {
  if (keys.prepare === undefined) return true;
  const waiting: Pick<StoredRecord, "key" | "rawHeaders">[] = [];
  await client.read(ranges, ({ key, headers, rawHeaders }) => {
    if (headers.has("dead-letter.device")) return;
    if (keys.prepare?.([{ key, headers: rawHeaders }]) !== undefined) waiting.push({ key, rawHeaders });
  });
  const records = waiting.map(({ key, rawHeaders: headers }) => ({ key, value: null, headers }));
  return new Schemas({ prepare: (asked) => keys.prepare?.(asked) }, systemClock).have(records);
};

const KEYS_UNREAD = `the schema registry gave no answer within ${SCHEMAS_WITHIN_MS / 1_000} s: keys that need a schema are taken as they stand`;

const lettersRanges = async (client: CommandClient, topic: string, filter: LetterFilter): Promise<RecordRange[]> => {
  if (filter.positions.length === 0)
    return rangesOf(client, topic, filter.sinceMs === undefined ? undefined : filter.sinceMs - CLOCK_SLACK_MS);
  const ends = await client.logEnds(topic);
  const unique = new Map(filter.positions.map((position) => [nameOf(position), position]));
  return [...unique.values()].map((position) => oneOf(topic, ends, position));
};

type Ends = Awaited<ReturnType<CommandClient["logEnds"]>>;

const oneOf = (topic: string, ends: Ends, { partition, offset }: LetterPosition): RecordRange => {
  const log = ends.get(partition);
  if (log === undefined)
    throw new NoSuchLetter(
      `${partition}/${offset}: ${topic} has no partition ${partition}, only 0 to ${ends.size - 1}`,
    );
  const has = log.start < log.end ? `has ${log.start} to ${log.end - 1}` : "is empty";
  if (offset < log.start || offset >= log.end)
    throw new NoSuchLetter(`${partition}/${offset}: partition ${partition} of ${topic} ${has}`);
  return { topic, partition, from: offset, to: offset + 1 };
};
