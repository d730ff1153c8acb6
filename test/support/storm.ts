/** Many devices that tell at once, and who was told of which: a line for tests of fleet mails, which list no alerts one by one. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Checkpoint } from "#src/core/checkpoint.js";
import { checkpointOfAnyLog } from "#test/support/checkpoints.js";
import type { ProducedAlert } from "./alert-books.js";
import { eventually } from "./eventually.js";
import { type AlertInput, type Line, startLine } from "./line.js";
import type { ReceivedMessage, SmtpServerOptions } from "./smtp-server.js";

const WINDOW_MS = 3_000;
const PARTITIONS = 4;
export const DEVICES = Array.from({ length: 12 }, (_, i) => `device-${i}`);
/** More than a fleet mail takes along of each. */
export const OF_EACH = 4;
export const WORST = 7;

/** `routes`: what stands under `routes:` in the file. At most three mails to anybody, unless `more` says otherwise. */
export const startStorm = async (
  t: TestContext,
  routes: string,
  more: { readonly env?: Readonly<Record<string, string>>; readonly smtp?: SmtpServerOptions } = {},
): Promise<Line> => {
  const folder = await mkdtemp(join(tmpdir(), "fleet-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "routes.yaml");
  await writeFile(path, `version: 1\nroutes:\n${routes}`);
  // What is told of together must not be late in part, however busy the machine.
  const env = {
    WINDOW_SIZE: `${WINDOW_MS}ms`,
    WINDOW_GRACE: "2s",
    RECIPIENT_MAX_MAILS: "3",
    ROUTES_FILE: path,
    ...more.env,
  };
  return startLine(t, { partitions: PARTITIONS, env, ...(more.smtp && { smtp: more.smtp }) });
};

/** Of each device some alerts, beside each other in the log: a mail's first and last offset tell which are inside. */
export const alertsOf = (devices: readonly string[], at: number): readonly AlertInput[] =>
  devices.flatMap((device) =>
    Array.from({ length: OF_EACH }, (_, i) => ({
      device,
      at: at + i,
      partition: DEVICES.indexOf(device) % PARTITIONS,
      fields: { severity: device === `device-${WORST}` && i === 1 ? "critical" : "warning" },
    })),
  );

/** All in one window that is still open: the wall clock then closes it on all partitions together. */
export const produceAtOnce = async (line: Line, devices: readonly string[]): Promise<readonly ProducedAlert[]> =>
  line.produce(alertsOf(devices, await windowBegun()));

/** The start of a window, when it has just begun. */
export const windowBegun = async (): Promise<number> => {
  await eventually("a window has begun", () => Date.now() % WINDOW_MS < WINDOW_MS / 4);
  return Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS;
};

/** "" where there is none. */
export const header = async (message: ReceivedMessage, name: string): Promise<string> =>
  (await message.header(name)) ?? "";

/** `reader`: the local part, at example.com. */
export const mailsTo = (line: Line, reader: string): readonly ReceivedMessage[] =>
  line.smtp.messages.filter(({ to }) => to.includes(`${reader}@example.com`));

/** Which of the alerts the mails to a reader hold, by their offsets: how often each of them came. */
const timesTold = async (line: Line, reader: string, alerts: readonly ProducedAlert[]): Promise<readonly number[]> => {
  const sources = await Promise.all(mailsTo(line, reader).map((mail) => header(mail, "X-Alert-Digest-Source")));
  const runs = sources
    .flatMap((source) => source.split(","))
    .map((source) => source.split(/[/-]/).slice(-3).map(Number) as [number, number, number]);
  return alerts.map(
    ({ partition, offset }) =>
      runs.filter(([where, first, last]) => where === partition && first <= offset && offset <= last).length,
  );
};

/** Resolves when all of them are in mails to the reader; fails where one is in two, or more is counted. */
export const isToldOnce = async (line: Line, reader: string, alerts: readonly ProducedAlert[]): Promise<void> => {
  let seen: readonly number[] = [];
  await eventually(
    `${reader} is told of everything`,
    async () => {
      seen = await timesTold(line, reader, alerts);
      return seen.every((times) => times > 0);
    },
    { seen: () => seen },
  );
  assert.deepEqual(new Set(seen), new Set([1]), `${reader} is told once`);
  const counts = await Promise.all(mailsTo(line, reader).map((mail) => header(mail, "X-Alert-Digest-Count")));
  assert.equal(
    counts.reduce((sum, count) => sum + Number(count), 0),
    alerts.length,
    `the mails to ${reader} count what they hold`,
  );
};

/** Committed offsets with their checkpoints. */
export const checkpoints = async ({
  admin,
  group,
  topic,
}: Line): Promise<readonly { offset: number; at: Checkpoint }[]> => {
  const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  return (found?.partitions ?? []).flatMap(({ offset, metadata }) => {
    const at = checkpointOfAnyLog(metadata, Number(offset));
    return at === undefined ? [] : [{ offset: Number(offset), at }];
  });
};

/** So many alerts, which some of their recipients have and others are still to get. */
export const halvesKnown = (line: Line, count: number): Promise<unknown> =>
  eventually(
    `the group knows of ${count} half-delivered alerts`,
    async () => (await checkpoints(line)).reduce((sum, { at }) => sum + halvesIn(at), 0) >= count,
  );

/** What is settled is not half delivered, whatever runs reach over it. */
const halvesIn = ({ delivered = [], settled }: Checkpoint): number => {
  const known = new Set(delivered.flatMap(({ runs }) => runs.flatMap(offsetsOf)));
  for (const offset of settled.flatMap(offsetsOf)) known.delete(offset);
  return known.size;
};

const offsetsOf = ([first, last]: readonly [number, number]): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
