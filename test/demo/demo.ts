/** The main job from end to end, on this machine: Kafka, a fleet, two instances of the product as users run it, an inbox, the books. */

import type { Language } from "#tools/simulator/catalog.js";
import { startProducer } from "#tools/simulator/producer.js";
import { checkKafkaRequirements, startKafka } from "../support/kafka.js";
import { abortable } from "./abortable.js";
import type { Cleanup } from "./cleanup.js";
import { startInbox } from "./inbox.js";
import { startInboxWeb } from "./inbox-web.js";
import { startInstances } from "./instances.js";
import type { DemoOptions } from "./options.js";
import { checkPlay, GRACE_MS, MAIL_MAX_ALERTS, play, type Stage } from "./play.js";
import { nextLines, stay } from "./stay.js";
import type { Terminal } from "./terminal.js";
import { type DemoTexts, table } from "./texts.js";
import { chooseNames, createTopics, deleteTopicsAndGroup, type Names } from "./topics.js";

export interface DemoContext {
  readonly options: DemoOptions;
  readonly language: Language;
  readonly texts: DemoTexts;
  /** KAFKA_BROKERS, when set. */
  readonly foreignBrokers: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  /** Somebody looks on: everything stays up after the books. */
  readonly isWatched: boolean;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
}

/** Resolves with the exit code; throws when something could not be started or `signal` aborts before the books. `cleanup` is the caller's to run. */
export async function runDemo(context: DemoContext): Promise<number> {
  const { terminal, signal, texts, isWatched } = context;
  const stage = await startStage(context);
  const { instances } = stage;
  const playing = new AbortController();
  try {
    const played = await abortable(signal, Promise.race([play(stage), instances.failWhenEnded(playing.signal)]));
    playing.abort();
    // Where nobody watches, the way in which they end belongs to the books.
    const exitCodes = isWatched ? [] : await abortable(signal, instances.stop());
    const isRight = await abortable(signal, checkPlay(stage, played, exitCodes));
    if (!isRight) terminal.say(instances.logTail(texts));
    if (isWatched) await stay(stage);
    for (const line of ["", ...nextLines(texts)]) terminal.say(line);
    return isRight ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) terminal.say(instances.logTail(texts));
    throw error;
  }
}

async function startStage(context: DemoContext): Promise<Stage> {
  const { options, terminal, cleanup, signal, foreignBrokers, texts, language } = context;
  const brokers = foreignBrokers ?? (await startBroker(context));
  const names = chooseNames(foreignBrokers !== undefined);
  if (foreignBrokers !== undefined)
    cleanup.add("deleting topics and group", () => deleteTopicsAndGroup(brokers, names));
  await abortable(signal, createTopics(brokers, names));
  const inbox = await startInbox();
  cleanup.add("closing the inbox", () => inbox.close());
  const web = await startInboxWeb(inbox.mails, language);
  cleanup.add("closing the inbox page", () => web.close());
  const instances = await startInstances(productEnvironment(context, brokers, names, inbox.port), (end) =>
    cleanup.add("ending the product", end),
  );
  // Its error brings the log with it.
  await abortable(signal, Promise.all(instances.all.map((one) => one.waitReady())));
  const producer = await startProducer(brokers, { idempotent: true });
  cleanup.add("closing the producer", () => producer.close());
  const where = foreignBrokers === undefined ? "" : ` (${texts.foreignTopics(names.alerts, names.deadLetters)})`;
  const rows = [
    [texts.kafka, `${brokers}${where}`],
    [texts.inbox, web.url],
    ...instances.all.map(({ url }, index) => [texts.page(index + 1), `${url}/`] as const),
  ] as const;
  for (const line of table(rows)) terminal.say(line);
  return {
    options,
    texts,
    language,
    terminal,
    cleanup,
    signal,
    brokers,
    foreign: foreignBrokers !== undefined,
    names,
    inbox,
    inboxUrl: web.url,
    instances,
    producer,
  };
}

async function startBroker({ terminal, cleanup, signal, texts }: DemoContext): Promise<string> {
  await checkKafkaRequirements(signal);
  terminal.say(texts.starting);
  const kafka = await startKafka({ signal });
  cleanup.add("ending Kafka", () => kafka.close());
  return kafka.brokers;
}

/** What a user would set. Locale, time zone and log level may come from the shell. */
function productEnvironment(
  { options, environment, language }: DemoContext,
  brokers: string,
  names: Names,
  smtpPort: number,
): Record<string, string> {
  const handedOn = ["MAIL_LOCALE", "MAIL_TIMEZONE", "LOG_LEVEL"].flatMap((name) => {
    const value = environment[name];
    return value ? [[name, value]] : [];
  });
  return {
    KAFKA_BROKERS: brokers,
    KAFKA_GROUP_ID: names.group,
    KAFKA_ALERTS_TOPIC: names.alerts,
    KAFKA_DEAD_LETTER_TOPIC: names.deadLetters,
    KAFKA_STATUS_TOPIC: names.status,
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    MAIL_FROM: "alert-digest@demo.example",
    MAIL_TO: "operations@demo.example",
    MAIL_MAX_ALERTS: String(MAIL_MAX_ALERTS),
    MAIL_LOCALE: language,
    MAIL_TIMEZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
    WINDOW_SIZE: `${options.windowSeconds}s`,
    WINDOW_GRACE: `${GRACE_MS}ms`,
    ...Object.fromEntries(handedOn),
  };
}
