/** Prometheus' own tool reads the rules, tells what is wrong with them, and plays test/prometheus/*.test.yml. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findPrometheusTools } from "#test/support/prometheus-tools.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const RULES = "grafana/prometheus/rules/";
const filesIn = (directory: string): string[] =>
  readdirSync(new URL(`../../${directory}`, import.meta.url))
    .filter((name) => name.endsWith(".yml"))
    .map((name) => directory + name);

/** Rejects with everything promtool says when it is not content. */
const promtool = async (...args: string[]): Promise<void> => {
  const { promtool: program } = await findPrometheusTools();
  await promisify(execFile)(program, args, { cwd: root }).catch((error: { stdout: string; stderr: string }) => {
    assert.fail(`promtool ${args.join(" ")}\n${error.stdout}${error.stderr}`);
  });
};

describe("promtool", { concurrency: 2 }, () => {
  test("the rules are lint-free", () =>
    promtool(
      "check",
      "rules",
      "--lint=all",
      "--lint-fatal",
      ...filesIn(RULES),
      ...filesIn("grafana/prometheus/rules-optional/"),
    ));

  test("the configuration, with the rules it names, is lint-free", () =>
    promtool("check", "config", "--lint=all", "--lint-fatal", "grafana/prometheus/prometheus.yml"));

  for (const file of filesIn("test/prometheus/")) {
    test(`${file}: every rule fires when it should and not when it should not`, () => promtool("test", "rules", file));
  }
});
