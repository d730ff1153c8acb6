/** `alert-digest routes` as it is typed: what a shell gets on stdout, on stderr and as exit code, without a broker anywhere. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { runCli } from "#test/support/run-cli.js";

const fileOf = async (t: TestContext, text: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "routes-command-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "r.yaml");
  await writeFile(file, text);
  return file;
};

describe("alert-digest routes", { concurrency: true }, () => {
  test("the answer is on stdout, and the exit code says whether anybody would be told", async (t) => {
    const file = await fileOf(t, 'version: 1\nroutes:\n  - { to: kim@x.test, match: { device: "b-*" } }\n');
    const told = await runCli(["routes", "test", "--device", "b-7"], { ROUTES_FILE: file });
    assert.deepEqual([told.code, told.stderr], [0, ""]);
    assert.match(
      told.stdout,
      /^device b-7, severity warning\n[\s\S]*\nTold:\n[\s\S]*\n {4}to {3}kim@x\.test {2}\(route 1\)\n$/,
    );
    const nobody = await runCli(["routes", "test", "--device", "pump"], { ROUTES_FILE: file });
    assert.deepEqual([nobody.code, nobody.stderr], [1, ""]);
    assert.match(nobody.stdout, /\nNobody would be told: no route matches and MAIL_TO is empty/);
  });

  test("a wrong file ends the check with 78 and each mistake, and the start with all that is wrong elsewhere", async (t) => {
    const file = await fileOf(t, "version: 1\nroutes:\n  - { to: kim }\n  - { too: kim@x.test }\n");
    const check = await runCli(["routes", "check"], { ROUTES_FILE: file });
    const start = await runCli(["run"], { ROUTES_FILE: file });
    for (const { code, stdout, stderr } of [check, start]) {
      assert.deepEqual([code, stdout], [78, ""]);
      assert.ok(stderr.includes(`  ${file}:3:11: "kim" is not a mail address\n    expected: `), stderr);
      assert.ok(stderr.includes(`  ${file}:4:7: unknown key "too"; the nearest known is to\n    expected: `), stderr);
      assert.match(stderr, /example: {2}to: \[kim@example\.com/);
    }
    assert.match(start.stderr, /KAFKA_BROKERS: it is required/);
    assert.doesNotMatch(check.stderr, /KAFKA_BROKERS/);
  });

  test("wrong usage exits with 64 and says so on stderr", async () => {
    const { code, stdout, stderr } = await runCli(["routes", "test"], {});
    assert.deepEqual([code, stdout], [64, ""]);
    assert.match(stderr, /^alert-digest: routes test needs --device\nusage: alert-digest routes test /);
  });
});
