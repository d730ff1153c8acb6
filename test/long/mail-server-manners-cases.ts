/**
 * The whole product against real mail servers at their defaults, with recipients who do not exist or whose mailbox is full, and with many mails at
 * once: whoever can get a mail gets it, once.
 */

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import { CROWD, type RealMailServer } from "#test/support/real-mail-server.js";

export interface Manners {
  /** What it does about an address that begins with `full`. */
  readonly full: "deferred" | "refused";
  /** It takes a second for each recipient after a few bad ones: its tests wait beside each other. */
  readonly slow?: boolean;
}

export interface Running {
  readonly server: RealMailServer;
}

/** One server for all tests of a file. `skip`: why there can be none here. */
export function running(start: () => Promise<RealMailServer>, skip: string | undefined): Running {
  let started: RealMailServer | undefined;
  before(async () => {
    if (skip === undefined) started = await start();
  });
  after(() => started?.close());
  return {
    get server() {
      assert.ok(started, "the server did not start");
      return started;
    },
  };
}

const RECIPIENTS = 100;
/** Sendmail takes a second and more for each of them. */
const PATIENCE_MS = 400_000;

export function mannersCases(under: Running, { full, slow = false }: Manners, skip: string | undefined): void {
  describe("a mail server at its defaults", { concurrency: slow ? 7 : 1 }, () => {
    for (const kind of full === "deferred" ? (["no", "full"] as const) : (["no"] as const))
      for (const bad of [5, 25, 60]) crowdCase(under, kind, bad, skip);

    devicesCase(under, "200 devices at once", {}, skip);
  });
}

/** 200 mails to one recipient, at once. */
export function devicesCase(
  under: Running,
  how: string,
  env: Readonly<Record<string, string>>,
  skip: string | undefined,
): void {
  test(`${how}: each mail comes once, and none stays in the server's queue`, { skip }, async (t) => {
    const line = await startLineTo(t, under.server, ["kim"], { RECIPIENT_MAX_MAILS: "1000", ...env });
    const at = pastWindow(1);
    await line.produce(Array.from({ length: 200 }, (_, index) => ({ device: `device-${index}`, at })));
    await line.start();
    await everybodyHas(under.server, line, ["kim"], 200);
    await line.allCommitted();
    await hasNoMore(under.server, line, ["kim"], 200);
    await nothingQueued(under.server);
  });
}

function crowdCase(under: Running, kind: "no" | "full", bad: number, skip: string | undefined): void {
  const which = kind === "no" ? "do not exist" : "are deferred";
  test(`of ${RECIPIENTS} recipients ${bad} ${which}: the others have the mail, once`, { skip }, async (t) => {
    const people = CROWD.slice(0, RECIPIENTS - bad);
    const line = await startLineTo(t, under.server, spread(people, bad, kind));
    await line.produce([{ device: "boiler-1", at: pastWindow(1) }]);
    const product = await line.start();
    await everybodyHas(under.server, line, people, 1);
    if (kind === "no") {
      await line.allCommitted();
      const [letter] = await line.waitForDeadLetters(1);
      assert.equal(letter?.headers["recipients"]?.split(",").length, bad);
    } else {
      await eventually("nobody waits but those who are deferred", async () => {
        return (await product.metrics()).value("recipients_waiting") === bad;
      });
    }
    await hasNoMore(under.server, line, people, 1);
    await nothingQueued(under.server);
  });
}

export const startLineTo = (
  t: TestContext,
  server: RealMailServer,
  people: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Line> =>
  startLine(t, {
    env: {
      SMTP_URL: `smtp://${server.host}:${server.port("clear")}`,
      MAIL_TO: people.map((name) => `${name}@ops.test`).join(","),
      ...env,
    },
  });

/** `bad` names more, evenly among the people: wherever a server loses patience, both kinds are before and after it. */
function spread(people: readonly string[], bad: number, kind: "no" | "full"): readonly string[] {
  const all = [...people];
  for (let index = 0; index < bad; index++)
    all.splice(Math.floor((index * RECIPIENTS) / bad), 0, `${kind}${index + 1}`);
  return all;
}

/** Of this line. */
async function countOf(server: RealMailServer, line: Line, name: string): Promise<number> {
  const mails = await server.storedRaw(name);
  return mails.filter((mail) => mail.includes(`X-Alert-Digest-Source: ${line.topic}/`)).length;
}

export async function everybodyHas(
  server: RealMailServer,
  line: Line,
  people: readonly string[],
  mails: number,
): Promise<void> {
  let missing: readonly string[] = [];
  await eventually(
    `${people.length} people have ${mails} mails each`,
    async () => {
      const counts = await Promise.all(people.map((name) => countOf(server, line, name)));
      missing = people.filter((_, index) => (counts[index] ?? 0) < mails);
      return missing.length === 0;
    },
    { timeoutMs: PATIENCE_MS, seen: () => `${missing.length} do not: ${missing.slice(0, 10).join(", ")}` },
  ).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await server.log()}`);
  });
}

export async function hasNoMore(
  server: RealMailServer,
  line: Line,
  people: readonly string[],
  mails: number,
): Promise<void> {
  for (const name of people) assert.equal(await countOf(server, line, name), mails, name);
}

/** Soon: what it delivers at once may still be on its way into the mailbox. */
export const nothingQueued = (server: RealMailServer): Promise<unknown> =>
  eventually("the server's own queue is empty", async () => (await server.queued()) === 0, {
    seen: () => "mails in it",
  });
