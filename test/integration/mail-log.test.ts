/** G7: the log alone answers "why did I get this mail, or not?", asked as `docs/logs.md` says: by device and time. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { pastWindow, startLine, WINDOW_MS } from "#test/support/line.js";
import type { LogLine, Product } from "#test/support/product.js";
import { routeForOthers } from "#test/support/route-for-others.js";
import type { SmtpAction } from "#test/support/smtp-server.js";

/** `select(.device == $device and .window[0] <= $at and $at < .window[1])` */
const told = (product: Product, device: string, at: number): LogLine[] =>
  product.logs.filter((line) => {
    const [start = "", end = ""] = (line["window"] ?? []) as readonly string[];
    return line["device"] === device && Date.parse(start) <= at && at < Date.parse(end);
  });

const FINAL = ["mail accepted", "mail accepted, not", "mail not delivered"];
const isFinal = ({ msg }: LogLine): boolean => FINAL.some((start) => String(msg).startsWith(start));

const answer = (product: Product, device: string, at: number): Promise<LogLine[]> =>
  eventually(
    `the log says what became of ${device}`,
    () => {
      const lines = told(product, device, at);
      return lines.some(isFinal) && lines;
    },
    { seen: () => product.logs.slice(-10) },
  );

const pick = (line: LogLine | undefined, ...names: string[]): unknown[] => names.map((name) => line?.[name]);

