/** RECIPIENT_MAX_MAILS and DIGEST_BY: what many devices at once come to in the mailbox, in the offsets and after a crash. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { counted } from "#test/support/counted.js";
import { eventually } from "#test/support/eventually.js";
import type { AlertInput } from "#test/support/line.js";
import {
  alertsOf,
  checkpoints,
  DEVICES,
  halvesKnown,
  header,
  isToldOnce,
  mailsTo,
  OF_EACH,
  produceAtOnce,
  startStorm,
  WORST,
  windowBegun,
} from "#test/support/storm.js";

describe("fleet mails", { concurrency: 3 }, () => {
  test("kill -9 while a fleet mail is under way loses nothing", async (t) => {
    const line = await startStorm(t, "  - { to: all@example.com }\n");
    const first = await line.start();
    let underWay = 0;
    line.smtp.behave({
      onMessage: () => {
        underWay++;
        return "stall";
      },
    });
    const alerts = await produceAtOnce(line, DEVICES);
    await eventually("the fleet mail is under way", () => underWay > 0);
    await first.kill();
    await eventually("its connections are gone, so that nothing of them is accepted", () => {
      return line.smtp.concurrentConnections === 0;
    });
    line.smtp.behave({ onMessage: undefined });
    line.smtp.resume();
    await line.start();
    await line.allCommitted();
    await isToldOnce(line, "all", alerts);
    assert.ok(mailsTo(line, "all").length < DEVICES.length, "folded again");
  });

  test("twelve devices at once: one mail to who would get too many, single ones to who gets two; offsets wait for both", async (t) => {
    let release: () => void = () => undefined;
    const released = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    const line = await startStorm(
      t,
      `  - { to: all@example.com, continue: true }
  - { to: two@example.com, match: { device: [device-1, device-2] } }
`,
      { smtp: { onMessage: (_, { to }) => (to.includes("all@example.com") ? released : undefined) } },
    );
    const product = await line.start();
    const alerts = await produceAtOnce(line, DEVICES);

    await halvesKnown(line, 2 * OF_EACH);
    assert.equal(line.smtp.acceptedCount, 2, "the single mails do not wait for the fleet mail");
    for (const { offset } of await checkpoints(line)) assert.equal(offset, 0, "nobody was told of the other devices");
    release();
    await line.allCommitted();
    await isToldOnce(line, "all", alerts);
    await isToldOnce(
      line,
      "two",
      alerts.filter(({ device }) => ["device-1", "device-2"].includes(device)),
    );
    const singles = await Promise.all(mailsTo(line, "two").map((mail) => header(mail, "X-Alert-Digest-Device")));
    assert.deepEqual(singles.toSorted(), ["device-1", "device-2"]);

    const [fleet, ...others] = mailsTo(line, "all");
    assert.ok(fleet !== undefined && others.length === 0, "one mail");
    assert.deepEqual(fleet.to, ["all@example.com"]);
    assert.equal(await header(fleet, "Subject"), `[Alert] 12 devices - ${12 * OF_EACH} alerts`);
    assert.equal(await header(fleet, "X-Alert-Digest-Devices"), "12");
    assert.equal(await header(fleet, "X-Alert-Digest-Device"), "");
    const { text = "", html = "" } = await fleet.parsed();
    for (const body of [text, html]) assert.match(body, /your separate emails were combined into this one/);
    const listed = [...text.matchAll(/^(\d+)\. (device-\d+) - (\d+) alerts: (.*)$/gm)];
    assert.deepEqual(
      listed.map(([, number]) => Number(number)),
      DEVICES.map((_, i) => i + 1),
    );
    assert.deepEqual(listed.map(([, , device]) => device).toSorted(), [...DEVICES].sort());
    for (const [, , device, count] of listed) assert.equal(Number(count), OF_EACH, device);
    assert.deepEqual(listed[0]?.slice(2, 3), [`device-${WORST}`], "the worst device first");
    assert.match(listed[0]?.[4] ?? "", /critical 1, warning 3/);
    await counted(product, { fleet_mails_total: 1, fleet_windows_total: 12, mails_total: 3 });

    const later = await line.produce(alertsOf(["device-5", "device-6"], await windowBegun()));
    await isToldOnce(line, "all", [...alerts, ...later]);
    const last = await Promise.all(
      mailsTo(line, "all")
        .slice(1)
        .map((mail) => header(mail, "X-Alert-Digest-Device")),
    );
    assert.deepEqual(last.toSorted(), ["device-5", "device-6"]);
    await counted(product, { fleet_mails_total: 1, fleet_windows_total: 12, mails_total: 5 });
    await line.allCommitted();
    assert.equal(await product.stop(), 0);
  });

  test("a fleet mail that is refused for one reader is a dead letter of each device, whole; the other reader has it once", async (t) => {
    const line = await startStorm(t, "  - { to: [all@example.com, gone@example.com] }\n", {
      smtp: {
        onRcpt: (address) => (address.startsWith("gone") ? { code: 550, text: "5.1.1 no such user" } : undefined),
      },
    });
    const product = await line.start();
    const alerts = await produceAtOnce(line, DEVICES);
    const letters = await line.waitForDeadLetters(DEVICES.length);
    await line.allCommitted();
    await isToldOnce(line, "all", alerts);
    assert.equal(mailsTo(line, "all").length, 1);
    const messageId = await mailsTo(line, "all")[0]?.header("Message-ID");
    for (const { headers, value } of letters) {
      assert.equal(headers["reason"], "recipient-refused");
      assert.equal(headers["recipients"], "gone@example.com");
      assert.equal(headers["message-id"], messageId);
      assert.equal(JSON.parse(String(value)).alerts.length, OF_EACH, "with all alerts, not only those of a fleet mail");
    }
    assert.deepEqual(letters.map(({ key }) => String(key)).toSorted(), [...DEVICES].sort());
    await counted(product, { fleet_mails_total: 1, mails_total: 1, dead_letters_total: DEVICES.length });
  });

  test("SIGTERM while one reader of a fleet mail is greylisted: the next instance mails only that one", async (t) => {
    const greylist = { over: false };
    const line = await startStorm(t, "  - { to: [all@example.com, slow@example.com] }\n", {
      smtp: {
        onRcpt: (address) =>
          address.startsWith("slow") && !greylist.over ? { code: 450, text: "4.2.0 greylisted" } : undefined,
      },
    });
    const first = await line.start();
    const alerts = await produceAtOnce(line, DEVICES);
    await halvesKnown(line, DEVICES.length * OF_EACH);
    assert.equal(await first.stop(), 0);
    greylist.over = true;
    await line.start();
    await line.allCommitted();
    await isToldOnce(line, "all", alerts);
    await isToldOnce(line, "slow", alerts);
  });

  test("DIGEST_BY=recipient: one mail for each reader and window, also of two devices", async (t) => {
    const line = await startStorm(
      t,
      `  - { to: both@example.com, continue: true }
  - { to: one@example.com, match: { device: device-1 } }
`,
      { env: { RECIPIENT_MAX_MAILS: "0", DIGEST_BY: "recipient" } },
    );
    const product = await line.start();
    const alerts = await produceAtOnce(line, ["device-0", "device-1"]);
    await isToldOnce(line, "both", alerts);
    await isToldOnce(
      line,
      "one",
      alerts.filter(({ device }) => device === "device-1"),
    );
    const [fleet, ...others] = mailsTo(line, "both");
    assert.ok(fleet !== undefined && others.length === 0);
    assert.equal(await header(fleet, "Subject"), `[Alert] 2 devices - ${2 * OF_EACH} alerts`);
    assert.match((await fleet.parsed()).text ?? "", /You are set up to receive one email for all devices/);
    const [single] = mailsTo(line, "one");
    assert.equal(single && (await header(single, "X-Alert-Digest-Device")), "device-1");
    await counted(product, { fleet_mails_total: 1, fleet_windows_total: 2, mails_total: 2 });
    await line.allCommitted();
  });

  test("early mails of urgent alerts fold too, and so does what follows, without telling anything twice", async (t) => {
    const line = await startStorm(t, "  - { to: all@example.com }\n", {
      env: { RECIPIENT_MAX_MAILS: "1", URGENT_SEVERITY: "critical" },
    });
    const product = await line.start();
    const at = await windowBegun();
    const burst = (severity: string): readonly AlertInput[] =>
      ["a", "b", "c"].map((device) => ({ device, at, partition: 0, fields: { severity } }));
    const urgent = await line.produce(burst("critical"));
    await counted(product, { urgent_mails_total: 3, fleet_mails_total: 1, fleet_windows_total: 3 });
    const rest = await line.produce(burst("warning"));
    await line.allCommitted();
    await isToldOnce(line, "all", [...urgent, ...rest]);
    const [early, ...others] = mailsTo(line, "all");
    assert.ok(early !== undefined && others.length === 1);
    assert.equal(await header(early, "X-Alert-Digest-Devices"), "3");
    assert.match((await early.parsed()).text ?? "", /Sent before the window ended because of an urgent alert/);
    await counted(product, { urgent_mails_total: 3, fleet_mails_total: 2, fleet_windows_total: 6 });
  });
});
