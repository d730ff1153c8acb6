/** `alert-digest sent`: reads the topic of sent mails as it is now. Problems go to `error`, one line each; the answer to `out`. */

import type { Config, ConfigError } from "../../config.js";
import { type CommandClient, rangesOf, withCommandClient } from "../../kafka/command-client.js";
import { parseSent } from "../../kafka/sent-record-parser.js";
import { EXIT, type Output, type Surroundings } from "../command.js";
import { printable } from "../printable.js";
import { kafkaConfig, wrongSettings } from "../settings.js";
import type { SentCommand } from "./command.js";
import { matches, Newest } from "./filter.js";
import { block, jsonLine } from "./show.js";

/** Clocks differ a little, and a topic may stamp its records itself. */
const CLOCK_SLACK_MS = 10 * 60_000;
const STRANGERS_NAMED_MAX = 20;

/** Returns whether the question was answered. Never rejects. */
const runSent = async (command: SentCommand, kafka: Config["kafka"], output: Output): Promise<boolean> => {
  const { groupId: group, sentTopic } = kafka;
  try {
    if (sentTopic === undefined) throw new Error("KAFKA_SENT_TOPIC is not set: it names the topic to be read");
    const own = { groupPrefix: `${group}.sent.` };
    await withCommandClient(kafka, own, (client) => answer(command, client, { sentTopic, group }, output));
    return true;
  } catch (error) {
    output.error(printable((error as Error).message));
    return false;
  }
};

const answer = async (
  command: SentCommand,
  client: CommandClient,
  { sentTopic, group }: { readonly sentTopic: string; readonly group: string },
  output: Output,
): Promise<void> => {
  if (!(await client.existing([sentTopic])).has(sentTopic))
    throw new Error(
      `topic ${sentTopic} (KAFKA_SENT_TOPIC) does not exist, or this user may not see it: grant READ on it, or correct the name`,
    );
  const { sinceMs, limit, json } = command;
  const ranges = await rangesOf(client, sentTopic, sinceMs === undefined ? undefined : sinceMs - CLOCK_SLACK_MS);
  const newest = new Newest(limit);
  let strangers = 0;
  await client.read(ranges, ({ partition, offset, value }) => {
    const parsed = parseSent(value);
    if (parsed.ok) {
      if (matches(parsed.record, command)) newest.add({ partition, offset, record: parsed.record });
    } else if (++strangers <= STRANGERS_NAMED_MAX)
      output.error(`${partition}/${offset} is no record of a mail: ${printable(parsed.problem)}; passed over`);
  });
  if (strangers > STRANGERS_NAMED_MAX)
    output.error(`${strangers - STRANGERS_NAMED_MAX} more records are no records of mails; passed over`);
  const { mails, seen } = newest;
  for (const [index, mail] of mails.entries())
    output.out(json ? jsonLine(mail) : `${index > 0 ? "\n" : ""}${block(mail, group)}`);
  if (mails.length < seen) output.error(`the newest ${mails.length} of ${seen} mails are shown (--limit)`);
  else if (seen === 0) output.error("no mail on record");
};

const NO_SENT_TOPIC: ConfigError = {
  variable: "KAFKA_SENT_TOPIC",
  problem: "it is not set, but it is what this command reads",
  expected: "the topic in which the mails are put on record",
  example: "alerts.sent",
};

export const execute = async (command: SentCommand, around: Surroundings): Promise<number> => {
  const settings = kafkaConfig(around);
  if (typeof settings === "number") return settings;
  const { kafka } = settings;
  if (kafka.sentTopic === undefined) return wrongSettings({ errors: [NO_SENT_TOPIC], warnings: [] }, around);
  return (await runSent(command, kafka, around)) ? EXIT.ok : EXIT.fatal;
};
