/** `alert-digest routes`: its words and its exit codes. That a shell gets the same is shown in `integration/routes-command`. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runHere } from "#test/support/command-line.js";
import type { CliResult } from "#test/support/run-cli.js";

const ROUTES = `version: 1
routes:
  - { name: archive, bcc: archive@x.test, match: { device: "b-*" }, continue: true }
  - match: { device: "b-*", atLeast: critical, labels: { site: "busan-*" } }
    to: [Kim <kim@x.test>]
    cc: boss@x.test
    locale: en
    timezone: UTC
    from: Boilers <b@x.test>
  - { to: late@x.test, match: { type: HEAT } }
`;

const command = async (t: TestContext, text = ROUTES) => {
  const folder = await mkdtemp(join(tmpdir(), "routes-command-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "r.yaml");
  await writeFile(file, text);
  const run = (line: string, env: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
    runHere(["routes", ...line.split(" ")], { ROUTES_FILE: file, MAIL_TO: "all@x.test", ...env });
  return { file, run };
};

test("each route says whether it matches and why, then everybody who is told", async (t) => {
  const { file, run } = await command(t);
  const both = await run("test --device b-7 --severity critical --label site=busan-2");
  assert.deepEqual(both, {
    code: 0,
    stderr: "",
    stdout: `device b-7, severity critical, site=busan-2

${file}: 3 routes
  1. archive, line 3: matched
       device b-7 is like b-*
       goes on (continue: true)
  2. line 4: matched
       device b-7 is like b-*
       severity critical is critical
       label site busan-2 is like busan-*
       ends here
  3. line 10: not tried: route 2 ended it

Told:
  ko, Asia/Seoul, from MAIL_FROM
    bcc  archive@x.test  (route 1)
  en, UTC, from Boilers <b@x.test>
    to   kim@x.test  (route 2)
    cc   boss@x.test  (route 2)
`,
  });
});

test("what no route matches goes to MAIL_TO; without it nobody is told, and the exit code says so", async (t) => {
  const { run } = await command(t);
  const rest = await run("test --device pump --type FAN", { MAIL_FROM: "Alerts <a@x.test>", MAIL_LOCALE: "en" });
  assert.equal(rest.code, 0);
  assert.match(rest.stdout, /1\. archive, line 3: not matched: device pump is not like b-\*$/m);
  assert.match(rest.stdout, /3\. line 10: not matched: type FAN is not like HEAT$/m);
  assert.match(
    rest.stdout,
    /Told, as no route matches:\n {2}en, Asia\/Seoul, from Alerts <a@x.test>\n {4}to {3}all@x\.test {2}\(MAIL_TO\)\n$/,
  );
  const nobody = await run("test --device pump", { MAIL_TO: "" });
  assert.equal(nobody.code, 1);
  assert.match(nobody.stdout, /3\. line 10: not matched: it has no type \(HEAT asked for\)/);
  assert.match(nobody.stdout, /Nobody would be told: no route matches and MAIL_TO is empty/);
});

test("without routes everything goes to MAIL_TO; a database is mentioned, not asked", async (t) => {
  const { run } = await command(t);
  const env = { ROUTES_FILE: "", RECIPIENTS_DATABASE_URL: "postgres://u:secret@nowhere.invalid/db" };
  const { code, stdout, stderr } = await run("test --device b-7", env);
  assert.equal(code, 0);
  assert.match(stdout, /no routes: ROUTES_FILE is not set/);
  assert.match(stdout, /recipients of the database come on top; it was not asked/);
  assert.doesNotMatch(stdout + stderr, /secret/);
});

test("readers of several routes are hidden from each other, unless MAIL_HIDE_RECIPIENTS says otherwise", async (t) => {
  const { run } = await command(t, "version: 1\nroutes:\n  - { to: a@x.test, continue: true }\n  - { to: b@x.test }\n");
  const hidden = (await run("test --device d")).stdout;
  assert.match(
    hidden,
    /, hidden from each other\n {4}bcc {2}a@x\.test {2}\(route 1\)\n {4}bcc {2}b@x\.test {2}\(route 2\)\n/,
  );
  const shown = (await run("test --device d", { MAIL_HIDE_RECIPIENTS: "false" })).stdout;
  assert.match(shown, / {4}to {3}a@x\.test {2}\(route 1\)\n {4}to {3}b@x\.test {2}\(route 2\)\n/);
  assert.doesNotMatch(shown, /hidden/);
});

test("--json says the same", async (t) => {
  const { file, run } = await command(t);
  const { code, stdout } = await run("test --device b-7 --json");
  assert.equal(code, 0);
  const { routes, messages, ...rest } = JSON.parse(stdout);
  assert.deepEqual(rest, {
    alert: { device: "b-7", severity: "warning", labels: {} },
    file,
    fallback: false,
    database: false,
  });
  assert.deepEqual(
    routes.map(({ outcome }: { outcome: string }) => outcome),
    ["matched", "not matched", "not matched"],
  );
  assert.deepEqual(messages, [
    {
      locale: "ko",
      timezone: "Asia/Seoul",
      links: [],
      recipients: [{ kind: "bcc", address: "archive@x.test", route: 1 }],
    },
  ]);
});

test("check and test name every mistake with its line", async (t) => {
  const good = await command(t);
  assert.deepEqual(await good.run("check"), { code: 0, stdout: `${good.file}: no errors; routes: 3\n`, stderr: "" });
  const { file, run } = await command(t, "version: 1\nroutes:\n  - { to: kim }\n  - { too: kim@x.test }\n");
  const expected = [
    `${file}:3:11: "kim" is not a mail address`,
    `${file}:4:7: unknown key "too"; the nearest known is to`,
  ];
  for (const result of [await run("check"), await run("test --device a")]) {
    assert.equal(result.code, 78);
    assert.equal(result.stdout, "");
    for (const one of expected) assert.ok(result.stderr.includes(`  ${one}\n    expected: `), result.stderr);
    assert.match(result.stderr, /example: {2}to: \[kim@example\.com/);
  }
});

test("a file that is not there is a mistake of the variable, or of the option that names it", async (t) => {
  const { run } = await command(t);
  const gone = await run("check --routes /nowhere/r.yaml");
  assert.equal(gone.code, 78);
  assert.match(gone.stderr, / {2}--routes: file "\/nowhere\/r\.yaml": it does not exist\n/);
  assert.match(gone.stderr, /example: {2}--routes \/etc\/alert-digest\/routes\.yaml\n/);
  const set = await run("check", { ROUTES_FILE: "/nowhere/r.yaml" });
  assert.match(set.stderr, / {2}ROUTES_FILE: file "\/nowhere\/r\.yaml": it does not exist\n/);
  assert.match(set.stderr, /example: {2}ROUTES_FILE=\/etc/);
  const unset = await run("check", { ROUTES_FILE: "" });
  assert.equal(unset.code, 78);
  assert.match(unset.stderr, /ROUTES_FILE: it is not set, and --routes is not given/);
});

test("wrong usage exits with 64 and the usage, --help with 0", async (t) => {
  const { run } = await command(t);
  const wrong = await run("test");
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /^alert-digest: routes test needs --device\nusage: alert-digest routes test /);
  const help = await run("test --help");
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--label KEY=VALUE/);
});
