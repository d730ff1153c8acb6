/** `alert-digest dead-letters`: connects, does one command, closes. Problems go to `error`, one line each; the answer to `out`. */

import { createCodec, createNames, createRegistry } from "../../app/formats.js";
import { type Config, parseDeadLettersConfig } from "../../config.js";
import { type CommandClient, withCommandClient } from "../../kafka/command-client.js";
import { systemClock } from "../../runtime/clock.js";
import type { Logger } from "../../runtime/log.js";
import { EXIT, type Output, type Surroundings } from "../command.js";
import { printable } from "../printable.js";
import { mappingIn, wrongSettings } from "../settings.js";
import type { DeadLettersCommand, LetterFilter } from "./command.js";
import type { Letter } from "./letter.js";
import { jsonLines, type ListedLetter, listed, oldest, table } from "./list.js";
import type { Names } from "./names.js";
import { type LetterFormats, type LetterReading, NoSuchLetter, readLetters } from "./read-letters.js";
import { redrive } from "./redrive.js";
import { shown } from "./show.js";

/** Returns whether everything that was asked for was done. Never rejects. */
const runDeadLetters = async (
  command: DeadLettersCommand,
  kafka: Config["kafka"],
  formats: LetterFormats,
  output: Output,
): Promise<boolean> => {
  const { groupId: group, alertsTopic, deadLetterTopic } = kafka;
  const names = { alertsTopic, deadLetterTopic, group };
  const own = {
    groupPrefix: `${group}.dead-letters.`,
    transactionalId: `${group}.redrive`,
    warn: (line: string) => output.error(printable(line)),
  };
  try {
    return await withCommandClient(kafka, own, (client) => answer(command, client, { names, formats }, output));
  } catch (error) {
    output.error(printable((error as Error).message));
    return false;
  }
};

const answer = async (
  command: DeadLettersCommand,
  client: CommandClient,
  { names, formats }: { readonly names: Names; readonly formats: LetterFormats },
  output: Output,
): Promise<boolean> => {
  switch (command.kind) {
    case "list":
      return list(client, { topic: names.deadLetterTopic, keys: formats.keys }, command, output);
    case "show":
      return show(client, { topic: names.deadLetterTopic, keys: formats.keys }, command, output);
    case "redrive":
      return redrive(client, names, command, formats, output);
  }
};

const list = async (
  client: CommandClient,
  of: Pick<LetterReading, "topic" | "keys">,
  { filter, json }: DeadLettersCommand & { kind: "list" },
  output: Output,
): Promise<boolean> => {
  const letters: ListedLetter[] = [];
  const journal = await readLetters(
    client,
    { ...of, filter, tell: output.error },
    (letter) => letters.push(listed(letter)),
    (what) => output.error(what),
  );
  const chosen = oldest(letters, filter.limit);
  output.out(json ? jsonLines(chosen, journal) : table(chosen, journal));
  if (chosen.length < letters.length)
    output.error(`${chosen.length} of ${letters.length} dead letters shown (--limit)`);
  else if (letters.length === 0) output.error("no dead letters");
  return true;
};

const show = async (
  client: CommandClient,
  of: Pick<LetterReading, "topic" | "keys">,
  { position, raw }: DeadLettersCommand & { kind: "show" },
  output: Output,
): Promise<boolean> => {
  const filter: LetterFilter = { ...ANY, positions: [position] };
  const letters: Letter[] = [];
  const journal = await readLetters(
    client,
    { ...of, filter, tell: output.error },
    (letter) => letters.push(letter),
    (what) => output.error(what),
  );
  const [letter] = letters;
  if (letter === undefined) throw new NoSuchLetter(`${position.partition}/${position.offset}: no dead letter there`);
  output.out(raw ? letter.value : shown(letter, journal));
  return true;
};

const ANY: LetterFilter = {
  device: undefined,
  reason: undefined,
  stage: undefined,
  kind: undefined,
  sinceMs: undefined,
  untilMs: undefined,
  positions: [],
  limit: Number.POSITIVE_INFINITY,
};

export const execute = async (command: DeadLettersCommand, around: Surroundings): Promise<number> => {
  const settings = parseDeadLettersConfig(around.env, around.readFile);
  if (!settings.ok) return wrongSettings(settings, around);
  const { kafka, formats, schemaRegistry, warnings } = settings;
  const mapping = await mappingIn(formats.mappingFile, kafka.alertsTopic, around);
  if (mapping?.ok === false) return wrongSettings({ errors: mapping.errors, warnings }, around);
  warnings.forEach(around.error);
  const told = { metrics: { schemaRequest: () => undefined }, clock: systemClock, log: registryLog(around) };
  const registry = await createRegistry(schemaRegistry, told);
  try {
    const codec = await createCodec(formats, () => mapping?.loaded.value, { registry });
    const keys = await createNames(formats, registry?.reader);
    return (await runDeadLetters(command, kafka, { codec, keys }, around)) ? EXIT.ok : EXIT.fatal;
  } finally {
    registry?.close();
  }
};

/** What is wrong with the registry or with one of its schemas, one line each. */
const registryLog = ({ error }: Output): Logger => ({
  debug: () => undefined,
  info: () => undefined,
  warn: ({ why }) => error(printable(`schema registry: ${why}`)),
  error: () => undefined,
});
