/** The ready mappings: each with records of its producer, and the mails that they become. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { execute } from "#src/commands/preview/main.js";

const EXAMPLES = new URL("../../../../examples/mappings/", import.meta.url);
const names = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => name.replace(/\.yaml$/, ""));

const previewed = async (name: string): Promise<{ readonly code: number; readonly shown: string }> => {
  const out = mkdtempSync(join(tmpdir(), "alert-digest-mapping-"));
  const said: string[] = [];
  try {
    const path = (ending: string): string => fileURLToPath(new URL(`${name}.${ending}`, EXAMPLES));
    const env = {
      MAIL_LOCALE: "en",
      MAIL_TIMEZONE: "UTC",
      ...(name === "cloudevents" && { RECORD_ENVELOPE: "cloudevents" }),
    };
    const command = { alerts: undefined, records: path("jsonl"), mapping: path("yaml"), out, open: false };
    const code = await execute(
      { ...command, locale: undefined, timezone: undefined },
      {
        env,
        readFile: (file) => readFileSync(file, "utf8"),
        build: { version: "0", revision: "0" },
        out: (text) => said.push(String(text)),
        error: (line) => said.push(`${line}\n`),
        complain: (text) => said.push(text),
      },
    );
    return { code, shown: said.join("").replaceAll(`${out}/`, "") };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};

for (const name of names)
  test(`${name}: its records become the mails that its page shows (UPDATE_GOLDEN=1 writes them)`, async () => {
    const golden = new URL(`${name}.txt`, EXAMPLES);
    const { code, shown } = await previewed(name);
    assert.equal(code, 0, shown);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, shown);
    assert.equal(shown, readFileSync(golden, "utf8"));
  });

test("each ready mapping is on the list, with who reads it", () => {
  const list = readFileSync(new URL("README.md", EXAMPLES), "utf8");
  for (const name of names) {
    const text = readFileSync(new URL(`${name}.yaml`, EXAMPLES), "utf8");
    const by = /^(each|lines):/m.test(text) ? "translate" : "run";
    assert.match(list, new RegExp(`^\\| \\[${name}\\]\\(${name}\\.yaml\\) \\|.*\\| \`${by}\` \\|$`, "m"));
  }
});
