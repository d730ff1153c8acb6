import assert from "node:assert/strict";
import { test } from "node:test";
import { type Addressees, addressedMails } from "#src/commands/preview/addressed.js";
import { readAlertLines } from "#src/commands/preview/alert-lines.js";
import { alertsByDevice, digestsOf } from "#src/commands/preview/contents.js";
import { createAlertCodec } from "#src/formats/codec.js";
import type { MailContent } from "#src/runtime/ports.js";
import { routesOf } from "../../routing/digests.js";

const ROUTES = `
  - { name: archive, bcc: archive@x.test, continue: true }
  - { match: { device: "boiler-*" }, to: kim@x.test, cc: lee@x.test, from: Heating <heating@x.test>, replyTo: kim@x.test }
  - { match: { device: "freezer-*", severity: critical }, to: [jan@x.test, kim@x.test], locale: en, timezone: Europe/Amsterdam }`;

const digests = (...alerts: readonly { readonly deviceId: string; readonly severity?: string }[]) => {
  const text = alerts.map((alert) => JSON.stringify({ message: "m", ...alert })).join("\n");
  const lines = readAlertLines(Buffer.from(text), createAlertCodec()).alerts;
  return digestsOf(alertsByDevice(lines, 0), { maxListed: 200 });
};

const addressees = (routes: string, parts: Partial<Addressees> = {}): Addressees => ({
  routes: routesOf(routes),
  everybody: [],
  defaults: { locale: "ko", timezone: "Asia/Seoul", from: { name: "Alerts", address: "alerts@x.test" }, links: [] },
  hiding: "never",
  database: false,
  ...parts,
});

const devicesOf = (content: MailContent): readonly string[] =>
  "devices" in content ? content.devices.map(({ digest }) => digest.deviceId) : [content.deviceId];

const BY_DEVICE = { by: "device", fleetListed: 3 } as const;
const BY_RECIPIENT = { by: "recipient", fleetListed: 3 } as const;

test("each look that a device's readers have is a mail of its own, and says who gets it by which route", () => {
  const mails = addressedMails(
    digests({ deviceId: "boiler-1" }, { deviceId: "freezer-1", severity: "critical" }),
    addressees(ROUTES),
    BY_DEVICE,
  );
  assert.deepEqual(
    mails.map(({ content, told }) => [...devicesOf(content), ...told]),
    [
      ["boiler-1", "Told:", "ko, Asia/Seoul, from Alerts <alerts@x.test>", "  bcc  archive@x.test  (route 1, archive)"],
      [
        "boiler-1",
        "Told:",
        "ko, Asia/Seoul, from Heating <heating@x.test>, replies to kim@x.test",
        "  to   kim@x.test  (route 2)",
        "  cc   lee@x.test  (route 2)",
      ],
      [
        "freezer-1",
        "Told:",
        "ko, Asia/Seoul, from Alerts <alerts@x.test>",
        "  bcc  archive@x.test  (route 1, archive)",
      ],
      [
        "freezer-1",
        "Told:",
        "en, Europe/Amsterdam, from Alerts <alerts@x.test>",
        "  to   jan@x.test  (route 3)",
        "  to   kim@x.test  (route 3)",
      ],
    ],
  );
  assert.deepEqual(mails.at(-1)?.addressing.look, { locale: "en", timezone: "Europe/Amsterdam" });
});

test("what no route matches goes to MAIL_TO, or to nobody: that is shown too", () => {
  const routes = "  - { match: { device: a }, to: a@x.test }";
  const [mail] = addressedMails(
    digests({ deviceId: "b" }),
    addressees(routes, { everybody: ["all@x.test"] }),
    BY_DEVICE,
  );
  assert.deepEqual(mail?.told, [
    "Told, as no route matches:",
    "ko, Asia/Seoul, from Alerts <alerts@x.test>",
    "  to   all@x.test  (MAIL_TO)",
  ]);
  for (const options of [BY_DEVICE, BY_RECIPIENT]) {
    const [nobody, ...more] = addressedMails(
      digests({ deviceId: "b" }),
      addressees(routes, { database: true }),
      options,
    );
    assert.deepEqual(more, []);
    assert.match(
      nobody?.told.join("\n") ?? "",
      /^Nobody would be told: .*no-recipient.*\nRECIPIENTS_DATABASE_URL is set/,
    );
  }
});

test("by recipient, those who get the same devices in the same look get one mail about them", () => {
  const some = digests(
    { deviceId: "boiler-1" },
    { deviceId: "boiler-2" },
    { deviceId: "freezer-1", severity: "critical" },
  );
  const mails = addressedMails(some, addressees(ROUTES), BY_RECIPIENT);
  assert.deepEqual(
    mails.map(({ content, addressing: { to, cc, bcc } }) => [devicesOf(content), to, cc, bcc]),
    [
      [["freezer-1", "boiler-1", "boiler-2"], [], [], ["archive@x.test"]],
      [["boiler-1", "boiler-2"], ["kim@x.test"], ["lee@x.test"], []],
      [["freezer-1"], ["jan@x.test", "kim@x.test"], [], []],
    ],
  );
});

test("who is told of one device by a route and of another by MAIL_TO is said so", () => {
  const routes = "  - { match: { device: a }, to: kim@x.test }";
  const [mail] = addressedMails(
    digests({ deviceId: "a" }, { deviceId: "b" }),
    addressees(routes, { everybody: ["kim@x.test"] }),
    BY_RECIPIENT,
  );
  assert.equal(mail?.told.at(-1), "  to   kim@x.test  (route 1; MAIL_TO)");
});

test("a mute that ends the search for those behind it is said, and no database is asked for them", () => {
  const routes = "  - { to: a@x.test, continue: true }\n  - { mute: true }";
  const [mail] = addressedMails(digests({ deviceId: "d" }), addressees(routes, { database: true }), BY_DEVICE);
  assert.deepEqual(mail?.told.slice(-2), ["  to   a@x.test  (route 1)", "Route 2 mutes it for everybody else."]);
});

test("those who do not see each other are told apart from copies", () => {
  const routes = "  - { to: a@x.test, continue: true }\n  - { to: b@x.test, bcc: c@x.test }";
  const told = (hiding: Addressees["hiding"]) =>
    addressedMails(digests({ deviceId: "d" }), addressees(routes, { hiding }), BY_DEVICE)[0]?.told.slice(1);
  assert.deepEqual(told("auto"), [
    "ko, Asia/Seoul, from Alerts <alerts@x.test>, hidden from each other",
    "  bcc  a@x.test  (route 1)",
    "  bcc  b@x.test  (route 2)",
    "  bcc  c@x.test  (route 2)",
  ]);
  assert.equal(told("never")?.[0], "ko, Asia/Seoul, from Alerts <alerts@x.test>");
});