describe("why did I get this mail, or not", { concurrency: 3 }, () => {
  test("accepted, deferred and then accepted, accepted without an answer, refused, several windows in one, and the server was away", async (t) => {
    const env = { MAIL_TO: "kim@example.com", CATCH_UP_AFTER: "0ms", MAIL_MAX_ALERTS: "10" };
    const line = await startLine(t, { env, partitions: 1 });
    await line.smtp.stop();
    const at = pastWindow(8);
    const devices = ["plain", "slow", "twice", "never"];
    await line.produce(devices.map((device) => ({ device, at })));
    for (const window of [0, 1, 2]) {
      const alerts = Array.from({ length: 100 }, (_, i) => ({ device: "storm", at: at + window * WINDOW_MS + i }));
      await line.produce(alerts);
    }
    const product = await line.start();
    await eventually("it says that the server is away", () =>
      product.logs.some(
        ({ msg, reason }) => /^SMTP server unreachable/.test(String(msg)) && reason === "connection-refused",
      ),
    );
    await eventually("every window is closed", async () => (await product.metrics()).value("windows_pending") === 7);
    const tries = new Map<string, number>();
    line.smtp.behave({
      onMessage: (message): SmtpAction => {
        const device = /^X-Alert-Digest-Device: (\w+)/m.exec(message.raw.toString("latin1"))?.[1] ?? "";
        tries.set(device, (tries.get(device) ?? 0) + 1);
        if (device === "never") return { code: 554, text: "5.7.1 no alerts for <Kim@example.com>" };
        if (tries.get(device) === 1 && device === "slow") return { code: 451, text: "4.2.0 greylisted" };
        return tries.get(device) === 1 && device === "twice" ? "record-and-drop" : undefined;
      },
    });
    await line.smtp.start();

    const [plain] = await answer(product, "plain", at);
    const facts = (await line.mails()).find(({ device }) => device === "plain");
    assert.deepEqual(
      pick(plain, "msg", "outcome", "recipients", "messageId", "topic", "partition", "offsets", "alerts"),
      [
        "mail accepted",
        "accepted",
        ["k***@example.com"],
        facts?.messageId,
        line.topic,
        0,
        [facts?.firstOffset, facts?.lastOffset],
        1,
      ],
    );
    assert.match(String(plain?.["reply"]), /^250/);
    assert.ok(Number(plain?.["serverUnreachableMs"]) > 0, "the server was away while it waited");
    assert.ok(Number(plain?.["latencyMs"]) < Number(plain?.["sinceWindowEndMs"]));

    const [first, last, ...more] = await answer(product, "slow", at);
    assert.deepEqual(more, []);
    assert.deepEqual(pick(first, "outcome", "reason", "code", "reply", "pending"), [
      "deferred",
      "message-deferred",
      451,
      "451 4.2.0 greylisted",
      ["k***@example.com"],
    ]);
    assert.equal(last?.["outcome"], "accepted");

    const twice = await answer(product, "twice", at);
    assert.deepEqual(
      twice.map((each) => pick(each, "outcome", "reason")),
      [
        ["ambiguous", "connection-lost"],
        ["accepted", undefined],
      ],
    );
    assert.equal(twice[0]?.["messageId"], twice[1]?.["messageId"], "whoever has two can tell that they are one");

    const never = (await answer(product, "never", at)).at(-1);
    const reply = "554 5.7.1 no alerts for <K***@example.com>";
    assert.deepEqual(pick(never, "outcome", "stage", "reason", "detail", "recipients"), [
      "dead_lettered",
      "smtp",
      "message-refused",
      reply,
      [],
    ]);

    // The first one was on its way already; those that waited behind it left together.
    for (const [window, expected] of [
      [1, 100, [4, 103]],
      [2, 200, [104, 303]],
      [2, 200, [104, 303]],
    ].entries()) {
      const lines = await answer(product, "storm", at + window * WINDOW_MS + 50);
      assert.deepEqual(
        lines.map((each) => pick(each, "outcome", "windows", "alerts", "offsets")),
        [["accepted", ...expected]],
      );
    }
    await line.allCommitted();
    assert.deepEqual(told(product, "plain", at + WINDOW_MS), [], "no alert, no mail, no line");
    assert.equal(product.logs.filter(({ msg }) => /^SMTP server reachable again/.test(String(msg))).length, 1);
    assert.equal(product.logs.filter(isFinal).length, devices.length + 2, "one line for each mail, none for an alert");
    assert.doesNotMatch(JSON.stringify(product.logs), /kim@/i);
  });

  test("one recipient has it, the other was refused: the line says which, in full where that is asked for", async (t) => {
    const env = { MAIL_TO: "kim@example.com,lee@example.com", LOG_RECIPIENTS: "full" };
    const onRcpt = (address: string): SmtpAction =>
      address.startsWith("lee") ? { code: 550, text: `5.1.1 <${address}> unknown` } : undefined;
    const line = await startLine(t, { env, smtp: { onRcpt } });
    const at = pastWindow(3);
    await line.produce([{ device: "half", at }]);
    const product = await line.start();
    const [half] = await answer(product, "half", at);
    assert.deepEqual(pick(half, "msg", "outcome", "recipients"), [
      "mail accepted, not for everybody; the rest is a dead letter",
      "accepted",
      ["kim@example.com"],
    ]);
    const [failed] = (half?.["failed"] ?? []) as readonly LogLine[];
    assert.deepEqual(pick(failed, "recipient", "phase", "reason", "code", "reply"), [
      "lee@example.com",
      "rcpt",
      "recipient-refused",
      550,
      "550 5.1.1 <lee@example.com> unknown",
    ]);
  });

  test("nobody is to get it: the line says so, also in a log for people", async (t) => {
    const line = await startLine(t, { env: { ...(await routeForOthers(t)), LOG_FORMAT: "pretty" } });
    const at = pastWindow(3);
    await line.produce([{ device: "nobody's", at }]);
    const product = await line.start();
    const text = await eventually("the log says what became of it", () =>
      product.logs.map(({ unparsed }) => String(unparsed)).find((each) => each.includes("mail not delivered")),
    );
    assert.match(
      text,
      /^\S+Z WARN {2}mail not delivered; it becomes a dead letter {2}outcome=dead_lettered {2}device=nobody's /,
    );
    assert.match(
      text,
      / {2}stage=route {2}reason=no-recipient {2}detail="no recipient: no route matches and MAIL_TO is empty"/,
    );
  });
});
