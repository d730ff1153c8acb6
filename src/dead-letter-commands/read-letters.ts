import type { CommandClient, RecordRange, StoredRecord } from "../kafka/command-client.js";
import type { LetterFilter, LetterPosition } from "./args.js";
import { matches } from "./filter.js";
import { Journal, journalTopicOf } from "./journal.js";
import { type Letter, nameOf, parseLetter } from "./letter.js";

/** A position that cannot be read; `message` is for the operator. */
export class NoSuchLetter extends Error {
  override readonly name = "NoSuchLetter";
}

/** Clocks differ a little, and a letter's record is younger than the failure it tells of. */
const CLOCK_SLACK_MS = 10 * 60_000;

/**
 * Reads the dead-letter topic as it is now and calls `onLetter` for each letter that fits, in no order over partitions; `onStranger` for what is no
 * letter, or no note, and whether the filter named its position. `limit` is the caller's. Resolves with the notes about what was redriven. Rejects with `NoSuchLetter` for a position that does not exist.
 */
export const readLetters = async (
  client: CommandClient,
  topic: string,
  filter: LetterFilter,
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
  const notes = existing.has(journalTopic) ? wholeOf(journalTopic, await client.logEnds(journalTopic)) : [];
  const missing = new Set(filter.positions.map(nameOf));

  const take = (record: StoredRecord): void => {
    const { partition, offset } = record;
    if (record.topic === journalTopic) {
      if (!journal.add(record))
        onStranger(`${journalTopic} ${partition}/${offset} is no note about a redrive; passed over`, false);
      return;
    }
    missing.delete(nameOf(record));
    const parsed = parseLetter(record);
    if (!parsed.ok)
      onStranger(
        `${partition}/${offset} is no dead letter: ${parsed.problem}; passed over`,
        filter.positions.length > 0,
      );
    else if (matches(parsed.letter, filter)) onLetter(parsed.letter);
  };
  await client.read([...(await rangesOf(client, topic, filter)), ...notes], take);
  if (missing.size > 0) throw new NoSuchLetter(`${[...missing].join(", ")}: no record there`);
  return journal;
};

const rangesOf = async (client: CommandClient, topic: string, filter: LetterFilter): Promise<RecordRange[]> => {
  const ends = await client.logEnds(topic);
  if (filter.positions.length > 0) {
    const unique = new Map(filter.positions.map((position) => [nameOf(position), position]));
    return [...unique.values()].map((position) => oneOf(topic, ends, position));
  }
  const ranges = wholeOf(topic, ends);
  if (filter.sinceMs === undefined) return ranges;
  const since = await client.offsetsAt(topic, Math.max(0, filter.sinceMs - CLOCK_SLACK_MS));
  return ranges.map((range) => ({ ...range, from: Math.max(range.from, since.get(range.partition) ?? range.from) }));
};

type Ends = Awaited<ReturnType<CommandClient["logEnds"]>>;

const wholeOf = (topic: string, ends: Ends): RecordRange[] =>
  [...ends].map(([partition, { start, end }]) => ({ topic, partition, from: start, to: end }));

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
