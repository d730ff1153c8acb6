/** What comes from outside and is too much of something: nothing is lost, and the word for it is clear. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { ReceivedDeadLetter } from "#test/support/dead-letter-reader.js";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";

const PEOPLE = Array.from({ length: 5_000 }, (_, index) => `p${index}@example.com`);
const isGone = (address: string): boolean => /^p\d*00@/.test(address);
const isFull = (address: string): boolean => /^p\d*50@/.test(address);

/** Who did not get the mail, as the dead letter's document says it. */
const recipientsOf = ({ value }: ReceivedDeadLetter): readonly string[] => {
  const { recipients } = JSON.parse(String(value)) as { readonly recipients: readonly { readonly address: string }[] };
  return recipients.map(({ address }) => address);
};

/** How many mails each address got. */
const countsOf = (line: Line): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { to } of line.smtp.messages)
    for (const address of to) counts.set(address, (counts.get(address) ?? 0) + 1);
  return counts;
};

const assertOnce = (line: Line, expected: readonly string[]): void => {
  const counts = countsOf(line);
  assert.deepEqual([...counts.keys()].toSorted(), expected.toSorted());
  assert.deepEqual([...new Set(counts.values())], [1]);
};

describe("bad input", { concurrency: 2 }, () => {
  test("an address list of 5,000, some unknown, some deferred: each has the mail once, or is in a dead letter", async (t) => {
    const line = await startLine(t, { env: { MAIL_TO: PEOPLE.join(",") } });
    const unknown = { code: 550, text: "5.1.1 User unknown" };
    line.smtp.behave({
      onRcpt: (address) => {
        if (isGone(address)) return unknown;
        return isFull(address) ? { code: 452, text: "4.2.2 mailbox full" } : undefined;
      },
    });
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    await line.start();
    const others = PEOPLE.filter((address) => !isGone(address) && !isFull(address));
    await eventually("everybody else has it", () => countsOf(line).size >= others.length, {
      seen: () => countsOf(line).size,
    });
    assertOnce(line, others);
    line.smtp.behave({ onRcpt: (address) => (isGone(address) ? unknown : undefined) });
    await line.allCommitted();
    // So many do not fit into a checkpoint: those who are waited for may be given up.
    const letters = await line.waitForDeadLetters(1);
    // Not by its header, which has room for sixty addresses.
    const given = (): readonly string[] => letters.flatMap(recipientsOf);
    const left = (): readonly string[] => {
      const known = new Set([...countsOf(line).keys(), ...given()]);
      return PEOPLE.filter((address) => !known.has(address));
    };
    await eventually("nobody is left", () => left().length === 0, { seen: left });
    assertOnce(
      line,
      PEOPLE.filter((address) => !given().includes(address)),
    );
    assert.ok(given().every((address) => isGone(address) || isFull(address)));
  });

  test("an address list of 5,000 in which nothing is an address is refused in words that fit on a screen", async (t) => {
    const line = await startLine(t, { env: { MAIL_TO: PEOPLE.join(",").replaceAll("@", " at ") } });
    const product = await line.launch();
    assert.equal((await product.exited()).code, 78);
    assert.match(product.stderr(), /MAIL_TO/);
    assert.ok(product.stderr().length < 4_000, `${product.stderr().length} characters`);
  });

  test("a server that never stops talking, or answers in 64 KB: mails wait, and leave once it talks sense", async (t) => {
    const line = await startLine(t, { env: { MAIL_TO: "ok@example.com,full@example.com" } });
    const endless = "220-welcome to the mail server\r\n".repeat(20_000);
    line.smtp.behave({ onConnect: () => ({ bytes: endless }) });
    await line.produce([
      { device: "freezer", at: pastWindow(3) },
      { device: "boiler", at: pastWindow(3) },
    ]);
    const product = await line.start();
    const said = `${"452-4.2.2 the mailbox of this user is full\r\n".repeat(1_500)}452 4.2.2 the end\r\n`;
    await eventually("it says what is wrong", () =>
      product.logs.some(({ msg, reason }) => /SMTP server unreachable/.test(String(msg)) && reason === "protocol"),
    );
    line.smtp.behave({
      onConnect: undefined,
      onRcpt: (address) => (address.startsWith("full") ? { bytes: said } : undefined),
    });
    await eventually("who can get it has it", () => countsOf(line).get("ok@example.com") === 2);
    await eventually("the page has the words, cut", async () => {
      const status = JSON.stringify(await (await get(`${product.url}/api/status`)).json());
      return status.includes("452-4.2.2 the mailbox") && status.length < 20_000;
    });
    line.smtp.behave({ onRcpt: undefined });
    await line.allCommitted();
    assert.deepEqual(Object.fromEntries(countsOf(line)), { "ok@example.com": 2, "full@example.com": 2 });
    assert.deepEqual(await line.deadLetters(), []);
    const longest = Math.max(...product.logs.map((entry) => JSON.stringify(entry).length));
    assert.ok(longest < 4_000, `a line of ${longest} characters`);
  });

  test("a CA file that is none is refused at the start, with its path and what is wrong, and no alert is touched", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, "ca.pem");
    await writeFile(path, "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n");
    const line = await startLine(t);
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    const wrong = await line.launch({ SMTP_TLS: "require", SMTP_CA_FILE: path });
    assert.equal((await wrong.exited()).code, 78);
    assert.ok(wrong.stderr().includes(`SMTP_CA_FILE: file "${path}": its certificate cannot be read`), wrong.stderr());
    await line.start();
    await line.allMailed();
    await line.assertBooks();
  });
});
