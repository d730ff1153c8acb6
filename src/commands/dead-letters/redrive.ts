import type { CommandClient, WriteOutcome, WrittenRun } from "../../kafka/command-client.js";
import { systemClock } from "../../runtime/clock.js";
import { SCHEMAS_WITHIN_MS, Schemas } from "../../runtime/schemas-in-time.js";
import type { Output } from "../command.js";
import { printable } from "../printable.js";
import type { DeadLettersCommand } from "./command.js";
import { byAge, byAgeInOrder, bySource } from "./filter.js";
import { JOURNAL_CONFIG, journalTopicOf, noteOf } from "./journal.js";
import { type Letter, nameOf } from "./letter.js";
import type { Names } from "./names.js";
import {
  alertsOf,
  compose,
  decide,
  onlyToOf,
  type PlanContext,
  type Redrivable,
  type Redrive,
  targetOf,
  withoutCopies,
} from "./plan.js";
import { type LetterFormats, readLetters } from "./read-letters.js";
import { BYTES_MAX, type Ends, withUnlisted } from "./unlisted.js";

/**
 * Returns whether every letter that was asked for was redriven wholly, now or before. Strangers' records and other groups' letters, which a filter
 * cannot help meeting, are told of and are no failure; named by position, they were asked for.
 */
export const redrive = async (
  client: CommandClient,
  names: Names,
  command: DeadLettersCommand & { kind: "redrive" },
  { codec, keys }: LetterFormats,
  output: Output,
): Promise<boolean> => {
  const { deadLetterTopic, alertsTopic } = names;
  const journalTopic = journalTopicOf(deadLetterTopic);
  const existing = await client.existing([alertsTopic, deadLetterTopic, journalTopic]);
  if (!existing.has(alertsTopic))
    throw new Error(`topic ${alertsTopic} (KAFKA_ALERTS_TOPIC) does not exist, or this user may not see it`);
  if (!command.dryRun && existing.has(deadLetterTopic)) {
    if (!existing.has(journalTopic)) await client.createTopic(journalTopic, JOURNAL_CONFIG);
    // Before the notes are read: an earlier redrive that still runs can add none behind our back.
    await client.openWriter();
  }

  const letters: Letter[] = [];
  let bytes = 0;
  let problems = 0;
  const problem = (text: string): void => {
    problems++;
    output.error(text);
  };
  let strangers = 0;
  const stranger = (text: string, named: boolean): void => {
    if (named) problems++;
    else strangers++;
    output.error(text);
  };
  const journal = await readLetters(
    client,
    {
      ...{ topic: deadLetterTopic, filter: command.filter, keys },
      // Who chose no device misses none.
      tell: command.filter.device === undefined ? output.error : problem,
    },
    (letter) => {
      bytes += letter.value.length;
      // They are sorted before they are written, so they are in memory together.
      if (bytes > BYTES_MAX)
        throw new Error("the letters have more than 256 MB together: choose fewer, by --until or --device");
      letters.push(letter);
    },
    stranger,
  );
  const { maxRedrives, again, timestamp, toFailedOnly } = command;
  const context: PlanContext = { ...names, journal, maxRedrives, again, timestamp, toFailedOnly, codec };

  let before = 0;
  const redrivable: Redrivable[] = [];
  for (const letter of letters.sort(byAge)) {
    const decision = decide(letter, context);
    if (decision.kind === "redriven") before++;
    else if (decision.kind === "foreign")
      stranger(`${nameOf(letter)} is not redriven: ${decision.why}`, command.filter.positions.length > 0);
    else if (decision.kind === "refused") problem(`${nameOf(letter)} is not redriven: ${decision.why}`);
    else redrivable.push(decision);
  }
  const inputs = await client.existing([...new Set(redrivable.map(targetOf))]);
  const gone = redrivable.filter((decision) => !inputs.has(targetOf(decision)));
  for (const decision of gone)
    problem(`${nameOf(decision.letter)} is not redriven: topic ${targetOf(decision)} does not exist any more`);
  const unique = withoutCopies(redrivable.filter((decision) => !gone.includes(decision)));
  const copies = redrivable.length - gone.length - unique.length;
  const taken = new Set(byAgeInOrder(unique.map(({ letter }) => letter)).slice(0, command.filter.limit));
  const chosen = unique.filter(({ letter }) => taken.has(letter)).sort((a, b) => bySource(a.letter, b.letter));

  const done = { letters: 0, alerts: 0, topics: new Set<string>() };
  const tell = (): void => {
    const verb = command.dryRun ? "would be written" : "written";
    const [records, alerts] = [count(done.letters, "dead letter"), count(done.alerts, "alert")];
    const topics = [...done.topics].sort().join(", ") || alertsTopic;
    const skipped =
      before === 0 ? "" : `; ${count(before, "letter")} redriven before passed over (--again takes them too)`;
    const twice = copies === 0 ? "" : `; ${count(copies, "letter")} about the same as another passed over`;
    const others = strangers === 0 ? "" : `; ${count(strangers, "record")} of others passed over, see above`;
    const failed = problems === 0 ? "" : `; ${count(problems, "problem")}, see above`;
    output.out(`${records} with ${alerts} ${verb} to ${topics}${skipped}${twice}${others}${failed}\n`);
  };
  try {
    await writeAll(client, { names, dryRun: command.dryRun, context, output, problem }, chosen, done);
  } finally {
    tell();
  }
  return problems === 0;
};

