/**
 * Half an hour of windows against Debian's mail servers, on a scale of one to thirty: windows of a second, and the servers' limits as much smaller. Among the
 * readers are some who do not exist and one whose mailbox is full.
 */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { startChasquid } from "#test/support/chasquid.js";
import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { eventually } from "#test/support/eventually.js";
import { startExim } from "#test/support/exim.js";
import { type Line, startLine } from "#test/support/line.js";
import { storedMailFacts } from "#test/support/mail-facts.js";
import { startOpenSmtpd } from "#test/support/opensmtpd.js";
import { startPostfix } from "#test/support/postfix.js";
import { CROWD, type RealMailServer } from "#test/support/real-mail-server.js";
import { startSendmail } from "#test/support/sendmail.js";

const skip = whyNoDebianRoot();

const WINDOW_MS = 1_000;
const WINDOWS = 30;
const DEVICES = ["boiler", "freezer", "pump"];
const PEOPLE = CROWD.slice(0, 10);
const READERS = ["no1", ...PEOPLE.slice(0, 4), "full1", ...PEOPLE.slice(4, 8), "no2", ...PEOPLE.slice(8)];
/** How long it may take until all mails are through: Sendmail lets in ten connections in twenty seconds. */
const PATIENCE_MS = 300_000;

const SCALED = {
  WINDOW_SIZE: `${WINDOW_MS}ms`,
  SMTP_MAILS_PER_CONNECTION: "3",
  SMTP_RETRY_MAX: "2s",
  SMTP_RETRY_BUDGET: "20s",
  CATCH_UP_AFTER: "10s",
};

const SERVERS: readonly {
  readonly name: string;
  readonly start: () => Promise<RealMailServer>;
  readonly env?: Readonly<Record<string, string>>;
}[] = [
  { name: "Exim", start: () => startExim("smtp_accept_queue_per_connection = 3\nrecipients_max = 5") },
  {
    name: "Postfix",
    start: () =>
      startPostfix(
        "smtpd_recipient_limit = 5\nsmtpd_soft_error_limit = 1\nsmtpd_hard_error_limit = 2\nsmtpd_client_connection_count_limit = 2",
      ),
  },
  { name: "OpenSMTPD", start: () => startOpenSmtpd("smtp limit max-mails 2\nsmtp limit max-rcpt 5") },
  {
    name: "Sendmail",
    start: () =>
      startSendmail({
        clientRate: 10,
        limits: "define(`confCONNECTION_RATE_WINDOW_SIZE', `20s')dnl\ndefine(`confMAX_RCPTS_PER_MESSAGE', `5')dnl\n",
      }),
    // Debian's ten connections in ten minutes are for ten mails each.
    env: { SMTP_MAILS_PER_CONNECTION: "10" },
  },
  { name: "chasquid", start: startChasquid },
];

// They mostly wait.
describe("half an hour of windows, on a small scale", { concurrency: SERVERS.length }, () => {
  for (const { name, start, env = {} } of SERVERS)
    test(`${name}: nobody is missed, nothing comes twice, and the server's queue is empty`, { skip }, async (t) => {
      const server = await start();
      t.after(() => server.close());
      const line = await startLineTo(t, server, env);
      await line.start();
      for (let window = 0; window < WINDOWS; window++) {
        const next = (Math.floor(Date.now() / WINDOW_MS) + 1) * WINDOW_MS;
        await line.produce(DEVICES.map((device) => ({ device })));
        await eventually("the next window has begun", () => Date.now() >= next);
      }
      await everybodyHasEverything(server, line);
      await line.allCommitted();
      await eventually("the server's queue is empty", async () => (await server.queued()) === 0);
      const ordinals = line.produced.map(({ ordinal }) => ordinal).toSorted(ascending);
      for (const reader of PEOPLE) assert.deepEqual(await toldOf(server, reader), ordinals, reader);
      await nobodyElseIsGivenUp(line);
    });
});

const startLineTo = (t: TestContext, server: RealMailServer, env: Readonly<Record<string, string>>): Promise<Line> =>
  startLine(t, {
    env: {
      ...SCALED,
      SMTP_URL: `smtp://${server.host}:${server.port("clear")}`,
      MAIL_TO: READERS.map((reader) => `${reader}@ops.test`).join(","),
      ...env,
    },
  });

async function everybodyHasEverything(server: RealMailServer, line: Line): Promise<void> {
  let missing: readonly string[] = [];
  await eventually(
    "everybody has every alert",
    async () => {
      const told = await Promise.all(PEOPLE.map((reader) => toldOf(server, reader)));
      missing = PEOPLE.flatMap((reader, index) => {
        const count = line.produced.length - new Set(told[index]).size;
        return count > 0 ? [`${reader} ${count}`] : [];
      });
      return missing.length === 0;
    },
    { timeoutMs: PATIENCE_MS, seen: () => `missing: ${missing.join(", ")}` },
  ).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await server.log()}`);
  });
}

async function nobodyElseIsGivenUp(line: Line): Promise<void> {
  const letters = await line.deadLetters();
  const named = (): readonly string[] => [
    ...new Set(letters.flatMap(({ headers }) => headers["recipients"]?.split(",") ?? [])),
  ];
  const others = READERS.filter((reader) => !PEOPLE.includes(reader));
  await eventually("who cannot get it is in dead letters", () => named().length >= others.length, { seen: named });
  assert.deepEqual(named().toSorted(), others.map((reader) => `${reader}@ops.test`).toSorted());
}

/** The alerts in a reader's mails, one that came twice twice. */
async function toldOf(server: RealMailServer, reader: string): Promise<readonly number[]> {
  const facts = await Promise.all((await server.stored(reader)).map(storedMailFacts));
  return facts.flatMap(({ alerts }) => alerts).toSorted(ascending);
}

const ascending = (a: number, b: number): number => a - b;
