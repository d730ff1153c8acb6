/** The npm package, packed and installed in a folder of its own: what a user gets runs, with nothing of this repository beside it. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { eventually } from "#test/support/eventually.js";
import { freePort } from "#test/support/free-ports.js";
import { get } from "#test/support/get.js";
import { startGuard } from "#test/support/guard.js";
import { startLine } from "#test/support/line.js";
import { npmScript } from "#test/support/npm.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const npm = npmScript();
const run = promisify(execFile);

/** Prints what it could not import, beside the program itself and what runs in a browser. */
const IMPORT_ALL = `
const { readdirSync } = await import("node:fs");
const files = readdirSync("dist", { recursive: true }).map((name) => name.replaceAll("\\\\", "/"));
const failed = [];
for (const file of files.filter((name) => /\\.js$/.test(name) && name !== "cli.js" && !name.startsWith("http/page/browser/")))
  await import("file://" + process.cwd() + "/dist/" + file).catch((error) => failed.push(file + ": " + error.message));
console.log(JSON.stringify(failed));
process.exit();
`;

describe("the installed package", { skip: npm === undefined }, () => {
  let folder: string;
  let program: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "alert-digest-installed-"));
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder, ...quiet];
    const { stdout } = await run(process.execPath, [npm ?? "", ...pack], { cwd: root });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    // An own package.json, or npm would look for one in the folders above.
    await writeFile(join(folder, "package.json"), "{}");
    const install = ["install", "--omit=dev", "--prefer-offline", ...quiet, join(folder, filename)];
    await run(process.execPath, [npm ?? "", ...install], { cwd: folder });
    program = join(folder, "node_modules", ".bin", "alert-digest");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** As a shell does: the program's first line finds Node on the path. */
  const environment = (env: Readonly<Record<string, string>>): Record<string, string> => ({
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
    ...env,
  });
  const output = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> =>
    (await run(program, [...args], { cwd: folder, env: environment(env) })).stdout;

  test("help, version and a preview need nothing more", async () => {
    assert.match(await output(["--help"]), /alert-digest run/);
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    assert.ok((await output(["version"])).includes(version));
    const shipped = join(folder, "node_modules", "alert-digest");
    const templates = {
      MAIL_SUBJECT_TEMPLATE: join(shipped, "templates", "steady-subject.eta"),
      MAIL_HTML_TEMPLATE: join(shipped, "templates", "branded.html.eta"),
    };
    const preview = await output(["preview", "--alerts", join(shipped, "examples", "alerts.jsonl")], templates);
    assert.match(preview, /^Subject: /m);
  });

  test("every module finds what it imports", async () => {
    const cwd = join(folder, "node_modules", "alert-digest");
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", IMPORT_ALL], { cwd });
    assert.deepEqual(JSON.parse(stdout), []);
    assert.ok((await readdir(join(cwd, "dist"))).length > 10);
  });

  test("check finds all well, and run sends a mail, shows its page and stops cleanly", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    const checked = await output(["check"], line.env);
    assert.match(checked, /^OK {5}mail server: /m);
    assert.doesNotMatch(checked, /^WRONG/m);

    const port = await freePort();
    const guard = await startGuard("installed");
    t.after(() => guard.close());
    const log = join(guard.directory, "log");
    const env = environment({ ...line.env, HTTP_PORT: String(port) });
    const child = await guard.start(program, ["run"], { env, cwd: folder, logFile: log });
    const ask = (path: string): Promise<Response> => get(`http://127.0.0.1:${port}${path}`);
    await eventually("it is ready", async () => (await ask("/readyz")).ok, { seen: () => child.exit() });
    await line.produce([{ device: "boiler" }]);
    await line.allMailed();
    await line.allCommitted();
    for (const path of ["/", "/page/style.css", "/page/main.js", "/metrics"]) assert.ok((await ask(path)).ok, path);
    child.signal("SIGTERM");
    assert.deepEqual(await child.exited(), { code: 0, signal: null }, await readFile(log, "utf8"));
    await line.assertBooks();
  });
});
