/** One soak: alerts as time goes by, instances that come and go, a mail server that is away for a while, and a look at everything. */

import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cleanup } from "../demo/cleanup.js";
import { type OutageAccount, OutageBooks } from "../outage/books.js";
import { createMailServer } from "../outage/mail-server.js";
import { writeAlerts } from "../outage/traffic.js";
import { type Member, startMembers } from "./members.js";
import type { SoakOptions } from "./options.js";
import { type Event, LASTING, planOf } from "./plan.js";
import { Punctuality, type PunctualityOfMinute } from "./punctuality.js";
import type { Sample } from "./sampler.js";
import { median } from "./slope.js";

export interface SoakResult {
  readonly minutes: number;
  readonly rate: number;
  readonly devices: number;
  readonly partitions: number;
  readonly alerts: number;
  /** From the first alert to the last. */
  readonly writingSeconds: number;
  readonly account: OutageAccount;
  readonly samples: readonly Sample[];
  /** Of the mails that the server took in each minute. */
  readonly punctuality: readonly PunctualityOfMinute[];
  /** Of the machine in each minute: processes that want to run, on average. */
  readonly loads: readonly number[];
  readonly processors: number;
  readonly events: readonly { readonly atMs: number; readonly what: string }[];
  /** What should not have been; empty when all is well. */
  readonly problems: readonly string[];
  readonly ended: boolean;
}

export const WINDOW_MS = 30_000;
const LOOK_MS = 5_000;
const MINUTE_MS = 60_000;
const STILL_MS = 300_000;
const LATE_REPEATS_MS = 5_000;
const POLL_MS = 500;

export async function runSoak(
  options: SoakOptions,
  deps: {
    readonly brokers: string;
    readonly topic: string;
    readonly deviceOf: Uint16Array;
    readonly signal: AbortSignal;
    readonly cleanup: Cleanup;
    say(line: string): void;
    /** Called each minute, and at the end. */
    onResult(result: SoakResult): Promise<void>;
  },
): Promise<SoakResult> {
  const { deviceOf, signal, cleanup, say } = deps;
  const wait = (ms: number) => sleep(ms, undefined, { signal });
  const books = new OutageBooks(deviceOf, WINDOW_MS);
  const punctuality = new Punctuality();
  const mailServer = await createMailServer((mail) => {
    books.take(mail);
    punctuality.take(Date.now(), mail.windowEnd);
  });
  cleanup.add("closing the mail server", () => mailServer.close());
  await mailServer.start();
  const members = startMembers({ brokers: deps.brokers, topic: deps.topic, smtpPort: mailServer.port });
  cleanup.add("ending the instances", () => members.close());
  for (const name of LASTING) await members.join(name);
  await Promise.all(members.running.map((member) => member.product.waitReady()));

  const began = Date.now();
  const since = (): number => Date.now() - began;
  const samples: Sample[] = [];
  const loads: number[] = [];
  const events: { atMs: number; what: string }[] = [];
  const problems: string[] = [];
  let written = 0;
  let writingSeconds = 0;
  const resultNow = (ended: boolean): SoakResult => ({
    ...{ minutes: options.minutes, rate: options.rate, devices: options.devices, partitions: options.partitions },
    alerts: written,
    writingSeconds: writingSeconds || since() / 1_000,
    account: books.account(written),
    samples,
    punctuality: punctuality.minutes(began),
    ...{ loads, processors: availableParallelism() },
    events,
    problems: [...problems, ...members.problems],
    ended,
  });

  const happen = async (event: Event): Promise<void> => {
    const what =
      event.kind === "join" || event.kind === "leave" ? `${event.instance} ${event.kind}s` : `the ${event.kind}`;
    events.push({ atMs: since(), what });
    say(`${minuteOf(since())}: ${what}`);
    if (event.kind === "join") await members.join(event.instance);
    else if (event.kind === "leave") await members.leave(event.instance);
    else if (event.kind === "mail server goes") await mailServer.close();
    else await mailServer.start();
  };
  const follow = async (): Promise<void> => {
    for (const event of planOf(options.minutes)) {
      await wait(Math.max(0, event.atMs - since()));
      await happen(event);
    }
  };
  let nextMinute = MINUTE_MS;
  let looking = true;
  const look = async (): Promise<void> => {
    for (; looking; await wait(LOOK_MS)) {
      const running: readonly Member[] = members.running;
      await Promise.all(running.map(({ sampler }) => sampler.look()));
      if (since() < nextMinute) continue;
      const own = running.flatMap(({ sampler }) => sampler.sample(since(), median) ?? []);
      samples.push(...own);
      loads.push(loadavg()[0] as number);
      say(`${minuteOf(since())}: ${written} alerts, ${books.settled} in ${books.mails} mails; ${textOf(own)}`);
      nextMinute += MINUTE_MS;
      await deps.onResult(resultNow(false));
    }
  };
  const write = async (): Promise<void> => {
    const onProgress = (serial: number): void => {
      written = serial;
    };
    await writeAlerts({ ...options, ...deps, startMs: began, realTime: true, onProgress });
    writingSeconds = since() / 1_000;
  };
  const looks = look();
  await Promise.race([Promise.all([write(), follow()]), looks]);

  say(`${minuteOf(since())}: every alert is written`);
  await settle({ settled: () => books.settled, total: written, problems, wait });
  await wait(LATE_REPEATS_MS);
  looking = false;
  await looks;
  for (const { name } of members.running) await members.leave(name);
  const result = resultNow(true);
  await deps.onResult(result);
  return result;
}

/** Until every alert is in a mail, or nothing happens any more. */
async function settle(run: {
  readonly settled: () => number;
  readonly total: number;
  readonly problems: string[];
  wait(ms: number): Promise<void>;
}): Promise<void> {
  let last = -1;
  let progressAt = performance.now();
  while (run.settled() < run.total) {
    await run.wait(POLL_MS);
    if (run.settled() > last) progressAt = performance.now();
    last = run.settled();
    if (performance.now() - progressAt < STILL_MS) continue;
    run.problems.push(`nothing happens any more: ${last} alerts mailed of ${run.total}`);
    return;
  }
}

const minuteOf = (ms: number): string => `minute ${(ms / MINUTE_MS).toFixed(1)}`;
const megabytes = (bytes: number | undefined): string => (bytes === undefined ? "-" : (bytes / 2 ** 20).toFixed(1));
const textOf = (samples: readonly Sample[]): string =>
  samples
    .map(({ instance, heapAfterGc, rss, lag, buffered }) =>
      [instance, `heap ${megabytes(heapAfterGc)}`, `RSS ${megabytes(rss)}`, `lag ${lag}`, `buffered ${buffered}`].join(
        " ",
      ),
    )
    .join("; ");
