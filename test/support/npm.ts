import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** npm itself as a script, so that no shell stands between; undefined where this Node has none beside it. */
export const npmScript = (): string | undefined =>
  [process.env["npm_execpath"], resolve(process.execPath, "../../lib/node_modules/npm/bin/npm-cli.js")].find(
    (candidate) => candidate !== undefined && /\.c?js$/.test(candidate) && existsSync(candidate),
  );
