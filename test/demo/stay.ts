/** After the books, where somebody watches: everything stays up, and the devices go on. */

import { once } from "node:events";
import { simulate } from "#tools/simulator/simulator.js";
import { howOf } from "./instances.js";
import type { Stage } from "./play.js";
import { type DemoTexts, table } from "./texts.js";

/** The inbox is in memory. At the usual rate the devices go on for an hour and a half. */
const MAILS_MAX = 5_000;
const CLI = "node dist/cli.js";

/** Resolves when `stage.signal` aborts. */
export async function stay(stage: Stage): Promise<void> {
  const { terminal, texts, signal, instances } = stage;
  for (const line of ["", texts.up, ...watchLines(stage), ""]) terminal.say(line);
  for (const [index, instance] of instances.all.entries())
    void (async () => {
      // Asked for by nothing but the end of everything.
      const exit = await instance.exited(2 ** 31 - 1).catch(() => undefined);
      if (exit !== undefined && !signal.aborted) terminal.say(texts.instanceEnded(index + 1, howOf(exit)));
    })();
  const ended = signal.aborted ? undefined : once(signal, "abort");
  await Promise.all([ended, goOn(stage)]);
  terminal.say(texts.stopping);
}

async function goOn({
  options,
  brokers,
  names,
  inbox,
  producer,
  language,
  terminal,
  texts,
  signal,
}: Stage): Promise<void> {
  const full = new AbortController();
  const { devices, rate } = options;
  await simulate({
    options: {
      brokers,
      topic: names.alerts,
      devices,
      rate,
      language,
      seed: options.seed + 1,
      badRecords: false,
      aliveFile: undefined,
    },
    producer,
    now: Date.now,
    acknowledged: () => {
      if (inbox.mails.length >= MAILS_MAX) full.abort();
    },
    failed: () => {},
    signal: AbortSignal.any([signal, full.signal]),
  });
  if (!signal.aborted) terminal.say(texts.devicesStopped(MAILS_MAX.toLocaleString("en-US")));
}

function watchLines({
  texts: { watch },
  language,
  inbox,
  inboxUrl,
  instances,
  brokers,
  names,
  foreign,
}: Stage): string[] {
  const [first, second] = instances.all;
  const mine = `KAFKA_BROKERS=${brokers} KAFKA_GROUP_ID=mine KAFKA_START=latest SMTP_URL=smtp://127.0.0.1:${inbox.port} MAIL_FROM=a@demo.example MAIL_TO=me@demo.example MAIL_LOCALE=${language}`;
  const letters = `KAFKA_BROKERS=${brokers} KAFKA_DEAD_LETTER_TOPIC=${names.deadLetters}`;
  return table([
    [watch.inbox, inboxUrl],
    [watch.page, `${first?.url}/`],
    [watch.stop, `kill ${second?.pid} (${watch.stopped})`],
    [watch.deadLetters, `${letters} ${CLI} dead-letters list`],
    // In a group of its own. On somebody else's broker that group would stay.
    ...(foreign ? [] : ([[watch.own, `${mine} ${CLI} run`]] as const)),
  ]);
}

/** What a person who has seen it does then. */
export const nextLines = ({ next, own }: DemoTexts): string[] => [
  next,
  ...table([
    [own.run, own.runWhere],
    [own.compose, "docker compose up --build"],
    [own.help, `${CLI} help`],
  ]),
];
