/** The boards as files: `grafana/dashboards`, by name. */

import { readdirSync, readFileSync } from "node:fs";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { parse } from "yaml";
import { kafka } from "./kafka.js";
import { buildBoard } from "./kit/board.js";
import { mail } from "./mail.js";
import { overview } from "./overview.js";
import { runtime } from "./runtime.js";

const ROOT = new URL("../../", import.meta.url);
export const BOARDS_FOLDER = new URL("grafana/dashboards/", ROOT);
const RULES_FOLDER = new URL("grafana/prometheus/", ROOT);

interface RuleFile {
  readonly groups?: readonly { readonly rules: readonly { readonly alert?: string }[] }[];
}

/** Rule files, by path relative to `grafana/prometheus`. */
export const ruleFiles = (): ReadonlyMap<string, RuleFile> => {
  const files = readdirSync(RULES_FOLDER, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.ya?ml$/.test(file),
  );
  const parsed = files.sort().map((file) => {
    const content: RuleFile = parse(readFileSync(new URL(file, RULES_FOLDER), "utf8"));
    return [file, content] as const;
  });
  return new Map(parsed.filter(([, { groups }]) => groups !== undefined));
};

/** Names of all alerts, sorted. */
export const alertNames = (): readonly string[] => {
  const rules = [...ruleFiles().values()].flatMap(({ groups = [] }) => groups).flatMap((group) => group.rules);
  return [...new Set(rules.flatMap(({ alert }) => alert ?? []))].sort();
};

export const boards = (): ReadonlyMap<string, Dashboard> => {
  const names = alertNames();
  return new Map([
    ["overview.json", buildBoard(overview(names))],
    ["kafka.json", buildBoard(kafka(names))],
    ["mail.json", buildBoard(mail(names))],
    ["runtime.json", buildBoard(runtime(names))],
  ]);
};

export const boardText = (board: Dashboard): string => `${JSON.stringify(board, null, 2)}\n`;
