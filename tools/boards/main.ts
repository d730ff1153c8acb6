/** `npm run boards`: writes grafana/dashboards/*.json anew and deletes what is no board any more. */

import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { BOARDS_FOLDER, boards, boardText } from "./boards.js";

const built = boards();
for (const [file, board] of built) writeFileSync(new URL(file, BOARDS_FOLDER), boardText(board));
for (const file of readdirSync(BOARDS_FOLDER)) {
  if (file.endsWith(".json") && !built.has(file)) rmSync(new URL(file, BOARDS_FOLDER));
}
process.stdout.write(`${[...built.keys()].join(" ")}\n`);
