/** The boards as files: `grafana/dashboards`, by name. */

import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { kafka } from "./kafka.js";
import { buildBoard } from "./kit/board.js";
import { mail } from "./mail.js";
import { overview } from "./overview.js";
import { runtime } from "./runtime.js";

const ROOT = new URL("../../", import.meta.url);
export const BOARDS_FOLDER = new URL("grafana/dashboards/", ROOT);

export const boards = (): ReadonlyMap<string, Dashboard> =>
  new Map([
    ["overview.json", buildBoard(overview)],
    ["kafka.json", buildBoard(kafka)],
    ["mail.json", buildBoard(mail)],
    ["runtime.json", buildBoard(runtime)],
  ]);

export const boardText = (board: Dashboard): string => `${JSON.stringify(board, null, 2)}\n`;