interface Writing {
  readonly names: Names;
  readonly dryRun: boolean;
  readonly context: PlanContext;
  readonly output: Output;
  /** Is told what could not be done. */
  readonly problem: (text: string) => void;
}

/** Counts in `done` what was written, also where it rejects. */
const writeAll = async (
  client: CommandClient,
  writing: Writing,
  chosen: readonly Redrivable[],
  done: { letters: number; alerts: number; readonly topics: Set<string> },
): Promise<void> => {
  const { names, dryRun, context, output, problem } = writing;
  const { alertsTopic } = names;
  const ends = new Map<string, Ends & { readonly size: number }>();
  for (const topic of new Set([alertsTopic, ...chosen.map(targetOf)])) ends.set(topic, await client.logEnds(topic));
  const schemas = new Schemas(context.codec, systemClock);
  for await (const { decision, unlisted } of withUnlisted(
    client,
    alertsTopic,
    chosen,
    ends.get(alertsTopic) ?? new Map(),
  )) {
    const name = nameOf(decision.letter);
    const target = targetOf(decision);
    if (unlisted === undefined) {
      problem(`${name} is not redriven: ${TOO_MUCH}`);
      continue;
    }
    if (!(await schemas.have(unlisted.map((record) => ({ ...record, headers: record.rawHeaders }))))) {
      problem(`${name} is not redriven: ${REGISTRY_AWAY}`);
      continue;
    }
    const all = compose(decision, unlisted, context, ends.get(target)?.size ?? 0);
    if (!(await writeOne(client, writing, decision, all))) continue;
    done.letters++;
    done.alerts += all.records.length;
    done.topics.add(target);
    output.out(`${line(dryRun, decision, all, target)}\n`);
    for (const { alerts, why } of lacks(all, alertsTopic))
      problem(`${name}: ${alerts} of the window not redriven: ${why}`);
  }
};

const writeOne = async (
  client: CommandClient,
  { names: { alertsTopic, deadLetterTopic }, dryRun, problem }: Writing,
  decision: Redrivable,
  all: Redrive,
): Promise<boolean> => {
  const { letter } = decision;
  const { records } = all;
  if (records.length === 0) {
    const why = lacks(all, alertsTopic).map((lack) => `${lack.alerts}: ${lack.why}`);
    problem(`${nameOf(letter)} is not redriven: ${why.join("; ")}`);
    return false;
  }
  if (dryRun) return true;
  const note = {
    topic: journalTopicOf(deadLetterTopic),
    of: (runs: readonly WrittenRun[]) =>
      noteOf(
        letter,
        { alerts: alertsOf(decision), redrives: decision.redrives + 1, onlyTo: onlyToOf(decision), runs },
        Date.now(),
      ),
  };
  const outcome = await client.write(targetOf(decision), records, note);
  if (outcome.kind === "refused")
    problem(`${nameOf(letter)} is not redriven: the broker refuses it: ${outcome.detail}${advice(outcome)}`);
  return outcome.kind === "written";
};

const TOO_MUCH =
  "what lies at the offsets that it names, and that it does not list, has more than 256 MB; look at it with `dead-letters show`, for somebody may have made it up";

const REGISTRY_AWAY = `the schema registry gave no answer within ${SCHEMAS_WITHIN_MS / 1_000} s, and alerts of the window need a schema`;

/** Why a window goes back without some of its alerts. */
const lacks = (
  { missing, unreadable }: Redrive,
  topic: string,
): readonly { readonly alerts: string; readonly why: string }[] => {
  const [first] = unreadable;
  return [
    ...(missing === 0 ? [] : [{ alerts: count(missing, "alert"), why: `${topic} has them no more` }]),
    ...(first === undefined
      ? []
      : [{ alerts: count(unreadable.length, "alert"), why: `they cannot be read: ${printable(first)}` }]),
  ];
};

/** The topic's limits on timestamps, `message.timestamp.before.max.ms` and `.after.max.ms`, refuse the same letter for ever. */
const advice = ({ code }: WriteOutcome & { kind: "refused" }): string =>
  code === "INVALID_TIMESTAMP"
    ? "; its timestamp is beyond the topic's limits (message.timestamp.before.max.ms, message.timestamp.after.max.ms): --timestamp now writes it with the time of the redrive"
    : "";

const line = (dryRun: boolean, decision: Redrivable, { records }: Redrive, topic: string): string => {
  const { letter } = decision;
  const key = decision.kind === "window" ? decision.document.deviceId : letter.device;
  const what = decision.kind === "window" ? count(records.length, "alert") : "1 record";
  const whose = key === undefined ? "without a key" : `of ${printable(key)}`;
  const onlyTo = onlyToOf(decision);
  const forWhom = onlyTo === undefined ? "" : ` only for ${printable(onlyTo)}`;
  return `${nameOf(letter)}: ${what} ${whose}${forWhom} ${dryRun ? "would go" : "written"} to ${topic} (redrive ${decision.redrives + 1})`;
};

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
