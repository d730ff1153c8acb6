/** A process loads what its configuration needs, and not the libraries of the rest: it starts quickly and stays small. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "#test/support/eventually.js";
import { startProduct } from "#test/support/product.js";

const HOOK = new URL("../../test/support/loaded-modules.mjs", import.meta.url).href;
const shipped = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const RUN = {
  KAFKA_BROKERS: "127.0.0.1:1",
  SMTP_URL: "smtp://127.0.0.1:1",
  MAIL_FROM: "alerts@example.com",
  MAIL_TO: "operators@example.com",
};

interface Loaded {
  readonly libraries: readonly string[];
  /** Files of the product, from its root. */
  readonly own: readonly string[];
}

/** What was loaded until `isReady`, or until the end. */
const loaded = async (
  t: TestContext,
  args: readonly string[],
  env: Record<string, string>,
  isReady?: (line: string) => boolean,
): Promise<Loaded> => {
  const folder = await mkdtemp(join(tmpdir(), "alert-digest-loading-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "modules");
  await writeFile(file, "");
  const product = await startProduct({ args, nodeFlags: ["--import", HOOK], env: { ...env, LOADED_MODULES: file } });
  t.after(() => product[Symbol.asyncDispose]());
  if (isReady === undefined) await product.exited();
  else
    await eventually("it is ready", async () => {
      assert.ok(product.running(), `${product.stderr()}${JSON.stringify(product.logs)}`);
      return product.logs.some(({ msg }) => isReady(String(msg)));
    });
  const urls = (await readFile(file, "utf8")).split("\n");
  const libraries = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  const own = urls.flatMap((url) => /\/dist\/(.*)/.exec(url)?.[1] ?? []).filter((url) => !url.includes("node_modules"));
  return { libraries: [...new Set(libraries)].sort(), own };
};

/** It is logged when everything is made, and before anybody is connected to. */
const listens = (line: string): boolean => line === "HTTP server listens";

/** Each is there for a setting. */
const ASKED_FOR = ["eta", "pg", "yaml", "zod"];
/** Each is there for batches that are compressed with it. */
const CODECS = ["fzstd", "lz4-napi", "snappyjs"];

describe("what a process loads", { concurrency: 2 }, () => {
  test("without routes, a recipients database, templates and a report none of their libraries is loaded", async (t) => {
    for (const more of [{}, { KAFKA_SENT_TOPIC: "alerts.sent" }]) {
      const { libraries, own } = await loaded(t, ["run"], { ...RUN, ...more }, listens);
      assert.ok(libraries.includes("nodemailer"), "what is loaded is seen");
      assert.deepEqual(
        own.filter((path) => /^commands\/(?!run\/)[^/]+\/(?!command\.js$)/.test(path)),
        [],
        "no command's own",
      );
      assert.deepEqual(
        libraries.filter((name) => [...ASKED_FOR, ...CODECS].includes(name)),
        [],
      );
    }
  });

  for (const [setting, env, wanted] of [
    ["routes", { ROUTES_FILE: shipped("examples/routes.yaml") }, ["yaml", "zod"]],
    ["a mapping", { MAPPING_FILE: shipped("examples/mappings/thingsboard.yaml") }, ["yaml"]],
    ["a recipients database", { RECIPIENTS_DATABASE_URL: "postgres://x:y@127.0.0.1:1/z" }, ["pg"]],
    ["templates", { MAIL_TEXT_TEMPLATE: shipped("templates/short.txt.eta") }, ["eta"]],
    ["a daily report", { KAFKA_SENT_TOPIC: "alerts.sent", REPORT_AT: "00:00" }, ["zod"]],
    ["the status of other instances", { KAFKA_STATUS_TOPIC: "alerts.status" }, ["zod"]],
  ] as const) {
    test(`with ${setting} those are, and no others`, async (t) => {
      const { libraries } = await loaded(t, ["run"], { ...RUN, ...env }, listens);
      assert.deepEqual(
        libraries.filter((name) => ASKED_FOR.includes(name)),
        wanted,
      );
    });
  }

  test("what needs no library loads none, also to say what is wrong with the configuration", async (t) => {
    for (const [args, env] of [
      [["--version"], {}],
      [["--help"], {}],
      [["run"], { MAIL_TO: "nobody" }],
    ] as const) {
      const { libraries, own } = await loaded(t, args, env);
      assert.deepEqual(libraries, [], args.join(" "));
      assert.ok(own.includes("cli.js") && !own.includes("app.js"), args.join(" "));
    }
  });

  test("the version is told without a table of options", async (t) => {
    const { own } = await loaded(t, ["--version"], {});
    const start = ["bounded-file.js", "cli.js", "commands/stop-signals.js"];
    assert.deepEqual(own.toSorted(), [...start, "commands/asked.js", "commands/command.js"].toSorted());
  });

  test("to check routes neither Kafka nor mail is loaded", async (t) => {
    const { libraries } = await loaded(t, ["routes", "check", "--routes", shipped("examples/routes.yaml")], {});
    assert.deepEqual(libraries, ["yaml", "zod"]);
  });

  test("a stop that comes while it is still loading is a clean one", async (t) => {
    const env = { ...RUN, LOADED_MODULES: "/dev/null", SIGTERM_AT: "/dist/app.js" };
    const product = await startProduct({ args: ["run"], nodeFlags: ["--import", HOOK], env });
    t.after(() => product[Symbol.asyncDispose]());
    // Where modules load without a pause the signal is heard after them: the stop is an ordinary one then.
    const { code, signal } = await product.exited();
    assert.deepEqual([code, signal], [0, null], product.stderr());
  });
});
