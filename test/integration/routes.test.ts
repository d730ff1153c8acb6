/** `ROUTES_FILE` from the record to the mailbox: who gets what, in which language, and what a change of the file does while mails leave. */

import assert from "node:assert/strict";
import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import PostalMime from "postal-mime";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import type { ReceivedMessage } from "#test/support/smtp-server.js";

/** A file that is a link to another, replaced at once: as Kubernetes changes a mounted ConfigMap. */
const routesFile = async (t: TestContext, text: string) => {
  const folder = await mkdtemp(join(tmpdir(), "routes-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "routes.yaml");
  let version = 0;
  const write = async (content: string): Promise<void> => {
    const [target, link] = [join(folder, `v${++version}.yaml`), join(folder, "next")];
    await writeFile(target, content);
    await symlink(target, link);
    await rename(link, path);
  };
  await write(text);
  return { path, write };
};

const header = async (message: ReceivedMessage, name: string): Promise<string> => (await message.header(name)) ?? "";

/** Mails about the device, once there are that many. */
const mailsOf = (line: Line, device: string, count: number): Promise<readonly ReceivedMessage[]> =>
  eventually(`${count} mails about ${device}`, async () => {
    const devices = await Promise.all(line.smtp.messages.map((message) => header(message, "X-Alert-Digest-Device")));
    const found = line.smtp.messages.filter((_, index) => devices[index] === device);
    return found.length >= count && found;
  });

const reloads = (product: Product, outcome: string, count: number): Promise<unknown> =>
  eventually(
    `${count} changes of the routes: ${outcome}`,
    async () => (await product.metrics()).value("routes_reloads_total", { outcome }) === count,
    { seen: () => product.logs.slice(-5) },
  );

describe("routes", { concurrency: 2 }, () => {
  test("two devices go to different people in their languages; copies arrive, hidden ones are in no header", async (t) => {
    const { path } = await routesFile(
      t,
      `version: 1
routes:
  - match: { device: "boiler-*", atLeast: critical, labels: { site: "busan-*" } }
    to: [Kim <kim@example.com>, lee@example.com]
    cc: boss@example.com
    bcc: archive@example.com
    locale: ko
    links: "Runbook={labels.runbook};Site=https://sites.example.com/{labels.site}"
    from: Boilers <boilers@example.com>
  - match: { device: freezer-1 }
    to: nl@example.com
    bcc: [archive@example.com, nl@example.com]
  - { match: { device: pump }, name: pumps, to: one@example.com, continue: true }
  - { match: { device: pump }, to: two@example.com }
`,
    );
    const dashboard = "Dashboard=https://grafana.example.com/d/x?var-device={deviceId}";
    const line = await startLine(t, { env: { ROUTES_FILE: path, MAIL_LINKS: dashboard } });
    const at = pastWindow(3);
    const labels = { site: "busan-2", runbook: "https://wiki.example.com/boilers" };
    const critical = { severity: "critical", labels };
    await line.produce([
      { device: "boiler-7", at, fields: { severity: "info" } },
      { device: "boiler-7", at, fields: critical },
      { device: "boiler-8", at, fields: { ...critical, labels: { site: "seoul" } } },
      { device: "freezer-1", at },
      { device: "pump", at },
    ]);
    await line.start();

    const [boiler] = await mailsOf(line, "boiler-7", 1);
    assert.ok(boiler);
    assert.deepEqual(
      [...boiler.to].sort(),
      ["archive", "boss", "kim", "lee"].map((name) => `${name}@example.com`),
    );
    assert.match(await header(boiler, "Subject"), /^\[알림\]/);
    assert.match(await header(boiler, "From"), /^"?Boilers"? <boilers@example\.com>$/);
    const [to, cc] = [await header(boiler, "To"), await header(boiler, "Cc")];
    assert.match(to, /kim@example\.com.*lee@example\.com/s);
    assert.match(cc, /boss@example\.com/);
    assert.doesNotMatch(boiler.raw.toString("latin1"), /archive@example\.com/);

    const links = async (message: ReceivedMessage): Promise<readonly (string | undefined)[]> =>
      [...((await PostalMime.parse(message.raw)).html ?? "").matchAll(/<a href="([^"]*)"/g)].map(([, url]) => url);
    // The first alert has no labels, so they are the second one's own.
    assert.deepEqual(await links(boiler), ["https://wiki.example.com/boilers", "https://sites.example.com/busan-2"]);

    const [freezer] = await mailsOf(line, "freezer-1", 1);
    assert.deepEqual([...(freezer?.to ?? [])].sort(), ["archive@example.com", "nl@example.com"]);
    assert.match(freezer ? await header(freezer, "Subject") : "", /^\[Alert\]/);
    assert.deepEqual(freezer && (await links(freezer)), ["https://grafana.example.com/d/x?var-device=freezer-1"]);
    assert.match(freezer ? await header(freezer, "From") : "", /alerts@example\.com/);

    const [pump] = await mailsOf(line, "pump", 1);
    assert.deepEqual([...(pump?.to ?? [])].sort(), ["one@example.com", "two@example.com"]);
    assert.doesNotMatch(
      pump?.raw.toString("latin1") ?? "",
      /^(to|cc|bcc):.*(one|two)@/im,
      "they do not see each other",
    );
    const { text = "" } = await PostalMime.parse(pump?.raw ?? "");
    // Each of the two has it by another route: neither reads of the other's.
    assert.match(text, /^Why you get this: a route, .* \(not the same for all who get this\)$/m);
    assert.doesNotMatch(text, /pumps/);

    const [other] = await mailsOf(line, "boiler-8", 1);
    assert.deepEqual(other?.to, ["operators@example.com"], "no route matches: MAIL_TO");
    await line.allMailed();
    await line.assertBooks();
    await line.allCommitted();
  });

  test("a changed file counts without a restart; a broken one changes nothing and says so; nobody left is a dead letter", async (t) => {
    const { path, write } = await routesFile(t, "version: 1\nroutes: [{ to: first@example.com }]\n");
    const line = await startLine(t, { env: { ROUTES_FILE: path, MAIL_TO: "" } });
    const product = await line.start();
    const alert = (device: string) => line.produce([{ device, at: pastWindow(3) }]);
    const recipients = async (device: string) => (await mailsOf(line, device, 1))[0]?.to;

    await alert("a");
    assert.deepEqual(await recipients("a"), ["first@example.com"]);

    await write("version: 1\nroutes: [{ to: second@example.com }]\n");
    await reloads(product, "reloaded", 1);
    await alert("b");
    assert.deepEqual(await recipients("b"), ["second@example.com"]);

    await write("version: 1\nroutes:\n  - { to: third@example.com, local: en }\n");
    await reloads(product, "failed", 1);
    assert.equal((await product.metrics()).value("routes_stale"), 1);
    await alert("c");
    assert.deepEqual(await recipients("c"), ["second@example.com"]);
    const said = product.logs.filter(({ msg }) => /routes are not usable/.test(String(msg)));
    assert.equal(said.length, 1, "once, not at every look");
    assert.match(String(said[0]?.["errors"]), /routes\.yaml:3:30: unknown key "local"; the nearest known is locale/);

    await write("version: 1\nroutes: [{ to: third@example.com, match: { device: x } }]\n");
    await reloads(product, "reloaded", 2);
    assert.equal((await product.metrics()).value("routes_stale"), 0);
    const [produced] = await alert("d");
    const [letter] = await line.waitForDeadLetters(1);
    assert.equal(letter?.headers["reason"], "no-recipient");
    await line.allCommitted();
    await line.assertBooks(new Set([produced?.ordinal ?? -1]));
    assert.equal(await product.stop(), 0);
  });
});
