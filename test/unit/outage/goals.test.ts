import assert from "node:assert/strict";
import { test } from "node:test";
import { readMail } from "#test/outage/mail-server.js";
import { parseOptions } from "#test/outage/options.js";
import { missedGoals } from "#test/outage/outage.js";
import { deviceId } from "#test/outage/traffic.js";

const seen = (): Parameters<typeof missedGoals>[0] => ({
  account: {
    mails: 10,
    merged: 0,
    lost: 0,
    repeated: 0,
    unknown: 0,
    miscounted: 0,
    outOfOrder: 0,
    windowsOutOfOrder: 0,
    devices: 2,
  },
  peaks: { alerts: 510_000, bytes: 180e6, rss: 500e6, paused: { buffer: 12, checkpoint: 0, smtp: 12 }, resumed: 3 },
  limits: { alerts: 500_000, bytes: 256 * 2 ** 20 },
  last: {
    alerts: 0,
    bytes: 0,
    rss: 0,
    committed: 100,
    position: 100,
    paused: { buffer: 0, checkpoint: 0, smtp: 0 },
    circuitOpen: false,
    late: 0,
    deadLettered: 0,
    overflows: 0,
  },
  catchUp: "separate",
});

test("a limit may be passed by one fetch, not by two", () => {
  assert.deepEqual(missedGoals(seen()), []);
  const { peaks } = seen();
  assert.match(missedGoals({ ...seen(), peaks: { ...peaks, alerts: 533_000 } }).join(), /533000 alerts in memory/);
  assert.match(missedGoals({ ...seen(), peaks: { ...peaks, bytes: 280e6 } }).join(), /280000000 bytes/);
});

test("each goal can be missed", () => {
  const { account, last } = seen();
  for (const name of [
    "lost",
    "repeated",
    "unknown",
    "miscounted",
    "outOfOrder",
    "windowsOutOfOrder",
    "merged",
  ] as const)
    assert.equal(missedGoals({ ...seen(), account: { ...account, [name]: 1 } }).length, 1, name);
  for (const name of ["late", "deadLettered"] as const)
    assert.equal(missedGoals({ ...seen(), last: { ...last, [name]: 1 } }).length, 1, name);
});

test("a mail is read by its headers and its text part, not by its HTML", () => {
  const part = (type: string, text: string): string =>
    `--b\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(text).toString("base64")}\r\n`;
  const mail = [
    `X-Alert-Digest-Device: ${deviceId(17)}\r\n`,
    "X-Alert-Digest-Window: 2026-11-21T00:00:00.000Z/2026-11-21T00:00:30.000Z\r\n",
    "X-Alert-Digest-Count: 2\r\n\r\n",
    part("text/plain", "Critical: A00000019# hot\r\n1. A00000003# hot\r\n2. A00000019# hot"),
    part("text/html", "A00000003# A00000019# A00000020#"),
    "--b--\r\n.\r\n",
  ].join("");
  const windowStart = Date.parse("2026-11-21T00:00:00.000Z");
  assert.deepEqual(readMail(mail), {
    device: 17,
    windowStart,
    windowEnd: windowStart + 30_000,
    count: 2,
    serials: [3, 19],
  });
  assert.throws(() => readMail(mail.replace("Count", "Number")), /without X-Alert-Digest-Count/);
});

test("options have defaults, and wrong ones are said", () => {
  const parsed = parseOptions(["--minutes", "5", "--catch-up", "merge", "--real-time"]);
  assert.ok(parsed.kind === "run");
  const { minutes, rate, catchUps, realTime, bufferMaxAlerts } = parsed.options;
  assert.deepEqual([minutes, rate, catchUps, realTime, bufferMaxAlerts], [5, 1_000, ["merge"], true, undefined]);
  assert.equal(parseOptions([]).kind, "run");
  for (const wrong of [["--rate", "x"], ["--catch-up", "x"], ["--minutes", "1440", "--rate", "20000"], ["--x"]])
    assert.equal(parseOptions(wrong).kind, "wrong", wrong.join(" "));
});
