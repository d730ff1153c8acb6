/** G5 for each recipient: somebody whom the mail server defers delays nobody else and nothing else, and misses nothing. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { type AlertInput, type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { halvesKnown, mailsTo, produceAtOnce, DEVICES as STORM, startStorm } from "#test/support/storm.js";

const DEVICES = ["boiler-1", "boiler-2", "boiler-3", "boiler-4", "boiler-5", "boiler-6"];
const PARTITIONS = 2;
const WINDOWS = 4;
/** Windows that have ended, the newest a minute ago: nothing is merged, and nothing waits for the clock. */
const BEFORE = 30;

const FULL = { code: 452, text: "4.2.2 mailbox full" };
const TYPO = { code: 450, text: "4.1.2 Domain not found" };

interface World {
  readonly line: Line;
  /** What the server says to `full@`; undefined: it takes its mail. */
  readonly mailbox: { says: { readonly code: number; readonly text: string } | undefined };
}

const world = async (t: TestContext, says: typeof FULL, env: Readonly<Record<string, string>> = {}): Promise<World> => {
  const mailbox: World["mailbox"] = { says };
  const line = await startLine(t, {
    partitions: PARTITIONS,
    env: { MAIL_TO: "ok@example.com,full@example.com", ...env },
    smtp: { onRcpt: (address) => (address.startsWith("full") ? mailbox.says : undefined) },
  });
  return { line, mailbox };
};

/** One alert of each device in each window, critical in the last. */
const alerts = (windows = WINDOWS): readonly AlertInput[] =>
  Array.from({ length: windows }, (_, window) => window).flatMap((window) =>
    DEVICES.map((device) => ({
      device,
      at: pastWindow(BEFORE - 2 * window),
      fields: { severity: window === windows - 1 ? "critical" : "warning" },
    })),
  );

/** The alerts that a recipient was told of, by device, in the order of its mails. */
const toldOf = async (line: Line, reader: string): Promise<Record<string, readonly number[]>> => {
  const mails = await line.mails();
  return Object.fromEntries(
    DEVICES.map((device) => [
      device,
      mails.flatMap((mail) => (mail.device === device && mail.to.includes(`${reader}@example.com`) ? mail.alerts : [])),
    ]),
  );
};

const all = (line: Line): Record<string, readonly number[]> =>
  Object.fromEntries(
    DEVICES.map((device) => [
      device,
      line.produced.filter((alert) => alert.device === device).map(({ ordinal }) => ordinal),
    ]),
  );

const countOf = (told: Record<string, readonly number[]>): number => Object.values(told).flat().length;

const hasEverything = async (line: Line, reader: string): Promise<void> => {
  let seen: unknown;
  await eventually(
    `${reader}@ has been told of everything`,
    async () => {
      const told = await toldOf(line, reader);
      seen = told;
      return countOf(told) >= line.produced.length;
    },
    { seen: () => seen },
  );
  assert.deepEqual(await toldOf(line, reader), all(line));
};

const waiting = async (product: Product): Promise<number | undefined> =>
  (await product.metrics()).value("recipients_waiting");

const assertOthersGoOn = async ({ line, mailbox }: World): Promise<Product> => {
  await line.produce(alerts());
  const product = await line.start();
  await hasEverything(line, "ok");
  assert.equal(countOf(await toldOf(line, "full")), 0);
  assert.equal(await waiting(product), 1);
  mailbox.says = undefined;
  await hasEverything(line, "full");
  await line.allCommitted();
  await hasEverything(line, "ok");
  await eventually("nobody waits any more", async () => (await waiting(product)) === 0);
  return product;
};

describe("a recipient that the mail server defers", { concurrency: 2 }, () => {
  test("a full mailbox delays no other recipient, critical or not; it gets everything once, in order, when it takes mail", async (t) => {
    const product = await assertOthersGoOn(await world(t, FULL));
    const lines = product.logs.map((line) => JSON.stringify(line)).join("\n");
    assert.match(lines, /"recipient":"f\*\*\*@example\.com".*mailbox full.*its mails wait for it alone/);
    assert.match(lines, /the server takes mail for the recipient again/);
    assert.equal((await product.metrics()).value("mails_total", { outcome: "dead_lettered" }), 0);
  });

  test("a typo in one address, `450 Domain not found`, delays nobody else", async (t) => {
    await assertOthersGoOn(await world(t, TYPO));
  });

  test("with a message of its own, by a route in another language, it delays nobody either", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "waiting-"));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, "routes.yaml");
    await writeFile(
      path,
      "version: 1\nroutes:\n  - { to: ok@example.com, continue: true }\n  - { to: full@example.com, locale: ko }\n",
    );
    await assertOthersGoOn(await world(t, FULL, { ROUTES_FILE: path }));
  });

  test("the page tells who waits, masked, since when, and what the server said", async (t) => {
    const { line } = await world(t, FULL);
    await line.produce(alerts(2));
    const product = await line.start();
    await hasEverything(line, "ok");
    const status = (await (await get(`${product.url}/api/status`)).json()) as {
      instances: { waitingRecipients: { first: Record<string, unknown>[]; count: number } }[];
    };
    const { first = [], count } = status.instances[0]?.waitingRecipients ?? {};
    assert.equal(count, 1);
    const [one = {}] = first;
    assert.deepEqual(
      [one["recipient"], one["othersHaveIt"], one["reply"], Number.isNaN(Date.parse(String(one["since"])))],
      ["f***@example.com", true, "452 4.2.2 mailbox full", false],
    );
  });

  test("fleet mails: whoever is deferred delays no other reader, and gets each of them once, in order", async (t) => {
    const mailbox: World["mailbox"] = { says: FULL };
    const line = await startStorm(t, "  - { to: [ok@example.com, full@example.com] }\n", {
      env: { DIGEST_BY: "recipient" },
      smtp: { onRcpt: (address) => (address.startsWith("full") ? mailbox.says : undefined) },
    });
    await line.start();
    const idsTo = (reader: string): Promise<readonly string[]> =>
      Promise.all(mailsTo(line, reader).map(async (message) => (await message.header("Message-ID")) ?? ""));
    for (const round of [1, 2, 3]) {
      const before = mailsTo(line, "ok").length;
      await produceAtOnce(line, STORM);
      await eventually(`ok@ has the mails of window ${round}`, () => mailsTo(line, "ok").length > before);
    }
    assert.equal(mailsTo(line, "full").length, 0);
    mailbox.says = undefined;
    await line.allCommitted();
    assert.deepEqual(await idsTo("full"), await idsTo("ok"));
    assert.equal(new Set(await idsTo("full")).size, mailsTo(line, "full").length);
  });

  test("kill -9 and a rebalance while it waits: nobody gets a mail twice, and it misses nothing", async (t) => {
    const { line, mailbox } = await world(t, FULL);
    await line.produce(alerts());
    const first = await line.start();
    await hasEverything(line, "ok");
    // What a commit tells of is what a crash cannot repeat.
    await halvesKnown(line, line.produced.length);
    await first.kill();
    const second = await line.start();
    await line.produce(DEVICES.map((device) => ({ device, at: pastWindow(BEFORE - 2 * WINDOWS) })));
    await hasEverything(line, "ok");
    const third = await line.start();
    for (const product of [second, third])
      await eventually("each has its share", async () => {
        return (await product.metrics()).value("kafka_partitions_assigned") === PARTITIONS / 2;
      });
    assert.equal(countOf(await toldOf(line, "full")), 0);
    mailbox.says = undefined;
    await hasEverything(line, "full");
    await line.allCommitted();
    await hasEverything(line, "full");
    await hasEverything(line, "ok");
  });
});
